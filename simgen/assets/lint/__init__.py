"""`simgen assets lint`: what is wrong, or odd, in a folder of meshes, before it costs a run.

Purpose: findings with a cure for every mesh of a folder: files that cannot be used, geometry
(`geometry`), looks (`looks`), and what only the folder as a whole shows: sizes, names, licences
(`library`). In scope: `--fix` of what is safe (`fixing`), as notes beside the meshes. Out of
scope: judging taste; rewriting anybody's files.

Levels: an `error` keeps the mesh from being used; a `warning` makes pictures, labels or physics
wrong or costly; a `note` is worth knowing.
"""
