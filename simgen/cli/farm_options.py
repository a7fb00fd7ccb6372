"""Options of verbs whose work can be spread: who works, and how patiently."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
_OPTIONS = (
    click.option(
        "--farm",
        metavar="NAME|PATH",
        default="local",
        show_default=True,
        help="Who works: `local`, `ray`, or a file of settings.",
    ),
    click.option("--address", metavar="HOST", help="Of the Ray cluster."),
    click.option(
        "--jobs",
        type=click.IntRange(1, 4096),
        help="Workers; by default as many as cores, memory and GPUs allow.",
    ),
    click.option("--threads", type=click.IntRange(1, 1024), help="Of each worker."),
    click.option(
        "--gpus", metavar="IDS", help="One for each worker in turn, e.g. 0,1; `none` for none."
    ),
    click.option(
        "--memory-limit",
        "memory_limit_mib",
        type=click.FloatRange(min=1),
        metavar="MIB",
        help="A worker that holds more is replaced.",
    ),
    click.option(
        "--world-limit",
        "world_limit_s",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="A world may take so long.",
    ),
    click.option(
        "--stall-limit",
        "stall_limit_s",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="A worker may be silent so long. Default: 1800.",
    ),
    click.option("--tries", type=click.IntRange(1, 20), help="Until a world is given up."),
    click.option(
        "--max-hours",
        type=click.FloatRange(min=0, min_open=True),
        metavar="H",
        help="Then end in good order; the same command goes on.",
    ),
)
_NAMES = ("address", "jobs", "threads", "gpus", "memory_limit_mib", "world_limit_s",
          "stall_limit_s", "tries", "max_hours")  # fmt: skip


def farm_options(function: F) -> F:
    """Add the options; the verb gets them as one argument, `farm`."""

    @functools.wraps(function)
    def with_farm(*args: Any, farm: str, **given: Any) -> Any:
        from simgen.pipeline.farm.settings import load_farm

        over = {name: given.pop(name) for name in _NAMES}
        over = {name: value for name, value in over.items() if value is not None}
        if "gpus" in over:
            over["gpus"] = _ids(over["gpus"])
        return function(*args, farm=load_farm(farm, over), **given)

    for option in reversed(_OPTIONS):
        with_farm = option(with_farm)
    return with_farm  # type: ignore[return-value]


def _ids(text: str) -> list[str]:
    return [] if text == "none" else [word.strip() for word in text.split(",") if word.strip()]
