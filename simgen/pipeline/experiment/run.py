"""An experiment from its file to its report."""

from __future__ import annotations

import platform
import shlex
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from simgen.pipeline import runs
from simgen.pipeline.experiment.gate import load_experiment
from simgen.pipeline.experiment.results import judge
from simgen.pipeline.experiment.stages import Bar, check_trainings, render_sets, train_all
from simgen.pipeline.pool import cores
from simgen.plugin.registry import Registry
from simgen.report.experiment_page import ExperimentResult, write_experiment


def run_experiment(
    path: Path,
    out: Path,
    sets: tuple[str, ...],
    jobs: int,
    bar: Bar,
    say: Callable[[str], None],
    plugin_dirs: tuple[Path, ...] = (),
) -> tuple[ExperimentResult, Path]:
    """Do what is missing, judge everything, write the report.

    Args:
        path: experiment file.
        out: folder of all results.
        sets: `dotted.path=value` settings laid over the file.
        jobs: processes that render.
        bar: shows the progress of a training.
        say: takes a line at every new piece of work.
        plugin_dirs: folders whose plugins count beside the installed ones.

    Returns:
        The numbers, and the path of report.html.

    Raises:
        SimgenError: bad input, or a piece failed; what is finished stays.
    """
    registry = Registry.installed(plugin_dirs)
    experiment = load_experiment(path, out, sets)
    render_sets(experiment, registry, jobs, say)
    check_trainings(experiment, registry)
    train_all(experiment, registry, bar, say)
    found = judge(experiment, _machine(), _versions(), shlex.join(sys.argv))
    return found, write_experiment(found, out)


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
