"""The job of a generator: every picture and setting, resolved, as plain frozen data.

Like `simgen.detect.job`: what a YAML config becomes, and what a bare GPU machine reads as JSON.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simgen.errors import Fault, SceneFileError
from simgen.learn.schedule import Machine, Schedule

# Kind -> `module:function(params, job) -> network`.
BUILDS = {
    "vae": "simgen.generate._torch_vae:build",
    "gan": "simgen.generate._torch_gan:build",
    "diffusion": "simgen.generate._torch_diffusion:build",
}


@dataclass(frozen=True)
class Item:
    """One picture to learn from.

    Args:
        file: name below the root, with forward slashes.
        category: position in the categories.
        box_xywh_px: the part of the file that it is; None: all of it.
    """

    file: str
    category: int = 0
    box_xywh_px: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class View:
    """How pictures reach the network.

    Args:
        side: of the network's square pictures, pixels.
        grey: one channel for three.
        windows: random windows of `side` pixels; otherwise the whole picture, squeezed.
        scale: smallest and largest magnification before a window is cut, drawn log-uniformly.
        flip: mirror half of them.
    """

    side: int = 32
    grey: bool = False
    windows: bool = False
    scale: tuple[float, float] = (1.0, 1.0)
    flip: bool = False


@dataclass(frozen=True)
class GeneratorJob:
    """One training.

    Args:
        kind: key of `BUILDS`.
        params: settings of the network.
        root: absolute folder of the pictures.
        items: to learn from.
        held_out: never learnt from; samples are judged against them.
        categories: names; one empty name where there are none.
    """

    kind: str
    params: dict[str, Any]
    root: str
    items: tuple[Item, ...]
    held_out: tuple[Item, ...] = ()
    categories: tuple[str, ...] = ("",)
    view: View = View()
    schedule: Schedule = field(default_factory=Schedule)
    machine: Machine = field(default_factory=Machine)
    seed: int = 0

    @property
    def channels(self) -> int:
        """Of the pictures."""
        return 1 if self.view.grey else 3

    def identity(self) -> str:
        """Hex digest of all that the result depends on: not the machine, not where data lies."""
        plain = dataclasses.asdict(self)
        del plain["machine"], plain["root"]
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def write_job(job: GeneratorJob, path: Path) -> None:
    """Write the job as JSON, for a machine that has no YAML and no pydantic."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dataclasses.asdict(job)) + "\n")


def read_job(path: Path) -> GeneratorJob:
    """A job that `write_job` wrote.

    Raises:
        SceneFileError: unreadable, or not such a job.
    """
    try:
        return job_of(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"not a generator's job: {type(error).__name__}: {error}"
        cure = "write it with `simgen generators train CONFIG --write-job FILE`"
        raise SceneFileError(Fault(str(path), what, cure)) from None


def job_of(data: dict[str, Any]) -> GeneratorJob:
    """A job of its plain form."""
    view = View(**{**data["view"], "scale": tuple(data["view"]["scale"])})
    parts: dict[str, Any] = {name: _items(data[name]) for name in ("items", "held_out")}
    parts |= {"schedule": Schedule(**data["schedule"]), "machine": Machine(**data["machine"])}
    parts |= {"view": view, "categories": tuple(data["categories"])}
    return GeneratorJob(**{**data, **parts})


def _items(rows: list[dict[str, Any]]) -> tuple[Item, ...]:
    return tuple(
        Item(r["file"], r["category"], r["box_xywh_px"] and tuple(r["box_xywh_px"])) for r in rows
    )
