"""Scenes that are measured: ten objects on a table, no luck in the number of objects."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
ALL_LABELS = "[rgb, depth, instances, normals, points]"


def ten_objects(placement: str, width: int = 640, height: int = 480) -> str:
    """YAML of a table with ten meshes, one area lamp and a sky, all outputs."""
    return f"""
simgen: 1
scene: {{type: tabletop, placement: {placement}, beyond: none}}
objects:
  things: {{asset: meshes, path: {ROOT}/scenes/meshes, count: 10}}
randomizers:
  lights: {{kind: lights, count: 1}}
  room: {{kind: environment}}
camera: {{distance_m: {{uniform: [0.7, 1.0]}}}}
views_per_world: 4
render: {{engine: raycast, size: [{width}, {height}]}}
outputs: {ALL_LABELS}
"""
