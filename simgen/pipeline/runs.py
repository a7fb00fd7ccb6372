"""Run logs: the only records with a clock, a host and absolute paths."""

from __future__ import annotations

import getpass
import platform
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

import simgen
from simgen.dataset.atomic import write_atomic
from simgen.dataset.layout import Layout
from simgen.errors import Fault, SimgenError
from simgen.pipeline.farm.settings import Farm
from simgen.pipeline.plan import RunPlan
from simgen.plugin.scene import Scene
from simgen.records.serial import from_json, to_json


@dataclass(frozen=True)
class RunLog:
    """One run into a folder.

    Args:
        id: starts with the time, so ids sort.
        command: as typed.
        roots: absolute paths by dotted scene-file name; what a replay reads from.
        machine: the engine's settings that belong to this machine.
        asked, done, skipped: frames.
        status: `running`, `done`, `failed` or `stopped`.
        plugin_dirs: folders whose plugins were used; they are never loaded from here.
        shard: `[i, N]`: only worlds whose number modulo N is i were asked for.
        worker_s: that all workers together have cost.
        price_per_hour: of one worker, where the farm's settings say.
    """

    id: str
    started: str
    command: list[str]
    host: str
    user: str
    scene_file: str
    roots: dict[str, str]
    versions: dict[str, str]
    jobs: int
    asked: list[int]
    status: str = "running"
    done: int = 0
    skipped: int = 0
    failed_worlds: list[int] | None = None
    machine: dict[str, Any] = field(default_factory=dict)
    duration_s: float = 0.0
    plugin_dirs: list[str] = field(default_factory=list)
    shard: list[int] = field(default_factory=lambda: [0, 1])
    worker_s: float = 0.0
    price_per_hour: float | None = None


def begin(out: Path, scene: Scene, plan: RunPlan, farm: Farm) -> RunLog:
    """Write the log of a run that starts now, so that even a killed run leaves its paths."""
    roots = {name: str(root.location) for name, root in scene.roots.items()}
    asked = [plan.frames.start, plan.frames.stop]
    made = {"scene_file": str(scene.path.resolve()), "machine": plan.machine}
    return open_log(out, asked, farm, roots, plan.plugin_dirs, shard=list(plan.shard), **made)


def open_log(
    out: Path,
    asked: list[int],
    farm: Farm,
    roots: dict[str, str],
    plugin_dirs: Sequence[Path] = (),
    **fields: Any,
) -> RunLog:
    """The same for a run of any stage; its `roots` are the paths of its sources by name."""
    now = datetime.now(UTC)
    log = RunLog(
        id=f"{now:%Y%m%dT%H%M%S.%f}-{secrets.token_hex(3)}",
        started=now.isoformat(),
        command=sys.argv,
        host=platform.node(),
        user=_user(),
        scene_file=fields.pop("scene_file", ""),
        roots=roots,
        versions=versions(),
        jobs=farm.jobs,
        price_per_hour=farm.price_per_hour,
        asked=asked,
        plugin_dirs=[str(folder) for folder in plugin_dirs],
        **fields,
    )
    _write(out, log)
    return log


def write(out: Path, log: RunLog, **changes: Any) -> None:
    """Write a run's log again, with what has changed."""
    _write(out, replace(log, **changes))


def newest(out: Path) -> RunLog | None:
    """The latest readable log of a run folder."""
    for path in sorted(Layout(out).runs.glob("[0-9]*.json"), reverse=True):
        log = parsed(path.read_bytes)
        if log is not None:
            return log
    return None


def parsed(load: Callable[[], bytes]) -> RunLog | None:
    """A log, if it can be read."""
    with suppress(OSError, msgspec.DecodeError):
        return from_json(RunLog, load())
    return None


@contextmanager
def reminding(out: Path, plugin_dirs: Sequence[Path]) -> Iterator[None]:
    """Errors say which plugin folders the run before used, where they were not given again.

    The folders are not loaded by themselves: a run folder may come from a stranger.
    """
    try:
        yield
    except SimgenError as error:
        log = newest(out)
        given = {str(folder.expanduser().resolve()) for folder in plugin_dirs}
        lost = [folder for folder in (log.plugin_dirs if log else []) if folder not in given]
        if not lost:
            raise
        what = f"its last run used plugins of {', '.join(lost)}"
        cure = f"if you trust them, give {' '.join(f'--plugin-dir {folder}' for folder in lost)}"
        raise type(error)([*error.faults, Fault(str(out), what, cure)]) from None


def versions() -> dict[str, str]:
    """What the result may depend on beyond the input."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"simgen": simgen.__version__, "python": platform.python_version()}
    found["machine"] = f"{platform.system()} {platform.machine()}"
    for package in ("numpy", "open3d", "mujoco", "trimesh", "opencv-python-headless", "bpy"):
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user may have no name
        return ""


def _write(out: Path, log: RunLog) -> None:
    write_atomic(Layout(out).runs / f"{log.id}.json", to_json(log))
