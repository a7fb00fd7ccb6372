"""`simgen lint`: what is wrong with a dataset."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import click

from simgen.cli import options

_SHOWN = 12  # findings of one code on the terminal; all are in the JSON


@click.command("lint")
@click.argument("dataset", type=options.PathType())
@click.option("--threads", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--ignore", multiple=True, metavar="CODE", help="Leave a kind of finding out.")
@click.option("--limit", multiple=True, metavar="NAME=VALUE", help="A threshold: tiny_px=2.")
@options.JSON
@options.debug
def command(
    dataset: Path, threads: int, ignore: tuple[str, ...], limit: tuple[str, ...], as_json: bool
) -> None:
    """Look at every picture and label of DATASET; exit code 1 if something is wrong.

    Labels against masks, maps and each other; files that are missing, changed or damaged; black,
    blown and flat pictures; twins; classes that lack labels; the index.
    """
    import json
    from dataclasses import asdict, replace

    from simgen.dataset.reader import Dataset
    from simgen.errors import DataError, Fault
    from simgen.evaluate.lint import CODES, Thresholds, lint
    from simgen.pipeline.progress import progress
    from simgen.spec.faults import suggest

    for code in ignore:
        if code not in CODES:
            raise DataError(Fault("--ignore", f"no code {code!r}", suggest(code, list(CODES))))
    given = _limits(limit, [f.name for f in fields(Thresholds)])
    limits = replace(Thresholds(), **given)
    total = sum(1 for _ in Dataset.open(dataset).frames())
    with progress("lint", total) as advance:
        result = lint(dataset, limits, threads, advance)
    findings = [f for f in result.findings if f.code not in ignore]
    if as_json:
        report = {
            "dataset": str(dataset),
            "frames": result.frames,
            "labels": result.labels,
            "by_code": {c: n for c, n in result.by_code.items() if c not in ignore},
            "findings": [asdict(f) for f in findings],
        }
        click.echo(json.dumps(report))
    else:
        _print(findings, result.frames, result.labels)
    if findings:
        raise SystemExit(1)


def _limits(written: tuple[str, ...], names: list[str]) -> dict[str, float]:
    from simgen.errors import DataError, Fault
    from simgen.spec.faults import suggest

    out: dict[str, float] = {}
    for text in written:
        name, equals, value = text.partition("=")
        if name not in names or not equals:
            cure = suggest(name, names, "limits")
            raise DataError(Fault("--limit", f"no limit {text!r}", cure))
        try:
            out[name] = float(value)
        except ValueError:
            raise DataError(Fault("--limit", f"{value!r} is no number", f"{name}=3")) from None
    return out


def _print(findings: list, frames: int, labels: int) -> None:  # type: ignore[type-arg]
    from itertools import groupby

    from simgen.evaluate.lint import CODES

    for code, group in groupby(findings, key=lambda f: f.code):
        rows = list(group)
        click.echo(f"{code} ({len(rows)}): {CODES[code]}")
        for f in rows[:_SHOWN]:
            where = "" if f.frame is None else f"frame {f.frame} "
            where += "" if f.instance is None else f"label {f.instance} "
            click.echo(f"  {where}{f.file + ' ' if f.file else ''}{f.what}")
        if len(rows) > _SHOWN:
            click.echo(f"  and {len(rows) - _SHOWN} more (--json lists all)")
    click.echo(f"{frames} frames, {labels} labels, {len(findings)} findings", err=True)
