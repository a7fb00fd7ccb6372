"""`simgen parity`, in a process of its own."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., "CompletedProcess[str]"]


@pytest.mark.skipif(
    importlib.util.find_spec("bpy") is None, reason="bpy (extra `cycles`) is not installed"
)
def test_cycles_agrees_with_the_labels(simgen: Run, scene: Path) -> None:
    size = ("--set", "render.size=[96, 72]")
    done = simgen("parity", scene, "--renderer", "cycles", "--frames", 3, "--json", *size)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["ok"] is True
    assert [frame["frame"] for frame in found["frames"]] == [0, 1, 2]
    assert all(frame["objects"] and frame["agreement"] > 0.98 for frame in found["frames"])
    assert all(frame["complaints"] == [] for frame in found["frames"])


def test_the_ray_caster_has_nothing_to_compare(simgen: Run, scene: Path) -> None:
    done = simgen("parity", scene, "--frames", 1)
    assert done.returncode == 2
    assert "--renderer cycles" in done.stderr
