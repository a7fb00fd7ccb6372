"""An experiment from its file to its report."""

from __future__ import annotations

import platform
import shlex
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from simgen.pipeline import runs
from simgen.pipeline.experiment.gate import Experiment, load_experiment
from simgen.pipeline.experiment.packing import pack_experiment
from simgen.pipeline.experiment.results import judge
from simgen.pipeline.experiment.stages import Bar, check_trainings, render_sets, train_all
from simgen.pipeline.pool import Farm, cores
from simgen.plugin.registry import Registry
from simgen.report.experiment_page import ExperimentResult, write_experiment


def run_experiment(
    path: Path,
    out: Path,
    sets: tuple[str, ...],
    farm: Farm,
    bar: Bar,
    say: Callable[[str], None],
    plugin_dirs: tuple[Path, ...] = (),
) -> tuple[ExperimentResult, Path]:
    """Do what is missing, judge everything, write the report.

    Args:
        path: experiment file.
        out: folder of all results.
        sets: `dotted.path=value` settings laid over the file.
        farm: who renders.
        bar: shows the progress of a training.
        say: takes a line at every new piece of work.
        plugin_dirs: folders whose plugins count beside the installed ones.

    Returns:
        The numbers, and the path of report.html.

    Raises:
        SimgenError: bad input, or a piece failed; what is finished stays.
    """
    registry, experiment = _ready(path, out, sets, farm, say, plugin_dirs)
    train_all(experiment, registry, bar, say)
    found = judge(experiment, _machine(), _versions(), shlex.join(sys.argv))
    return found, write_experiment(found, out)


def prepare_pack(
    path: Path,
    out: Path,
    sets: tuple[str, ...],
    farm: Farm,
    say: Callable[[str], None],
    plugin_dirs: tuple[Path, ...],
    folder: Path,
    jpeg: int | None,
) -> int:
    """Render what is missing, then pack the trainings for another machine; gives its bytes.

    Raises:
        SimgenError: as `run_experiment`, or the folder is not empty.
    """
    registry, experiment = _ready(path, out, sets, farm, say, plugin_dirs)
    return pack_experiment(experiment, registry, folder, jpeg)


def _ready(
    path: Path,
    out: Path,
    sets: tuple[str, ...],
    farm: Farm,
    say: Callable[[str], None],
    plugin_dirs: tuple[Path, ...],
) -> tuple[Registry, Experiment]:
    """The experiment with its sets rendered and its trainings checked."""
    registry = Registry.installed(plugin_dirs)
    experiment = load_experiment(path, out, sets)
    render_sets(experiment, registry, farm, say)
    check_trainings(experiment, registry)
    return registry, experiment


def _machine() -> str:
    return f"{platform.machine()}, {cores()} cores, {platform.system()}"


def _versions() -> dict[str, str]:
    found = runs.versions()
    for package in ("torch", "torchvision", "pycocotools"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
