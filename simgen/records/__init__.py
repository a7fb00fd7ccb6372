"""The nouns, with their arithmetic and nothing else.

Purpose: every stage speaks in these frozen dataclasses, and they import in any Python with
numpy (Blender's, a bare GPU machine's). No pydantic, no YAML, no disk here.

Conventions (fixed; see `docs/conventions.md`):
world right-handed, metres, z up; camera OpenCV axes (x right, y down, z forward); pixel
centres at +0.5; `T_world_cam` maps camera to world; depth is planar z in metres (of
fisheye lenses: distance), 0 on disk means no surface; instance id 0 is background; colours
linear sRGB unless a name says srgb.
"""
