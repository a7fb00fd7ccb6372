"""Materials to swap among when the user names none: those that things are made of."""

from __future__ import annotations

from typing import Any

from simgen.spec.distributions import Distribution
from simgen.spec.material import MaterialSetting, TextureSetting

_ANY: Any = {"uniform": [0.02, 0.9]}
RANDOM_COLOR: list[Any] = [_ANY, _ANY, _ANY]
_WOODS: Any = {"choice": ["#c8a06a", "#6f4a2f", "#e3cfa8", "#a8653c", "#b5aea3"]}
_GRAINS: Any = {"choice": ["#8a6237", "#3c2617", "#6e3a1f", "#857d72"]}
_METALS: Any = {"choice": ["#c9c9c6", "#b8b4ad", "#d9c08a", "#c88f6a", "#8f9296", "#e6e4df"]}
_MATERIALS: dict[str, tuple[float, dict[str, Any]]] = {
    "plastic": (4, {"color": RANDOM_COLOR, "roughness": {"uniform": [0.12, 0.5]}}),
    "paint": (2, {"color": RANDOM_COLOR, "roughness": {"uniform": [0.4, 0.9]}}),
    "metal": (
        2,
        {"color": _METALS, "metallic": 1.0, "roughness": {"uniform": [0.15, 0.55]}},
    ),
    "rubber": (
        1,
        {
            "color": {"choice": ["#1b1b1c", "#2a2724", "#39393b"]},
            "roughness": {"uniform": [0.7, 1]},
        },
    ),
    "wood": (
        2,
        {
            "texture": {
                "pattern": "wood",
                "colors": [_WOODS, _GRAINS],
                "contrast": {"uniform": [0.4, 1.0]},
                "tile_m": {"uniform": [0.1, 0.5]},
            },
            "roughness": {"uniform": [0.3, 0.8]},
        },
    ),
    "cloth": (
        1,
        {
            "texture": {
                "pattern": "fabric",
                "colors": [RANDOM_COLOR, RANDOM_COLOR],
                "tile_m": {"uniform": [0.03, 0.12]},
            },
            "roughness": {"uniform": [0.8, 1.0]},
        },
    ),
    "stone": (
        1,
        {
            "texture": {
                "pattern": {"choice": ["marble", "speckle"]},
                "colors": ["#d9d4ca", {"choice": ["#8c857a", "#4a4743", "#b5651d", "#5d6b5a"]}],
                "tile_m": {"uniform": [0.06, 0.3]},
            },
            "roughness": {"uniform": [0.15, 0.8]},
        },
    ),
    "print": (
        2,
        {
            "texture": {
                "pattern": {"choice": ["checker", "stripes", "dots", "noise", "gradient"]},
                "colors": [RANDOM_COLOR, RANDOM_COLOR, RANDOM_COLOR],
                "tile_m": {"uniform": [0.03, 0.2]},
            },
            "roughness": {"uniform": [0.2, 0.9]},
        },
    ),
}
# Typed as the drawn value, like every Sampled setting.
ANY_MATERIAL: Any = Distribution(
    "weighted",
    (
        tuple(MaterialSetting.model_validate(setting) for _, setting in _MATERIALS.values()),
        tuple(weight for weight, _ in _MATERIALS.values()),
    ),
    "{weighted: [plastic, paint, metal, rubber, wood, cloth, stone, print]}",
)


def _patterns(tile_m: tuple[float, float], low: float, high: float) -> Any:
    color: list[Any] = [{"uniform": [low, high]}] * 3
    names = ["checker", "stripes", "dots", "noise", "marble", "speckle", "fabric", "gradient"]
    return TextureSetting.model_validate(
        {
            "pattern": {"choice": names},
            "colors": [color, color, color],
            "contrast": {"uniform": [0.4, 1.0]},
            "tile_m": {"uniform": list(tile_m)},
        }
    )


ANY_PATTERN = _patterns((0.02, 0.2), 0.02, 0.9)
BACKDROP_PATTERN = _patterns((0.1, 0.6), 0.02, 0.95)
# What rooms are clad in.
WALL_MATERIAL: Any = Distribution(
    "weighted",
    (
        tuple(
            MaterialSetting.model_validate(setting)
            for setting in (
                {
                    "color": {
                        "choice": ["#e8e4da", "#d9d4c7", "#c9d0d4", "#b9c3b4", "#d8c3b0", "#8f9aa3"]
                    },
                    "roughness": {"uniform": [0.6, 0.95]},
                },
                {"color": RANDOM_COLOR, "roughness": {"uniform": [0.5, 0.95]}},
                {
                    "texture": {
                        "pattern": {"choice": ["stripes", "dots", "noise", "fabric", "gradient"]},
                        "colors": [RANDOM_COLOR, RANDOM_COLOR],
                        "contrast": {"uniform": [0.15, 0.7]},
                        "tile_m": {"uniform": [0.2, 1.2]},
                    },
                    "roughness": {"uniform": [0.6, 0.95]},
                },
                {
                    "texture": {
                        "pattern": {"choice": ["wood", "marble", "speckle"]},
                        "colors": [_WOODS, _GRAINS],
                        "contrast": {"uniform": [0.3, 1.0]},
                        "tile_m": {"uniform": [0.6, 1.8]},
                    },
                    "roughness": {"uniform": [0.3, 0.9]},
                },
            )
        ),
        (3.0, 2.0, 2.0, 1.0),
    ),
    "{weighted: [wall paint, any colour, wallpaper, wood and stone]}",
)
