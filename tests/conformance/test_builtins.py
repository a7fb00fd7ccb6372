"""Every plugin of ours keeps the laws of its kind."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from simgen.plugin.conformance import LawBroken, laws
from simgen.plugin.registry import Registry

ROOT = Path(__file__).parents[2]
INSTALLED = Registry.installed()
OURS = [
    (group, name)
    for group in INSTALLED.points
    for name in INSTALLED.names(group)
    if INSTALLED.point(group, name).package == "simgen"
]
SMALL: dict[str, dict[str, Any]] = {
    "background": {"path": str(ROOT / "docs" / "pictures")},
    "cycles": {"samples": 4},
    "compact": {"channels": [8] * 5, "blocks": [1] * 4, "neck": 16, "head": 16},
}
# Networks for which a step takes seconds; tests/detect trains them.
HEAVY = ("faster_rcnn", "retinanet", "fcos", "ssdlite")
NEEDS = {"cycles": "bpy", "compact": "torch"}


@pytest.mark.parametrize(("group", "name"), OURS, ids=lambda value: value)
def test_it_keeps_the_laws(group: str, name: str) -> None:
    module = NEEDS.get(name)
    if module is not None and importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    settings: dict[str, Any] = SMALL.get(name, {})
    broken = []
    for law in laws(group, name, settings=settings, base=ROOT / "scenes"):
        if law.alone or (name in HEAVY and "learns" in law.name):
            continue
        try:
            law.check()
        except LawBroken as error:
            broken.append(f"{law}: {error}")
    assert not broken


def test_another_process_draws_the_same_worlds() -> None:
    (law,) = (law for law in laws("scene-type", "flying") if law.name.startswith("another"))
    assert law.check() == ""
