"""What `check` refuses, and `render` before OUT is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.errors import SimgenError
from simgen.pipeline.plan import RenderRequest, prepare
from simgen.pipeline.preflight import preflight
from simgen.pipeline.run import render_dataset
from simgen.plugin.registry import Registry

PLY = """ply
format ascii 1.0
element vertex 4
property float x
property float y
property float z
element face 4
property list uchar int vertex_indices
end_header
0 0 0
0.1 0 0
0 0.1 0
0 0 0.1
3 0 2 1
3 0 1 3
3 0 3 2
3 1 2 3
"""
OBJ = """mtllib a.mtl
v 0 0 0
v .1 0 0
v 0 .1 0
v 0 0 .1
usemtl skin
f 1 3 2
f 1 2 4
usemtl cap
f 1 4 3
f 2 3 4
"""


def _check(scene: Path, *sets: str) -> str:
    registry = Registry.installed()

    def run() -> None:
        plan, checked = prepare(RenderRequest(scene, sets=sets), registry)
        preflight(plan, checked, registry)

    with pytest.raises(SimgenError) as caught:
        run()
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.fixture
def meshes(tmp_path: Path) -> Path:
    """A scene of two meshes, one of them with the slots `skin` and `cap`."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "plain.ply").write_text(PLY)
    (tmp_path / "m" / "two.obj").write_text(OBJ)
    (tmp_path / "m" / "a.mtl").write_text("newmtl skin\nKd 1 0 0\nnewmtl cap\nKd 0 1 0\n")
    path = tmp_path / "scene.yaml"
    path.write_text(
        "simgen: 1\nscene: {type: flying}\nobjects: {parts: {asset: meshes, path: m}}\n"
        "render: {engine: raycast, size: [48, 32], quality: draft}\n"
    )
    return path


def test_a_slot_that_no_variant_has(meshes: Path) -> None:
    said = _check(meshes, "objects.parts.materials={skinn: {roughness: 1}}")
    assert "no material slot 'skinn'" in said
    assert "did you mean 'skin'" in said
    assert "objects.parts.materials.skinn" in said


def test_a_slot_that_one_variant_lacks(meshes: Path) -> None:
    said = _check(meshes, "objects.parts.materials={skin: {roughness: 1}}")
    assert "missing in 1 of 2: plain" in said


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("objects.blocks.material={texture: {path: empty}}", "no file of .png"),
        ("randomizers.b={kind: backdrop, texture: {path: empty}}", "no file of .png"),
        ("randomizers.room={kind: environment, path: empty}", "no file of .hdr"),
        ("objects.blocks.category=''", "name of a category or a template"),
        ("objects.blocks.materials={nope: {roughness: 1}}", "known slots"),
        ("camera.distortion={k1: -3}", "folds over"),
        ("camera.distance_m=1e-9", "stands inside"),
        ("render.depth_far_m=0.1", "nearer than any camera"),
        ("objects.blocks.size_m=[1e300, 1, 1]", "1e+300"),
    ],
)
def test_scenes_that_cannot_be(
    scene: Path, monkeypatch: pytest.MonkeyPatch, setting: str, said: str
) -> None:
    (scene.parent / "empty").mkdir()
    monkeypatch.chdir(scene.parent)
    assert said in _check(scene, setting)


def test_render_refuses_before_the_folder_is_made(scene: Path, tmp_path: Path) -> None:
    request = RenderRequest(scene, sets=("camera.distance_m=1e-9",))
    with pytest.raises(SimgenError, match="stands inside"):
        render_dataset(request, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_numbers_out_of_reach_are_a_fault(scene: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def world(self: object, index: int) -> None:
        raise OverflowError("too large")

    monkeypatch.setattr("simgen.sampling.sampler.Sampler.world", world)
    assert "far too large or too small" in _check(scene)


def test_a_folder_of_which_nothing_came_is_removed(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the first worlds had been fine in the preflight.
    monkeypatch.setattr("simgen.pipeline.run.preflight", lambda *arguments: 0)
    request = RenderRequest(scene, sets=("camera.distance_m=1e-9",))
    with pytest.raises(SimgenError, match="stands inside") as caught:
        render_dataset(request, tmp_path / "new" / "out")
    assert caught.value.exit_code == 2
    assert not (tmp_path / "new").exists()
    (tmp_path / "old").mkdir()
    with pytest.raises(SimgenError, match="stands inside"):
        render_dataset(request, tmp_path / "old")
    assert list((tmp_path / "old").iterdir()) == []
