"""Default surface of a table: one of several woods, drawn anew for every world."""

from __future__ import annotations

from typing import Any

from simgen.spec.distributions import Distribution
from simgen.spec.material import MaterialSetting

_PALETTES = {
    "oak": ("#c8a06a", "#8a6237"),
    "walnut": ("#6f4a2f", "#3c2617"),
    "birch": ("#e3cfa8", "#c2a578"),
    "cherry": ("#a8653c", "#6e3a1f"),
    "ash_grey": ("#b5aea3", "#857d72"),
}


def _wood(colors: tuple[str, str]) -> MaterialSetting:
    return MaterialSetting.model_validate(
        {
            "texture": {
                "pattern": "wood",
                "colors": list(colors),
                "contrast": {"uniform": [0.5, 1.0]},
                "tile_m": {"uniform": [0.35, 0.8]},
            },
            "roughness": {"uniform": [0.3, 0.7]},
        }
    )


# Typed as the drawn value, like every Sampled setting.
DEFAULT_SURFACE: Any = Distribution(
    "choice", tuple(_wood(colors) for colors in _PALETTES.values()), "{choice: [woods]}"
)
