"""Small mesh files in every format, written by hand so that what is in them is known."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from simgen.assets.meshes import Meshes, MeshesParams
from simgen.records.asset import Asset
from simgen.spec.fields import Root

sys.path.insert(0, str(Path(__file__).parent))  # the tests of this room import `family_cases`


def _root_of(path: Path, name: str = "objects.parts.path") -> Root:
    return Root(str(path), path, name)


def _load(path: Path, variant: str | None = None, **settings: Any) -> Asset:
    """Build one mesh, as it is in the file unless told otherwise."""
    settings = {"origin": "as_is", **settings}
    params = MeshesParams(path=_root_of(path), **settings)
    source = Meshes()
    return source.build(params, variant or source.variants(params)[0].name)


@pytest.fixture
def root_of() -> Callable[..., Root]:
    return _root_of


@pytest.fixture
def load() -> Callable[..., Asset]:
    return _load


@pytest.fixture
def corner_image() -> Image.Image:
    """8 x 8, white, with red texels in the top left corner."""
    pixels = np.full((8, 8, 3), 255, np.uint8)
    pixels[:4, :4] = (255, 0, 0)
    return Image.fromarray(pixels)


@pytest.fixture
def plane_obj(tmp_path: Path, corner_image: Image.Image) -> Path:
    """A square in x-z, upright, whose texture's top left is at (x, z) = (0, 1)."""
    folder = tmp_path / "plane"
    folder.mkdir()
    corner_image.save(folder / "corner.png")
    (folder / "plane.mtl").write_text("newmtl paint\nKd 0 0 0\nmap_Kd corner.png\n")
    (folder / "plane.obj").write_text(
        "mtllib plane.mtl\n"
        "v 0 0 0\nv 1 0 0\nv 1 0 1\nv 0 0 1\n"
        "vt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\n"
        "usemtl paint\nf 1/1 2/2 3/3\nf 1/1 3/3 4/4\n"
    )
    return folder / "plane.obj"
