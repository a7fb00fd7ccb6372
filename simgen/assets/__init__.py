"""Recipes and files become arrays: meshes, materials, textures, environments.

Purpose: everything that an engine, the physics and the labels need to know about an object,
realised once, the same for every engine. In scope: reading and normalising mesh files
(`meshes`), procedural objects (`box`, `die`, `card`), baking texture recipes (`patterns`),
environments as equirectangular radiance, convex hulls and pieces, licences, caches. Out of
scope: drawing numbers (Params arrive drawn; a texture's recipe brings its own seed), poses
(`sampling`), shading (`render`).

The way through the room: `library.AssetLibrary` asks a plugin (`meshes`, `box`, `die`,
`card`) for an `Asset`, names it by a content digest (`digest`), and keeps it (`cache`).
Mesh files go `mesh_reader` (bytes to `MeshPart`s) -> `mesh_checks` (refuse or clean) ->
`fitting` (unit, up-axis, size, origin) -> `normals` -> `records.asset.Mesh`.

A file is only ever read through `folder.AssetFolder`, which refuses names that lead out: what
a mesh or MTL file names must lie below the mesh's own folder, without `..` or absolute paths.
Links: a file of a folder may be a link to anywhere (DVC, git-annex and Bazel folders consist of
links; who put it there chose what it shows). A folder on the way may not be a link that leads
out, and links that lead nowhere are faults, not left out.

What was changed in a file (zero-area faces removed) or looks odd (a 300 m mug) is a note:
`Asset.notes`, and of everything that a library has built so far `AssetLibrary.notes`.
"""
