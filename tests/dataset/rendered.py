"""A rendered set with boxes of known size, annotated, for the writers of poses and depth."""

from __future__ import annotations

from pathlib import Path

from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.run import render_dataset

SCENE = """\
simgen: 1
scene: {type: flying, size_m: 0.3}
objects:
  long: {asset: box, count: 2, size_m: [0.12, 0.05, 0.03], category: brick}
  cubes: {asset: box, count: 1, size_m: [0.05, 0.05, 0.05], scale: 1.5, category: cube}
annotators:
  boxes: {kind: box_3d}
  oriented: {kind: oriented_box}
  words: {kind: captions}
  sensor: {kind: depth_sensor}
camera: {distance_m: {uniform: [0.5, 0.7]}}
views_per_world: 2
frames: 6
splits: {train: 0.6, val: 0.4}
labels: {min_pixels: 1}
render: {engine: raycast, size: [120, 90], quality: draft}
outputs: [rgb, depth, instances, normals]
"""


def render(root: Path) -> Path:
    """The set of `SCENE`."""
    (root / "scene.yaml").write_text(SCENE)
    render_dataset(RenderRequest(root / "scene.yaml"), root / "set")
    return root / "set"
