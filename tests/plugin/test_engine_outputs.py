"""Outputs that only some engines have are refused where the scene file asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.errors import SceneFileError
from simgen.plugin.gate import scene_from
from simgen.plugin.registry import Registry
from simgen.spec.document import parse_document

SCENE = """
simgen: 1
scene: {type: tabletop}
objects: {bricks: {asset: box, size_m: [0.05, 0.05, 0.05]}}
categories: [box]
render: {engine: %s}
outputs: [rgb, %s]
"""


def load(engine: str, output: str):
    document = parse_document(SCENE % (engine, output), "scene.yaml", Path("/"))
    return scene_from(document, Path("/scene.yaml"), Registry.installed())


def test_the_ray_caster_has_no_passes_and_the_error_names_who_has():
    with pytest.raises(SceneFileError) as caught:
        load("raycast", "passes")
    (fault,) = caught.value.faults
    assert fault.where == "scene.yaml:7:1 outputs"
    assert fault.what == "the engine raycast has no output 'passes'"
    assert "engine cycles" in fault.cure


@pytest.mark.parametrize(
    ("engine", "output"), [("raycast", "albedo"), ("cycles", "albedo"), ("cycles", "passes")]
)
def test_what_an_engine_has_is_accepted(engine: str, output: str):
    assert output in load(engine, output).file.outputs
