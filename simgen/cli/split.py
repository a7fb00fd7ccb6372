"""`simgen split`: training and validation sets, by world."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgen.cli import options
from simgen.cli.farm_options import farm_options

if TYPE_CHECKING:
    from simgen.pipeline.pool import Farm


@click.command("split")
@click.argument("dataset", type=options.PathType())
@click.option("--out", type=options.PathType(), required=True, metavar="DIR")
@click.option("--share", "shares", multiple=True, metavar="NAME=SHARE",
              default=("train=0.9", "val=0.1"), show_default=True)  # fmt: skip
@farm_options
@options.JSON
@options.debug
def command(dataset: Path, out: Path, shares: tuple[str, ...], farm: Farm, as_json: bool) -> None:
    """Split DATASET into DIR/train, DIR/val and so on; views of a world stay together.

    Where a world goes depends on its number and the shares alone, so what is rendered later
    moves nothing.
    """
    from simgen.cli.finishing import stop_on_failures
    from simgen.pipeline.curating.selecting import split

    wanted = dict(_share(text) for text in shares)
    done = split(dataset, out, wanted, farm)
    facts = {name: {"out": str(out / name), "images": d.images, "annotations": d.annotations}
             for name, d in done.items()}  # fmt: skip
    options.print_facts(facts, as_json)
    for one in done.values():
        stop_on_failures(one)


def _share(text: str) -> tuple[str, float]:
    from simgen.errors import DataError, Fault

    name, equals, value = text.partition("=")
    try:
        if not equals or not name.isidentifier():
            raise ValueError
        return name, float(value)
    except ValueError:
        raise DataError(Fault("--share", f"{text!r} is no share", "train=0.9")) from None
