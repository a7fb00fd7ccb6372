"""Trial: the example of a plugin, opened and drawn from, as a run would."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from simgen.assets.library import AssetLibrary
from simgen.errors import SimgenError
from simgen.plugin.conformance import Law, LawBroken, Subject, require
from simgen.plugin.examples import as_yaml
from simgen.plugin.gate import scene_from
from simgen.plugin.scene import Scene
from simgen.records.frame import FrameSpec
from simgen.records.serial import from_json, to_json
from simgen.records.world import World
from simgen.sampling.sampler import Sampler
from simgen.spec.document import parse_document

WORLDS = 6
_SEED = 11
_SIZE = [96, 72]


class Trial:
    """What the laws of one plugin are checked on; worlds are drawn once and shared.

    Args:
        subject: the plugin.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    @cached_property
    def scene(self) -> Scene:
        """The example, small enough to be rendered in a moment."""
        data = {**self.subject.example, "views_per_world": 1}
        data["render"] = {**data.get("render", {}), "size": _SIZE}
        if self.subject.kind.group != "renderers":
            data["render"] |= {"engine": "raycast"}
        document = parse_document(as_yaml(data), "the example", self.subject.base)
        return scene_from(document, self.subject.base / "example.yaml", self.subject.registry)

    @cached_property
    def library(self) -> AssetLibrary:
        """Assets of the example."""
        return AssetLibrary(self.scene, self.subject.registry)

    def sampler(self, scene: Scene | None = None) -> Sampler:
        """A fresh sampler."""
        return Sampler(scene or self.scene, self.library, _SEED)

    @cached_property
    def drawings(self) -> tuple[Drawing, ...]:
        """The first worlds of the example, each with a view."""
        return drawn(self.sampler(), range(WORLDS))

    @property
    def worlds(self) -> tuple[World, ...]:
        """The worlds alone."""
        return tuple(drawing.world for drawing in self.drawings)

    @cached_property
    def seconds(self) -> float:
        """To draw one of them, assets at hand."""
        drawn(self.sampler(), range(WORLDS))
        began = time.perf_counter()
        drawn(self.sampler(), range(WORLDS))
        return (time.perf_counter() - began) / WORLDS


@dataclass(frozen=True)
class Drawing:
    """A world and a view of it."""

    world: World
    frame: FrameSpec


def drawn(sampler: Sampler, numbers: Sequence[int], disturbance: int = 1) -> tuple[Drawing, ...]:
    """Worlds and views, while the process's own generators stand somewhere else each time.

    Raises:
        LawBroken: one cannot be drawn; the error says which law of worlds it breaks.
    """
    drawings = []
    for number in numbers:
        with disturbed(disturbance + number):
            try:
                world = sampler.world(number)
                drawings.append(Drawing(world, sampler.frame(number, world)))
            except SimgenError as error:
                raise LawBroken(f"world {number} cannot be drawn: {error}") from error
    return tuple(drawings)


@contextmanager
def disturbed(seed: int) -> Iterator[None]:
    """Global generators at a place of their own, and back: who draws from them is found out."""
    # Named at run time, for nothing in simgen may draw from them; here they are the trap.
    python = importlib.import_module("random")
    states = python.getstate(), getattr(np.random, "get_state")()  # noqa: B009
    python.seed(seed)
    getattr(np.random, "seed")(seed)  # noqa: B009
    try:
        yield
    finally:
        python.setstate(states[0])
        getattr(np.random, "set_state")(states[1])  # noqa: B009


def sampling_laws(trial: Trial) -> list[Law]:
    """What holds for every plugin that takes part in drawing worlds."""
    return [
        Law("the same stream gives the same world", lambda: same_stream(trial)),
        Law("a world depends on its number alone", lambda: own_number(trial)),
        Law("another process draws the same worlds", lambda: other_process(trial), alone=True),
        Law("worlds survive JSON", lambda: survive_json(trial)),
        Law("time per world (measured)", lambda: f"{1000 * trial.seconds:.1f} ms"),
    ]


def same_stream(trial: Trial) -> str:
    """Twice the same, wherever the global generators stand."""
    again = drawn(trial.sampler(), range(WORLDS), disturbance=1000)
    for one, other in zip(trial.drawings, again, strict=True):
        where = difference(to_plain_json(one), to_plain_json(other))
        require(not where, f"world {one.world.index} comes out differently: {where}")
    return ""


def own_number(trial: Trial) -> str:
    """The last world alone is the last world of all: no hidden state."""
    (alone,) = drawn(trial.sampler(), [WORLDS - 1])
    where = difference(to_plain_json(trial.drawings[-1]), to_plain_json(alone))
    require(not where, f"world {alone.world.index} drawn alone differs: {where}")
    return ""


def survive_json(trial: Trial) -> str:
    """Written and read back, nothing is lost."""
    for drawing in trial.drawings:
        where = f"world {drawing.world.index}"
        try:
            data = to_json(drawing)
        except TypeError as error:
            raise LawBroken(f"{where} is not plain data: {error}") from None
        require(to_json(from_json(Drawing, data)) == data, f"{where} changes in JSON")
    return ""


def other_process(trial: Trial) -> str:
    """The order of sets and dicts of text differs from process to process; worlds may not."""
    subject = trial.subject
    if subject.registry.points != type(subject.registry).installed(subject.registry.folders).points:
        return "left out: the plugin is not installed"
    question = {
        "kind": subject.kind.group,
        "name": subject.name,
        "folders": [str(folder) for folder in subject.registry.folders],
        "settings": subject.settings,
        "base": str(subject.base),
    }
    done = subprocess.run(
        [sys.executable, "-m", "simgen.conformance"],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "4242"},
        check=False,
    )
    require(done.returncode == 0, f"it failed there: {done.stderr.strip()[-500:]}")
    require(done.stdout.strip() == digest(trial.drawings), "it draws other worlds there")
    return ""


def digest(drawings: Sequence[Drawing]) -> str:
    """One text for all worlds and views."""
    return hashlib.sha256(b"".join(to_json(drawing) for drawing in drawings)).hexdigest()


def to_plain_json(record: Any) -> Any:
    """A record as JSON would show it.

    Raises:
        LawBroken: it holds something that JSON cannot.
    """
    try:
        return json.loads(to_json(record))
    except TypeError as error:
        raise LawBroken(f"{type(record).__name__} is not plain data: {error}") from None


def difference(left: Any, right: Any, at: str = "") -> str:
    """Where two plain values first differ, or ""."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted({*left, *right}):
            found = difference(left.get(key), right.get(key), f"{at}.{key}".lstrip("."))
            if found:
                return found
        return ""
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for number, (a, b) in enumerate(zip(left, right, strict=True)):
            found = difference(a, b, f"{at}.{number}".lstrip("."))
            if found:
                return found
        return ""
    return "" if left == right else f"{at or 'it'} is {left!r}, then {right!r}"[:200]
