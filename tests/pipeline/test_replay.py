"""A frame comes back from its record alone, also after its files have moved."""

from __future__ import annotations

from pathlib import Path

import pytest
import trimesh

from simgen.dataset.layout import Layout
from simgen.errors import AssetError, RunFolderError, SceneFileError
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.replay import replay
from simgen.pipeline.run import render_dataset


@pytest.fixture
def rendered(scene: Path, tmp_path: Path) -> Path:
    """A dataset of two meshes from files, four frames."""
    meshes = tmp_path / "meshes"
    meshes.mkdir()
    trimesh.creation.box((0.1, 0.05, 0.02)).export(meshes / "brick.ply")
    trimesh.creation.icosphere(2, 0.05).export(meshes / "ball.ply")
    text = scene.read_text().replace(
        "{asset: box, count: {randint: [2, 3]}, category: block}",
        "{asset: meshes, path: meshes, count: 3}",
    )
    scene.write_text(text)
    render_dataset(RenderRequest(scene, range(4)), tmp_path / "out")
    return tmp_path / "out"


def test_equal_to_the_stored_frame_and_written_elsewhere(rendered: Path, tmp_path: Path) -> None:
    record = Layout(rendered).record(3)
    found = replay(record, tmp_path / "again")
    assert found.equal
    for name in ("rgb", "depth", "instances"):
        stored, again = (Layout(o).output(name, 3) for o in (rendered, tmp_path / "again"))
        assert stored.read_bytes() == again.read_bytes()
    assert Layout(tmp_path / "again").record(3).read_bytes() == record.read_bytes()
    assert replay(Layout(tmp_path / "again").record(3), None, _moved(tmp_path / "meshes")).equal


def _moved(folder: Path) -> tuple[str, ...]:
    return (f"objects.blocks.path={folder}",)


def test_moved_files_are_found_by_set(rendered: Path, tmp_path: Path) -> None:
    (tmp_path / "meshes").rename(tmp_path / "moved")
    record = Layout(rendered).record(0)
    with pytest.raises(SceneFileError, match="no file or folder"):
        replay(record)
    assert replay(record, sets=_moved(tmp_path / "moved")).equal


def test_changed_files_are_refused(rendered: Path, tmp_path: Path) -> None:
    for name in ("brick", "ball"):
        trimesh.creation.box((0.2, 0.2, 0.2)).export(tmp_path / "meshes" / f"{name}.ply")
    with pytest.raises(AssetError):
        replay(Layout(rendered).record(0))


def test_a_difference_is_reported_not_hidden(rendered: Path) -> None:
    record = Layout(rendered).record(1)
    data = record.read_bytes()
    digest = data.split(b'"rgb":{', 1)[1].split(b'"sha256":"', 1)[1][:64]
    record.write_bytes(data.replace(digest, b"0" * 64))
    found = replay(record)
    assert not found.equal
    assert found.files == {"rgb": False, "depth": True, "instances": True}


def test_a_record_outside_a_run_folder_is_refused(rendered: Path, tmp_path: Path) -> None:
    stray = tmp_path / "stray.json"
    stray.write_bytes(Layout(rendered).record(1).read_bytes())
    with pytest.raises(RunFolderError, match="inside its run folder"):
        replay(stray)
    with pytest.raises(RunFolderError, match="cannot read"):
        replay(tmp_path / "none.json")
    stray.write_text("{}")
    with pytest.raises(RunFolderError, match="not a frame record"):
        replay(stray)
