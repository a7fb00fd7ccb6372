"""What `simgen render --dry-run` prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simgen.cli import options

if TYPE_CHECKING:
    from simgen.pipeline.plan import RenderRequest
    from simgen.pipeline.pool import Farm


def print_estimate(request: RenderRequest, out: Path | None, farm: Farm, as_json: bool) -> None:
    """Measure a few worlds and say what a run would take.

    Raises:
        SimgenError: everything that would stop the real run.
    """
    from simgen.pipeline.estimate import estimate
    from simgen.pipeline.interval import Interval

    found = estimate(request, out, farm)
    facts: dict[str, Any] = {
        name: value for name, value in vars(found).items() if value is not None
    }
    if as_json:
        plain = {n: vars(v) if isinstance(v, Interval) else v for n, v in facts.items()}
        options.print_facts(plain, as_json)
    else:
        options.print_facts(_estimate_texts(facts), as_json)
    if found.machine and found.bytes_per_job * found.jobs > found.machine:
        fits = max(1, found.machine // found.bytes_per_job)
        what = f"warning: {found.jobs} jobs need more memory than this machine has"
        click.echo(f"{what}\n  -> use --jobs {fits}, or a smaller image", err=True)


def _estimate_texts(facts: dict[str, Any]) -> dict[str, str]:
    """Facts of an estimate for people; intervals hold nine times out of ten."""
    shown = {
        "seconds": ("time", options.duration_text),
        "bytes": ("disk", _size),
        "redrawn": ("placements redrawn", _percent),
        "dropped": ("objects dropped", _percent),
        "worker_hours": ("worker hours", lambda hours: f"{hours:.3g}"),
        "cost": ("cost", lambda price: f"{price:.2f}"),
    }
    texts = {}
    for name, value in facts.items():
        if name in shown:
            title, text = shown[name]
            texts[title] = f"{text(value.value)} ({text(value.low)} to {text(value.high)})"
        elif name == "bytes_per_job":
            texts["memory per job"] = f"{_size(value)} (machine: {_size(facts['machine'])})"
        elif name != "machine":
            texts[name] = str(value)
    return texts


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
