"""Engines: a world and its frames become colour and geometry.

Purpose: one folder per engine, each a plugin of group `simgen.renderers`. In scope: tracing,
shading, exposure, the geometry that labels are made from. Out of scope: drawing numbers,
COCO, files.

Labels have one source: `raycast` traces instance ids, depth, normals and amodal masks for
every engine, at pixel centres, so that two engines never disagree about a label. Exposure is
metered there too, so that two engines show one scene equally bright.
"""
