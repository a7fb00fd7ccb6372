"""`simgen export`: a dataset in another format."""

from __future__ import annotations

from pathlib import Path

import click

from simgen.cli import options


@click.command("export")
@click.argument("source", metavar="DIR", type=options.PathType())
@click.option("--to", "writer", required=True, metavar="FORMAT", help="See `simgen plugins`.")
@click.option("--out", type=options.PathType(), required=True, metavar="DIR2", help="New folder.")
@click.option(
    "--set", "sets", multiple=True, metavar="NAME=VALUE", help="Setting of the format's writer."
)
@options.PLUGIN_DIR
@options.JSON
@options.debug
def command(
    source: Path,
    writer: str,
    out: Path,
    sets: tuple[str, ...],
    plugin_dirs: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Write the dataset DIR in another format to DIR2, which appears when all is there.

    Pictures are hard-linked where the format takes them as they are; `--set link=false` copies.
    """
    from simgen.pipeline.exporting import export_set

    result = export_set(source, out, writer, options.settings_of(sets), plugin_dirs)
    facts = {"out": str(out), "index": str(result.index), "frames": result.frames}
    options.print_facts(facts, as_json)
