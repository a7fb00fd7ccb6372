"""`simgen import`: a set of labelled photographs becomes a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simgen.cli import options
from simgen.cli.farm_options import farm_options

if TYPE_CHECKING:
    from simgen.pipeline.pool import Farm


@click.command("import")
@click.argument("source", metavar="SET", type=options.PathType())
@click.option("--out", type=options.PathType(), required=True, metavar="DIR", help="Dataset.")
@click.option("--from", "reader", metavar="FORMAT", default="", help="Default: as SET looks.")
@click.option("--images", metavar="DIR", help="Where SET's pictures lie, if not where usual.")
@click.option(
    "--set", "sets", multiple=True, metavar="NAME=VALUE", help="Setting of the format's reader."
)
@farm_options
@options.PLUGIN_DIR
@options.JSON
@options.debug
def command(
    source: Path,
    out: Path,
    reader: str,
    images: str | None,
    sets: tuple[str, ...],
    farm: Farm,
    plugin_dirs: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Make a dataset of SET, a COCO file or another format's file or folder.

    Pictures are kept as they are (hard links, copies on other disks). Running again goes on where
    it stopped.
    """
    from simgen.cli.finishing import finish
    from simgen.pipeline.importing import import_set

    settings: dict[str, Any] = {"images": images} if images else {}
    settings |= options.settings_of(sets)
    result = import_set(source, out, reader, settings, plugin_dirs=plugin_dirs, farm=farm)
    finish(out, result, as_json)
