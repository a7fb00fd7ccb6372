"""`simgen subset`: some frames of a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgen.cli import options
from simgen.cli.farm_options import farm_options

if TYPE_CHECKING:
    from simgen.pipeline.pool import Farm


@click.command("subset")
@click.argument("dataset", type=options.PathType())
@click.option("--out", type=options.PathType(), required=True, metavar="DIR")
@click.option("--count", type=click.IntRange(min=1), help="So many, drawn; more hold fewer.")
@options.FRAMES
@options.RANGE
@options.SEED
@farm_options
@options.JSON
@options.debug
def command(
    dataset: Path,
    out: Path,
    count: int | None,
    frames: int | None,
    span: range | None,
    seed: int,
    farm: Farm,
    as_json: bool,
) -> None:
    """Take frames of DATASET: the first --frames, a --range, or --count drawn ones."""
    from simgen.cli.finishing import finish
    from simgen.pipeline.curating.selecting import subset

    chosen = options.frames_of(frames, span)
    done = subset(dataset, out, count=count, frames=chosen, seed=seed, farm=farm)
    finish(out, done, as_json)
