"""The laws of each kind of plugin, checked by using it: draw, build, render, label, compare.

Purpose: one suite a kind, named in `plugin.kinds`; a suite gives laws, and
`simgen.plugin.conformance` gives them to `simgen plugins test` and to authors' pytest.

Why this room is not inside `plugin/`, as the house first had it: a law about scene types needs the
sampler, one about renderers needs the ray caster. `plugin` stands to the right of all of those
and may import none of them; this room stands to their left and imports what it likes. Nothing
imports it: it is found by name when somebody asks for laws.

Out of scope: whether a plugin is useful, or its pictures beautiful.
"""
