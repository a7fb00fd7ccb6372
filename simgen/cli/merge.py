"""`simgen merge`: several datasets become one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgen.cli import options
from simgen.cli.farm_options import farm_options

if TYPE_CHECKING:
    from simgen.pipeline.pool import Farm


@click.command("merge")
@click.argument("datasets", nargs=-1, required=True, type=options.PathType())
@click.option("--out", type=options.PathType(), required=True, metavar="DIR")
@farm_options
@options.JSON
@options.debug
def command(datasets: tuple[Path, ...], out: Path, farm: Farm, as_json: bool) -> None:
    """Merge DATASETS, rendered, photographed or augmented; frames and worlds are numbered on.

    Files are linked. Categories are joined by name.
    """
    from simgen.cli.finishing import finish
    from simgen.pipeline.curating.merging import merge

    finish(out, merge(datasets, out, farm), as_json)
