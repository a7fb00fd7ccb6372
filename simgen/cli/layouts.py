"""`simgen layouts`: how many objects of which classes lie where in real pictures."""

from __future__ import annotations

import math
from pathlib import Path

import click

from simgen.cli import options


@click.group("layouts")
def command() -> None:
    """Fit the layouts of labelled pictures for the randomizer `layout`; compare layouts."""


@command.command("fit")
@click.argument("labels", metavar="COCO", type=options.PathType())
@click.option("--out", type=options.PathType(), required=True, metavar="FILE", help="JSON file.")
@options.JSON
@options.debug
def fit(labels: Path, out: Path, as_json: bool) -> None:
    """Fit counts, classes, sizes, places and spacing of COCO, a file or dataset folder."""
    from simgen.pipeline.layouts import fit_layout_file

    facts = fit_layout_file(labels, out)
    options.print_facts({"out": str(out), **facts}, as_json)


@command.command("compare")
@click.argument("synthetic", metavar="SYNTH", type=options.PathType())
@click.argument("real", metavar="REAL", type=options.PathType())
@click.option(
    "--square",
    type=click.FloatRange(0, 4),
    default=0.0,
    metavar="SIDES",
    help="Make boxes of SYNTH squares of so many longer sides, as some real labels are.",
)
@options.SEED
@options.JSON
@options.debug
def compare(synthetic: Path, real: Path, square: float, seed: int, as_json: bool) -> None:
    """Distances of counts, sizes, places and spacing of SYNTH and REAL, and all at once.

    In standard deviations of REAL, with the distance of halves of REAL beside it.
    """
    from simgen.evaluate.coco_files import read_labels
    from simgen.evaluate.layout_distances import layout_distances

    found = layout_distances(read_labels(synthetic), read_labels(real), square, seed)
    if as_json:
        facts = {
            one.name: {"distance": _or_null(one.distance), "floor": _or_null(one.floor)}
            for one in found
        }
        options.print_facts(facts, as_json)
        return
    for one in found:
        click.echo(f"{one.name}: {one.distance:.3f} (halves of REAL: {one.floor:.3f})")


def _or_null(distance: float) -> float | None:
    """JSON knows no NaN: sets of lonely objects have no spacing."""
    return None if math.isnan(distance) else distance
