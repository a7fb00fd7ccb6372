"""Every family with settings that make its kinds differ, for the tests of this room."""

from __future__ import annotations

from typing import Any

from simgen.plugin.registry import Registry

FAMILIES: dict[str, list[dict[str, Any]]] = {
    "box": [{}, {"bevel_m": 0.01}],
    "die": [{}],
    "can": [{}, {"open": True}],
    "bottle": [{}, {"open": True}, {"label": False}],
    "mug": [{}, {"full": True, "handle": False}],
    "bolt": [{}, {"shank_m": 0.01, "length_m": 0.05}],
    "nut": [{}],
    "washer": [{}],
    "screw": [{"drive": drive} for drive in ("phillips", "slot", "torx", "hex", "none")],
    "pipe": [{"ends": ends} for ends in ("socket", "flange", "plain")],
    "bracket": [{}, {"holes": 0}, {"rows": 2, "slotted": True, "hole_m": 0.004}],
    "fruit": [{}, {"ripeness": 1.0, "irregularity": 1.0, "seed": 5}],
    "book": [{}, {"open": True, "open_at": 0.3}],
    "crate": [{}, {"lid": True, "slats": 1}],
    "carton": [{}, {"open": True}],
    "chess_piece": [{}],
}


def source(family: str) -> Any:
    """The plugin of a family, found as a scene finds it."""
    return Registry.installed().get("assets", family)


def cases() -> list[tuple[str, str, dict[str, Any]]]:
    """(family, variant, settings) of all that is in the table."""
    out = []
    for family, settings in FAMILIES.items():
        plugin = source(family)
        for setting in settings:
            params = plugin.Params.model_validate(setting)
            out += [(family, variant.name, setting) for variant in plugin.variants(params)]
    return out
