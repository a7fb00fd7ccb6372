"""Links: what the user puts into a folder is used, what a file names may not lead out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simgen.assets.meshes import Meshes, MeshesParams
from simgen.errors import AssetError
from simgen.plugin.files import list_files, locate
from simgen.records.asset import Asset
from simgen.spec.fields import Root

TRIANGLE = "v 0 0 0\nv 1 0 0\nv 0 1 0\n"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Content outside the asset folder, as DVC and git-annex keep it."""
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / "ab12").write_text(f"mtllib m.mtl\nusemtl red\n{TRIANGLE}f 1 2 3\n")
    (folder / "cd34").write_text("newmtl red\nKd 1 0 0\n")
    return folder


@pytest.fixture
def linked(tmp_path: Path, store: Path) -> Path:
    """A folder that consists of links."""
    folder = tmp_path / "meshes"
    folder.mkdir()
    (folder / "part.obj").symlink_to(store / "ab12")
    (folder / "m.mtl").symlink_to("../store/cd34")
    return folder


def test_a_folder_of_links_is_read(linked: Path, load: Callable[..., Asset]) -> None:
    asset = load(linked, "part")
    assert asset.slots == ("red",)
    assert asset.surfaces[0].base_color == (1.0, 0.0, 0.0)


def test_a_copy_of_what_the_links_show_is_the_same_asset(
    linked: Path, store: Path, tmp_path: Path, load: Callable[..., Asset]
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "part.obj").write_bytes((store / "ab12").read_bytes())
    (plain / "m.mtl").write_bytes((store / "cd34").read_bytes())
    assert load(linked, "part").files == load(plain, "part").files


def test_names_do_not_lead_out(linked: Path, store: Path) -> None:
    for name in ("../store/ab12", str(store / "ab12"), "x/../../store/ab12", "C:ab12"):
        with pytest.raises(AssetError, match="leads out of the folder"):
            locate(linked, name)
    assert locate(linked, "part.obj") == linked / "part.obj"


def test_a_linked_folder_on_the_way_does_not_lead_out(linked: Path, store: Path) -> None:
    (linked / "sub").symlink_to(store, target_is_directory=True)
    with pytest.raises(AssetError, match="leads out of the folder"):
        locate(linked, "sub/ab12")
    (linked / "part.obj").unlink()
    (linked / "part.obj").write_text(f"mtllib sub/cd34\nusemtl red\n{TRIANGLE}f 1 2 3\n")
    params = MeshesParams(path=Root("meshes", linked, "objects.parts.path"))
    with pytest.raises(AssetError, match="not inside the asset's folder"):
        Meshes().build(params, "part")


def test_links_that_lead_nowhere_are_faults(linked: Path) -> None:
    (linked / "gone.obj").symlink_to("../store/never")
    with pytest.raises(AssetError, match=r"first is .*gone\.obj") as caught:
        list_files(Root("meshes", linked, "objects.parts.path"), (".obj",))
    assert "git annex get" in caught.value.faults[0].cure


def test_a_link_to_a_device_is_not_read(linked: Path) -> None:
    (linked / "m.mtl").unlink()
    (linked / "m.mtl").symlink_to("/dev/zero")
    params = MeshesParams(path=Root("meshes", linked, "objects.parts.path"))
    with pytest.raises(AssetError, match="which is not a file"):
        Meshes().build(params, "part")
