"""What lies on disk: layout, frame records, atomic commits, COCO, reading back.

Purpose: turn rendered frames and their labels into files that survive crashes, and read them
again. In scope: paths, encodings, commits, the COCO index, point clouds as PLY. Out of scope:
computing a label (annotate), deciding what to render or whether OUT fits (pipeline).

Encodings:
- `images`: 8-bit sRGB PNG.
- `depth`: 16-bit PNG, planar z (fisheye: distance) in the manifest's metres per step,
  0 = no surface.
- `instances`: 16-bit PNG, 0 = background.
- `normals`: 16-bit RGB PNG, camera frame; v = 1 + round((n + 1) * 32767) for n in [-1, 1], so
  0 stays free for "no surface" and the step (3e-5) is finer than float normals are accurate.
  PNG rather than NPZ, because every image viewer and loader reads it.
- `points`: binary little-endian PLY in the world frame.
- `albedo`: 8-bit sRGB PNG of base colours without light, black where there is no surface.
- `passes`: compressed NPZ of the engine's layers by name, before exposure; float16, positions
  and texture coordinates float32.

A frame exists when its record does: all files and the record are staged and synced first,
then renamed, the record last. A disk that fills up leaves nothing under a final name. A folder may
lie behind a URL (`urls`): objects appear whole by themselves, the record last.
"""
