"""Ways of putting objects on a table; each takes things and a space, and fills a tally.

The order matters and is fixed by `scene_types.tabletop`: thin plates first, then what stands
(upright, grid), then what is dropped, each with the earlier ones fixed.
"""
