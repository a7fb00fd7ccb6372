"""What a mesh file is a mesh of."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.assets.catalogue import thing_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/mug.obj", "mug"),
        ("a/mug/textured.obj", "mug"),
        ("a/mug/meshes/Model.glb", "mug"),
        ("ycb/035_power_drill/google_16k/nontextured.ply", "035_power_drill"),
        ("/textured.obj", "textured"),
    ],
)
def test_names_that_say_nothing_give_way_to_the_folder(path: str, name: str) -> None:
    assert thing_name(Path(path)) == name
