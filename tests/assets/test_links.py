"""Links: inside the folder they are fine; out of it only with `follow_links`, names never."""

from __future__ import annotations

import shutil
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


def _build(linked: Path, follow: bool = True) -> Asset:
    root = Root("meshes", linked, "objects.parts.path", follow)
    return Meshes().build(MeshesParams(path=root, origin="as_is"), "part")


def test_links_out_of_the_folder_are_refused(linked: Path, store: Path) -> None:
    with pytest.raises(AssetError, match="1 links lead out") as caught:
        _build(linked, follow=False)
    assert "follow_links: true" in caught.value.faults[0].cure
    (linked / "part.obj").unlink()
    (linked / "part.obj").write_bytes((store / "ab12").read_bytes())
    with pytest.raises(AssetError, match=r"'m\.mtl', a link that leads out"):
        _build(linked, follow=False)


def test_links_inside_the_folder_are_fine(linked: Path, store: Path) -> None:
    shutil.copytree(store, linked / "store")
    for name, target in (("part.obj", "ab12"), ("m.mtl", "cd34")):
        (linked / name).unlink()
        (linked / name).symlink_to(f"store/{target}")
    assert _build(linked, follow=False).surfaces[0].base_color == (1.0, 0.0, 0.0)


def test_a_folder_of_links_is_read(linked: Path) -> None:
    asset = _build(linked)
    assert asset.slots == ("red",)
    assert asset.surfaces[0].base_color == (1.0, 0.0, 0.0)


def test_a_copy_of_what_the_links_show_is_the_same_asset(
    linked: Path, store: Path, tmp_path: Path, load: Callable[..., Asset]
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "part.obj").write_bytes((store / "ab12").read_bytes())
    (plain / "m.mtl").write_bytes((store / "cd34").read_bytes())
    assert _build(linked).files == load(plain, "part").files


def test_names_do_not_lead_out(linked: Path, store: Path) -> None:
    root = Root("meshes", linked, "objects.parts.path", True)
    for name in ("../store/ab12", str(store / "ab12"), "x/../../store/ab12", "C:ab12"):
        with pytest.raises(AssetError, match="leads out of the folder"):
            locate(root, name)
    assert locate(root, "part.obj") == linked / "part.obj"


def test_a_linked_folder_on_the_way_does_not_lead_out(linked: Path, store: Path) -> None:
    (linked / "sub").symlink_to(store, target_is_directory=True)
    with pytest.raises(AssetError, match="leads out of the folder"):
        locate(Root("meshes", linked, "objects.parts.path", True), "sub/ab12")
    (linked / "part.obj").unlink()
    (linked / "part.obj").write_text(f"mtllib sub/cd34\nusemtl red\n{TRIANGLE}f 1 2 3\n")
    with pytest.raises(AssetError, match="not inside the asset's folder"):
        _build(linked)


def test_links_that_lead_nowhere_are_faults(linked: Path) -> None:
    (linked / "gone.obj").symlink_to("../store/never")
    with pytest.raises(AssetError, match=r"first is .*gone\.obj") as caught:
        list_files(Root("meshes", linked, "objects.parts.path"), (".obj",))
    assert "git annex get" in caught.value.faults[0].cure


def test_a_link_to_a_device_is_not_read(linked: Path) -> None:
    (linked / "m.mtl").unlink()
    (linked / "m.mtl").symlink_to("/dev/zero")
    with pytest.raises(AssetError, match="which is not a file"):
        _build(linked)
