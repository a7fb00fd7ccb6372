"""Options and argument types that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
MAX_NUMBER = 100_000_000


class PrintedError(Exception):
    """An error that `--json` has printed among the facts already; the talk is still to come.

    Args:
        error: a `SimgenError`.
    """

    def __init__(self, error: Any) -> None:
        super().__init__(str(error))
        self.error = error


class RangeType(click.ParamType):  # type: ignore[type-arg, unused-ignore]  # click >= 8.3
    """`A:B`, from A up to but without B, as in Python."""

    name = "A:B"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> range:
        """A range out of text."""
        if isinstance(value, range):
            return value
        first, colon, end = str(value).partition(":")
        if not colon or not first.isdecimal() or not end.isdecimal():
            self.fail(f"expected A:B with whole numbers, got {value!r}", param, ctx)
        if len(first) > 9 or len(end) > 9 or not int(first) < int(end) <= MAX_NUMBER:
            self.fail(f"expected 0 <= A < B <= {MAX_NUMBER}, got {value!r}", param, ctx)
        return range(int(first), int(end))


class ShardType(click.ParamType):  # type: ignore[type-arg, unused-ignore]  # click >= 8.3
    """`I/N`: one of N parts, counted from 0."""

    name = "I/N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """A pair out of text."""
        if isinstance(value, tuple):
            return value
        index, slash, count = str(value).partition("/")
        if not slash or not index.isdecimal() or not count.isdecimal() or len(count) > 7:
            self.fail(f"expected I/N with whole numbers, such as 0/16, got {value!r}", param, ctx)
        if len(index) > 7 or not int(index) < int(count):
            last = int(count) - 1
            self.fail(f"shards count from 0: expected 0/{count} to {last}/{count}", param, ctx)
        return int(index), int(count)


class PathType(click.Path):
    """A path as `pathlib.Path`; whether it exists is checked, and explained, further in."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)


class OutType(click.ParamType):  # type: ignore[type-arg, unused-ignore]  # click >= 8.3
    """A run folder: a path, or a URL such as `s3://bucket/set` (extra `farm`)."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """A path out of text."""
        if isinstance(value, Path):
            return value
        if "://" not in str(value):
            return Path(value)
        from simgen.dataset.urls import place

        return place(str(value))


SCENE = click.argument("scene", type=PathType())
SEED = click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Of all draws."
)
SETS = click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="PATH=VALUE",
    help="Replace a setting of the scene file, e.g. objects.parts.path=meshes/.",
)
QUALITY = click.option(
    "--quality", metavar="NAME|PATH", help="Preset in configs/quality, or a file."
)
RENDERER = click.option("--renderer", metavar="NAME", help="Engine, see `simgen plugins`.")
FRAMES = click.option(
    "--frames", type=click.IntRange(1, MAX_NUMBER), metavar="N", help="Frames 0 to N-1."
)
RANGE = click.option(
    "--range", "span", type=RangeType(), help="Frames A to B-1, e.g. one shard of a dataset."
)
SHARD = click.option(
    "--shard",
    type=ShardType(),
    help="Part I of N, counted from 0: the worlds whose number modulo N is I.",
)
PLUGIN_DIR = click.option(
    "--plugin-dir",
    "plugin_dirs",
    multiple=True,
    type=PathType(),
    metavar="DIR",
    help="Also use the plugins in this folder; their code runs.",
)
MAP = click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="A=B",
    help="Category A of the first set (name or id) is B of the second.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def debug(function: F) -> F:
    """Add `--debug`; the group reads it from the command line when an error comes up."""
    return click.option(
        "--debug", is_flag=True, expose_value=False, help="Show tracebacks of errors."
    )(function)


def frames_of(frames: int | None, span: range | None) -> range | None:
    """Frame numbers out of `--frames` and `--range`."""
    if frames is not None and span is not None:
        raise click.UsageError("give --frames or --range, not both")
    return range(frames) if frames is not None else span


def mapping_of(pairs: tuple[str, ...], may_be_empty: bool = False) -> dict[str, str]:
    """Categories out of `--map A=B`; whether B may be empty."""
    mapping = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not (ours and equals and (theirs or may_be_empty)):
            raise click.UsageError(f"--map expects A=B, got {pair!r}")
        mapping[ours] = theirs
    return mapping


def print_facts(facts: dict[str, Any], as_json: bool) -> None:
    """What a verb found out: one JSON object, or a line of text for each fact."""
    if as_json:
        import json

        click.echo(json.dumps(facts))
        return
    for name, value in facts.items():
        if isinstance(value, dict):
            value = ", ".join(f"{k}: {v}" for k, v in value.items())
        elif isinstance(value, list):
            value = ", ".join(map(str, value)) or "none"
        click.echo(f"{name}: {value}")


def duration_text(seconds: float) -> str:
    """Hours and minutes, or minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def percent_text(metric: Any) -> str:
    """An `Estimate` in per cent: value (low to high)."""
    value, low, high = (
        float("nan") if v is None else 100 * v for v in (metric.value, metric.low, metric.high)
    )
    return f"{value:.1f} ({low:.1f} to {high:.1f})"


def settings_of(sets: tuple[str, ...]) -> dict[str, Any]:
    """Settings of a plugin out of `--set NAME=VALUE`; values are YAML."""
    import yaml

    found = {}
    for text in sets:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise click.UsageError(f"--set expects NAME=VALUE, got {text!r}")
        try:
            found[name] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise click.UsageError(f"--set {name}: the value is no YAML: {value!r}") from None
    return found
