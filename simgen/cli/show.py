"""`simgen show`: a contact sheet of a run folder."""

from __future__ import annotations

from pathlib import Path

import click

from simgen.cli import options


@click.command("show")
@click.argument("folder", metavar="DIR", type=options.PathType())
@click.option("--out", type=options.PathType(), help="PNG file; default: DIR/contact_sheet.png.")
@click.option("-n", "--count", type=click.IntRange(1, 400), default=12, show_default=True)
@click.option("--columns", type=click.IntRange(1, 40), default=4, show_default=True)
@click.option("--maps", is_flag=True, help="Depth, instance and albedo maps beside each image.")
@click.option("--plain", is_flag=True, help="No boxes, masks and labels.")
@options.debug
def command(
    folder: Path, out: Path | None, count: int, columns: int, maps: bool, plain: bool
) -> None:
    """Draw evenly spaced frames of DIR with boxes, masks and labels; print the PNG's path."""
    from simgen.report.contact_sheet import SheetStyle, write_contact_sheet

    path = out or folder / "contact_sheet.png"
    shown = write_contact_sheet(folder, path, SheetStyle(count, columns, maps, plain))
    click.echo(str(path))
    click.echo(f"{shown} frames", err=True)
