"""Notes beside a mesh: what they may say, and what of them an asset depends on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trimesh

from simgen.assets.sidecar import Sidecar, read_sidecar
from simgen.errors import AssetError
from simgen.records.asset import Asset

NOTES = "cycles_original: {}\nblend: block.blend\nmaterials: {{paint: original paint}}\n"


@pytest.fixture
def block(tmp_path: Path) -> Path:
    """A GLB block with the material `paint`, and a file that stands for its .blend."""
    box = trimesh.creation.box((1, 2, 3))
    material = trimesh.visual.material.PBRMaterial(name="paint")
    box.visual = trimesh.visual.TextureVisuals(uv=np.zeros((8, 2)), material=material)
    path = tmp_path / "block.glb"
    box.export(path)
    (tmp_path / "block.blend").write_bytes(b"one")
    return path


def test_without_notes_nothing_changes(block: Path, load: Callable[..., Asset]):
    assert read_sidecar(block) is None
    assert load(block).surfaces[0].original is None


def test_a_kept_material_knows_where_the_source_was(block: Path, load: Callable[..., Asset]):
    block.with_suffix(".asset.yaml").write_text(NOTES.format("true"))
    asset = load(block, fit={"height_m": 0.2}, origin="base", up="y")
    original = asset.surfaces[0].original
    assert original is not None
    assert original.path == str(block.with_suffix(".blend"))
    assert original.material == "original paint"
    # Blender's z is glTF's y: the block is 3 along Blender's -y, and 2 high.
    corner = np.array(original.matrix) @ (0.5, -1.5, -1.0, 1)
    assert corner[:3] == pytest.approx((0.05, -0.15, 0.0), abs=1e-9)


def test_the_digest_covers_the_kept_file_while_it_is_used(block: Path, load: Callable[..., Asset]):
    notes = block.with_suffix(".asset.yaml")
    notes.write_text(NOTES.format("true"))
    first = load(block).files
    block.with_suffix(".blend").write_bytes(b"two")
    assert load(block).files != first
    notes.write_text(NOTES.format("false"))
    assert [name for name, _ in load(block).files] == ["block.glb"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cycles_orignal: true", "cycles_original"),
        ("cycles_original: perhaps", "cycles_original"),
        ("cycles_original: true\nblend: gone.blend\nmaterials: {a: b}", "gone.blend"),
        ("cycles_original: true\nblend: ../out.blend\nmaterials: {a: b}", "not inside"),
        ("a: [", "not valid YAML"),
    ],
)
def test_wrong_notes_are_said(text: str, said: str, block: Path, load: Callable[..., Asset]):
    block.with_suffix(".asset.yaml").write_text(text)
    with pytest.raises(AssetError) as error:
        load(block)
    assert said in str(error.value)


def test_notes_survive_writing(tmp_path: Path):
    import yaml

    sidecar = Sidecar(notes=("it's: a # note",), facts={"bop": {"offset_m": [1e-5, 0.0]}})
    text = yaml.safe_dump(sidecar.model_dump(mode="json"))
    (tmp_path / "a.asset.yaml").write_text(text)
    assert read_sidecar(tmp_path / "a.glb") == sidecar
