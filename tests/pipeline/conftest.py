"""A tiny scene that renders in a fraction of a second."""

from pathlib import Path

import pytest

SCENE = """\
simgen: 1
scene: {type: flying}
objects:
  blocks: {asset: box, count: {randint: [2, 3]}, category: block}
views_per_world: 2
frames: 3
render: {engine: raycast, size: [48, 32], quality: draft}
outputs: [rgb, depth, instances]
"""


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """Path of the scene file."""
    path = tmp_path / "scene.yaml"
    path.write_text(SCENE)
    return path
