"""Families of procedural objects, one asset source a file.

Every object stands on z = 0 or is centred on its origin, as its docstring says, in metres, closed,
with UVs in [0, 1] or in metres, and brings convex pieces where its hull would close a hollow.
"""
