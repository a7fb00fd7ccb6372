"""`simgen filter`: frames and labels for which expressions hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgen.cli import options
from simgen.cli.farm_options import farm_options

if TYPE_CHECKING:
    from simgen.pipeline.pool import Farm


@click.command("filter")
@click.argument("dataset", type=options.PathType())
@click.option("--out", type=options.PathType(), required=True, metavar="DIR")
@click.option("--where", metavar="EXPR", help="Frames: \"count(category == 'can') > 1\".")
@click.option("--labels", metavar="EXPR", help="Labels: 'visibility > 0.3 and size_px > 12'.")
@click.option("--drop-empty", is_flag=True, help="Leave out frames that --labels empties.")
@click.option("--quality", is_flag=True, help="Leave out pictures that are damaged, black, twins.")
@click.option("--consistent", is_flag=True, help="Leave out frames with labels that disagree.")
@click.option("--like", type=options.PathType(), metavar="PHOTOS", help="Keep what is like these.")
@click.option("--keep", type=click.FloatRange(0, 1), default=0.8, show_default=True,
              help="Share that --like keeps.")  # fmt: skip
@farm_options
@options.JSON
@options.debug
def command(
    dataset: Path,
    out: Path,
    where: str | None,
    labels: str | None,
    drop_empty: bool,
    quality: bool,
    consistent: bool,
    like: Path | None,
    keep: float,
    farm: Farm,
    as_json: bool,
) -> None:
    """Keep frames and labels of DATASET by what is recorded of them, and by goals.

    `simgen stats DATASET` lists the names that expressions may use.
    """
    from simgen.cli.finishing import finish
    from simgen.dataset.reader import Dataset
    from simgen.pipeline.curating.goals import unlike, unsound
    from simgen.pipeline.curating.selecting import Filter, filtered
    from simgen.pipeline.progress import progress

    what = Filter.of(where, labels, drop_empty)
    total = sum(1 for _ in Dataset.open(dataset).frames())
    left_out: dict[int, str] = {}
    if quality or consistent:
        with progress("lint", total) as advance:
            left_out |= unsound(dataset, quality, consistent, 2, advance)
    if like is not None:
        with progress("likeness", total) as advance:
            left_out |= unlike(dataset, like, keep, advance)
    goals = {"quality": quality, "consistent": consistent,
             "like": like.name if like else None, "keep": keep if like else None}  # fmt: skip
    done = filtered(dataset, out, what, besides=goals, left_out=left_out, farm=farm)
    finish(out, done, as_json)
