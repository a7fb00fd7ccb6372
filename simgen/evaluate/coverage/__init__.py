"""Coverage: whether a dataset holds what its scene file asked for.

Purpose: the distribution of every setting of the scene file, defaults of plugins and branches of
choices included, beside the values that the records hold after all rejection; and how often
something was drawn again or given up. In scope: what is asked for (`wanted`, `laws`), what came
out (`found`), tests and bins (`judging`), rates, class shares and edge cases (`rates`). Out of
scope: the page (report), drawing anything: every number is read from records.

How values find their setting: worlds and frames keep a ledger of what each distribution gave, by
the name of its random stream (`objects.parts.3.scale`, `randomizers.lamps.light0.area_w`). Names
follow the settings' own paths; what a plugin puts in front (`light0`) is stepped over. Settings
below a choice are judged among the draws that took this branch, those of a material by attribute
among the objects that have the attribute.
"""
