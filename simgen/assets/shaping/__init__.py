"""Geometry that families of objects share: turned, drawn along a path, cut, extruded.

A `patch.Patch` is a piece of surface with everything a mesh needs, in float64. `profile` draws
outlines, `lathe` turns them about z, `sweep` draws a section along a path, `thread` winds a
screw's surface, `cut` unites, cuts and extrudes solids (manifold3d), `convex` gives convex pieces
for physics. Slots are numbers here; the families name them.
"""
