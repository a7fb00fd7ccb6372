"""`simgen diff`: what differs between two datasets."""

from __future__ import annotations

from pathlib import Path

import click

from simgen.cli import options

_SHOWN = 10


@click.command("diff")
@click.argument("first", type=options.PathType())
@click.argument("second", type=options.PathType())
@options.JSON
@options.debug
def command(first: Path, second: Path, as_json: bool) -> None:
    """Compare FIRST and SECOND frame by frame; exit code 1 if they differ."""
    import json
    from dataclasses import asdict

    from simgen.dataset.reader import Dataset
    from simgen.evaluate.differences import differences
    from simgen.pipeline.progress import progress

    total = sum(1 for _ in Dataset.open(first).frames())
    with progress("diff", total) as advance:
        found = differences(first, second, advance)
    if as_json:
        click.echo(json.dumps(asdict(found) | {"equal": found.equal}))
    else:
        for name, (mine, theirs) in found.manifest.items():
            click.echo(f"manifest {name}: {_short(mine)} | {_short(theirs)}")
        for name, frames in (("only in the first", found.only_first),
                             ("only in the second", found.only_second)):  # fmt: skip
            if frames:
                click.echo(f"{name}: {len(frames)} frames, {_some(frames)}")
        for output, frames in found.files.items():
            click.echo(f"{output} differs in {len(frames)} frames: {_some(frames)}")
        for frame, what in list(found.labels.items())[:_SHOWN]:
            click.echo(f"labels of frame {frame}: {what}")
        if len(found.labels) > _SHOWN:
            click.echo(f"and the labels of {len(found.labels) - _SHOWN} more frames")
        if found.facts:
            click.echo(f"recorded values differ in {len(found.facts)} frames: {_some(found.facts)}")
        click.echo(f"{found.same} frames are equal", err=True)
    if not found.equal:
        raise SystemExit(1)


def _some(frames: list[int]) -> str:
    more = ", ..." if len(frames) > _SHOWN else ""
    return ", ".join(map(str, frames[:_SHOWN])) + more


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
