"""From drawn material settings to material records; a texture folder is drawn from here."""

from __future__ import annotations

from typing import Any

from simgen.plugin.files import IMAGE_SUFFIXES, file_ref, list_files
from simgen.plugin.material_folders import material_sets
from simgen.plugin.protocols import Stream
from simgen.records.material import Material, Texture
from simgen.spec.material import MaterialByAttribute, MaterialSetting, TextureSetting


def material_from(
    setting: MaterialSetting | MaterialByAttribute,
    rng: Stream,
    attributes: dict[str, str] | None = None,
) -> Material:
    """A material record; distributions left in the setting are drawn from `rng`.

    Raises:
        KeyError: a setting by attribute meets an object without that attribute or value.
    """
    if isinstance(setting, MaterialByAttribute):
        setting = setting.of[(attributes or {})[setting.by]]
    drawn = rng.draw(setting)
    texture = texture_from(drawn.texture, rng.child("texture")) if drawn.texture else None
    maps = (texture.maps if texture else None) or {}

    def factor(name: str, *channels: str) -> float:
        mapped = any(channel in maps for channel in channels)
        return 1.0 if mapped and name not in drawn.model_fields_set else float(getattr(drawn, name))

    return Material(
        base_color=_rgb(drawn.color) if _colored(drawn) else (1.0, 1.0, 1.0),
        texture=texture,
        roughness=factor("roughness", "roughness", "arm"),
        metallic=factor("metallic", "metallic", "arm"),
        emission=(factor("emission", "emission"),) * 3,
        alpha=float(drawn.alpha),
        transmission=float(drawn.transmission),
        ior=float(drawn.ior),
    )


def texture_from(setting: TextureSetting, rng: Stream) -> Texture:
    """A texture record: a pattern's recipe with its own seed, or images by content."""
    drawn = rng.draw(setting)
    if drawn.path is not None:
        name = rng.child("file").choice(list_files(drawn.path, IMAGE_SUFFIXES))
        return Texture("file", {}, file_ref(drawn.path, name), float(drawn.tile_m))
    if drawn.maps is not None:
        names = rng.child("maps").choice(list(material_sets(drawn.maps).values()))
        refs = {channel: file_ref(drawn.maps, name) for channel, name in names.items()}
        return Texture("file", {}, refs.pop("color"), float(drawn.tile_m), refs)
    params: dict[str, Any] = {
        "colors": [list(_rgb(color)) for color in drawn.colors],
        "contrast": float(drawn.contrast),
        "seed": rng.child("seed").integer(0, 2**31 - 1),
    }
    return Texture(str(drawn.pattern), params, None, float(drawn.tile_m))


def _colored(setting: MaterialSetting) -> bool:
    # A texture without an explicit colour is shown as it is, not dimmed by the default grey.
    return setting.texture is None or "color" in setting.model_fields_set


def _rgb(color: Any) -> tuple[float, float, float]:
    r, g, b = (float(c) for c in color)
    return (r, g, b)
