"""Default materials of supports: tables, floors, walls, furniture, containers.

Each is a distribution over settings, drawn anew for every world, typed as the drawn value like
every Sampled setting. Textures keep the size that they have in a house.
"""

from __future__ import annotations

from typing import Any

from simgen.spec.distributions import Distribution
from simgen.spec.material import MaterialSetting


def _uniform(low: float, high: float) -> dict[str, Any]:
    return {"uniform": [low, high]}


def _wood(colors: tuple[str, str]) -> dict[str, Any]:
    return {
        "texture": {
            "pattern": "wood",
            "colors": list(colors),
            "contrast": _uniform(0.4, 0.9),
            "tile_m": _uniform(0.35, 0.8),
        },
        "roughness": _uniform(0.3, 0.7),
    }


def _pattern(
    pattern: str, colors: list[Any], tile: tuple[float, float], roughness: tuple[float, float]
) -> dict[str, Any]:
    return {
        "texture": {
            "pattern": pattern,
            "colors": colors,
            "contrast": _uniform(0.25, 0.8),
            "tile_m": _uniform(*tile),
        },
        "roughness": _uniform(*roughness),
    }


def _plain(colors: list[Any], roughness: tuple[float, float], **more: Any) -> dict[str, Any]:
    return {"color": {"choice": colors}, "roughness": _uniform(*roughness), **more}


def _any_of(*settings: dict[str, Any]) -> Any:
    made = tuple(MaterialSetting.model_validate(setting) for setting in settings)
    return Distribution("choice", made, f"{{choice: [{len(made)} materials]}}")


_OAK, _WALNUT, _BIRCH = ("#c8a06a", "#8a6237"), ("#6f4a2f", "#3c2617"), ("#e3cfa8", "#c2a578")
_CHERRY, _ASH = ("#a8653c", "#6e3a1f"), ("#b5aea3", "#857d72")
_WOODS = [_wood(colors) for colors in (_OAK, _WALNUT, _BIRCH, _CHERRY, _ASH)]
_PAINTS = ["#f2efe8", "#e4dfd4", "#d7dbd8", "#c9d2d4", "#2b2d31", "#3d4a52", "#5b6b5e", "#8d3b2f"]
_GREYS = ["#b9b6ae", "#8f8d88", "#6b6a67", "#d2cfc7"]
_CARPETS = ["#7d7a74", "#4c4f55", "#8a7f70", "#3f4a57", "#6d5a4c", "#9a968c"]
_MELAMINE = _plain(["#f4f3ef", "#dcdcd8", "#3a3b3d", "#b8b2a6"], (0.25, 0.5))
_STONE = _pattern("marble", ["#e6e2d9", {"choice": ["#9c958a", "#6f6a63"]}], (0.6, 1.4), (0.1, 0.4))
_TERRAZZO = _pattern("speckle", ["#d6d1c6", {"choice": _GREYS}], (0.4, 0.8), (0.15, 0.5))
_CONCRETE = _pattern("noise", ["#9d9a94", "#7b7873"], (0.8, 1.8), (0.7, 0.95))
_CARPET = _pattern("fabric", [{"choice": _CARPETS}, "#3a3835"], (0.08, 0.16), (0.9, 1.0))

TABLE_TOPS = _any_of(*_WOODS, _MELAMINE, _STONE, _TERRAZZO)
FLOORS = _any_of(*_WOODS, _CONCRETE, _CARPET, _TERRAZZO, _STONE)
WORK_FLOORS = _any_of(
    _CONCRETE, _TERRAZZO, _plain(["#6f7f8a", "#7c8a76", "#8b8c8e", "#b9b6ae"], (0.3, 0.7))
)
WALLS = _any_of(
    _plain(["#f1ede4", "#e7e2d8", "#dfe3e1", "#d3dbe0", "#e9dccb", "#cfd8c9", "#d9cdd2"], (0.8, 1)),
    _plain(["#8fa3a8", "#a7b59a", "#c9a48c", "#7f8fa6", "#b58d8d"], (0.8, 1.0)),
    _pattern("stripes", ["#e8e2d6", {"choice": ["#d3c9b8", "#c6cfd1"]}], (0.4, 0.8), (0.8, 1.0)),
)
CEILINGS = _any_of(_plain(["#f6f5f1", "#efece5"], (0.9, 1.0)))
TRIMS = _any_of(_plain(["#f4f2ec", "#e8e4da", "#d8d2c6"], (0.3, 0.6)), *_WOODS[:2])
FURNITURE = _any_of(*_WOODS, *_WOODS[:3], _MELAMINE, _plain(_PAINTS, (0.3, 0.7)))
METALS = _any_of(
    _plain(["#c9c9c6", "#b4b4b2", "#8f9296"], (0.2, 0.5), metallic=1.0),
    _plain(["#1e1f21", "#e9e8e4", "#55585c"], (0.35, 0.6)),
)
SEATS = _any_of(
    _pattern("fabric", [{"choice": _CARPETS}, {"choice": _PAINTS}], (0.04, 0.09), (0.85, 1.0)),
    *_WOODS[:2],
    _plain(_PAINTS, (0.3, 0.7)),
)
SHADES = _any_of(_plain(["#efe8da", "#d8d2c4", "#26282b", "#7d3a2c", "#3d5a57"], (0.4, 0.9)))
DOORS = _any_of(_plain(["#f3f1ea", "#e3ddd0", "#cfd3d1"], (0.35, 0.6)), *_WOODS[:3])
CONTAINERS = {
    "tote": _any_of(
        _plain(
            ["#1f4e9c", "#26547c", "#5c6066", "#9aa0a6", "#b3262e", "#2c6e49", "#d8a31a"],
            (0.3, 0.6),
        )
    ),
    "box": _any_of(
        _pattern("noise", ["#b98f5f", "#a47c4f"], (0.3, 0.6), (0.8, 0.95)),
        _plain(["#9fa3a6", "#c3c6c8"], (0.25, 0.5), metallic=1.0),
        _plain(["#e8e6df", "#35383c", "#4c6a8a"], (0.35, 0.6)),
    ),
    "crate": _any_of(*_WOODS[:3]),
}
