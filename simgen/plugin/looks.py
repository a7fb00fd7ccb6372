"""From drawn material settings to material records; a texture folder is drawn from here."""

from __future__ import annotations

from typing import Any

from simgen.plugin.files import IMAGE_SUFFIXES, file_ref, list_files
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
    return Material(
        base_color=_rgb(drawn.color) if _colored(drawn) else (1.0, 1.0, 1.0),
        texture=texture_from(drawn.texture, rng.child("texture")) if drawn.texture else None,
        roughness=float(drawn.roughness),
        metallic=float(drawn.metallic),
        emission=(float(drawn.emission),) * 3,
        alpha=float(drawn.alpha),
        transmission=float(drawn.transmission),
        ior=float(drawn.ior),
    )


def texture_from(setting: TextureSetting, rng: Stream) -> Texture:
    """A texture record: a pattern's recipe with its own seed, or an image by content."""
    drawn = rng.draw(setting)
    if drawn.path is not None:
        name = rng.child("file").choice(list_files(drawn.path, IMAGE_SUFFIXES))
        return Texture("file", {}, file_ref(drawn.path, name), float(drawn.tile_m))
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
