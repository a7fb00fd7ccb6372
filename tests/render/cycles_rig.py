"""What the tests of the Cycles engine share."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from worlds import FakeLibrary, spec

from simgen.records.camera import Camera
from simgen.records.frame import FrameSpec
from simgen.render.cycles import Cycles
from simgen.render.cycles.session import CyclesSession

needs_bpy = pytest.mark.skipif(
    importlib.util.find_spec("bpy") is None, reason="bpy (extra `cycles`) is not installed"
)


@contextmanager
def cycles(library: FakeLibrary, **params: object) -> Iterator[CyclesSession]:
    settings = {"samples": 2, "denoiser": "none", "timeout_s": 120.0} | params
    with Cycles().open(Cycles.Params(**settings), library, 2) as session:
        yield session


def views(*cameras: Camera, first: int = 0) -> list[FrameSpec]:
    return [replace(spec(camera), frame=first + n, view=n) for n, camera in enumerate(cameras)]
