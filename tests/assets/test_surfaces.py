"""PBR folders arrive as surfaces: what multiplies what, and which channel is which."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from simgen.assets.surfaces import surface_of
from simgen.assets.textures import realise_texture
from simgen.plugin.looks import material_from
from simgen.records.asset import Surface
from simgen.sampling.streams import KeyedStream
from simgen.spec.fields import Root
from simgen.spec.material import MaterialSetting


def _save(path: Path, color: tuple[int, int, int]) -> None:
    Image.fromarray(np.full((4, 8, 3), color, np.uint8)).save(path)


def _surface(root: Root, world: int = 0, **settings: Any) -> Surface:
    setting = MaterialSetting.model_validate({"texture": {"maps": root}, **settings})
    material = material_from(setting, KeyedStream(0, "world", world, "material"))
    return surface_of(material, lambda texture: realise_texture(texture, {root.name: root}))


def test_maps_replace_what_is_not_set(tmp_path: Path, root_of: Callable[..., Root]) -> None:
    _save(tmp_path / "m_diff_1k.png", (200, 100, 50))
    _save(tmp_path / "m_arm_1k.png", (10, 20, 30))
    _save(tmp_path / "m_nor_dx_1k.png", (128, 55, 255))
    root = root_of(tmp_path)
    surface = _surface(root)
    assert surface.base_color == (1.0, 1.0, 1.0)
    assert (surface.roughness, surface.metallic) == (1.0, 1.0)
    assert surface.tile_aspect == 0.5
    for image, value in (
        (surface.base_color_image, (200, 100, 50)),
        (surface.roughness_image, 20),
        (surface.metallic_image, 30),
        (surface.normal_image, (128, 200, 255)),
    ):
        assert image is not None
        assert (image == value).all()
    assert _surface(root, roughness=0.5).roughness == 0.5


def test_exr_maps_stay_linear(tmp_path: Path, root_of: Callable[..., Root]) -> None:
    _save(tmp_path / "m_diff_1k.png", (200, 100, 50))
    os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")
    cv2.imwrite(str(tmp_path / "m_rough_1k.exr"), np.full((4, 8), 0.25, np.float32))
    image = _surface(root_of(tmp_path)).roughness_image
    assert image is not None
    assert (image == 64).all()


def test_a_folder_of_materials_is_a_choice_per_world(
    tmp_path: Path, root_of: Callable[..., Root]
) -> None:
    for name, shade in (("a", 10), ("b", 200)):
        (tmp_path / name).mkdir()
        _save(tmp_path / name / f"{name}_Color.png", (shade,) * 3)
        _save(tmp_path / name / f"{name}_Opacity.png", (shade,) * 3)
    root, seen = root_of(tmp_path), set()
    for world in range(8):
        surface = _surface(root, world)
        assert surface.base_color_image is not None
        assert surface.alpha_image is not None
        assert (surface.base_color_image[0, 0, 0] == surface.alpha_image).all()
        assert surface.roughness == 0.5
        seen.add(int(surface.alpha_image[0, 0]))
    assert seen == {10, 200}
