"""PBR folders: names as ambientCG, Poly Haven and others write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.errors import AssetError
from simgen.plugin.material_folders import material_sets
from simgen.spec.fields import Root


def _sets(folder: Path, *names: str) -> dict[str, dict[str, str]]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return material_sets(Root("m", folder, "objects.a.material.texture.maps"))


def test_ambientcg(tmp_path: Path) -> None:
    maps = ("Color", "NormalGL", "NormalDX", "Roughness", "Metalness", "Opacity")
    files = [f"Bricks001_1K-JPG_{m}.jpg" for m in (*maps, "Displacement", "AmbientOcclusion")]
    found = _sets(tmp_path, *files, "Bricks001.png", "Bricks001_1K-JPG.usdc")
    assert list(found) == ["Bricks001"]
    wanted = ("color", "normal", "normal_dx", "roughness", "metallic", "opacity")
    named = {w: f"Bricks001_1K-JPG_{m}.jpg" for w, m in zip(wanted, maps, strict=True)}
    assert found["Bricks001"] == named


def test_older_names_and_a_plain_normal(tmp_path: Path) -> None:
    found = _sets(tmp_path, "Bricks001_1K_Color.jpg", "Bricks001_1K_Normal.jpg")
    assert found == {
        "Bricks001": {"color": "Bricks001_1K_Color.jpg", "normal": "Bricks001_1K_Normal.jpg"}
    }


def test_poly_haven_folders_are_choices(tmp_path: Path) -> None:
    found = _sets(
        tmp_path,
        "brick_wall_1k/textures/brick_wall_diff_1k.jpg",
        "brick_wall_1k/textures/brick_wall_nor_gl_1k.exr",
        "brick_wall_1k/textures/brick_wall_rough_1k.exr",
        "brick_wall_1k/textures/brick_wall_disp_1k.png",
        "metal_plate_2k/metal_plate_arm_2k.jpg",
        "metal_plate_2k/metal_plate_col_01_2k.jpg",
        "metal_plate_2k/metal_plate_nor_dx_2k.jpg",
        "no_color/rust_rough_1k.jpg",
    )
    assert list(found) == ["brick_wall_1k/textures/brick_wall", "metal_plate_2k/metal_plate"]
    wall, plate = found.values()
    assert set(wall) == {"color", "normal", "roughness"}
    assert set(plate) == {"color", "arm", "normal_dx"}


def test_a_folder_without_materials_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"Bricks001_1K_Color\.jpg"):
        _sets(tmp_path, "holiday.jpg")
