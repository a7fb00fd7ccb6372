"""`simgen assets`: libraries of meshes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simgen.cli import options
from simgen.cli.assets_lint import lint

if TYPE_CHECKING:
    from simgen.render.cycles.importing import ImportResult


@click.group("assets")
def command() -> None:
    """Make libraries of meshes for the asset source `meshes`, and look through them."""


command.add_command(lint)


@command.command("import")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=options.PathType())
@click.option("--out", required=True, type=options.PathType(), metavar="LIBRARY", help="Folder.")
@click.option(
    "--per",
    type=click.Choice(["object", "collection", "file"]),
    help="What becomes one asset: an object with its children (default for .blend), "
    "a collection, the whole file (default for other formats).",
)
@click.option("--category", default="", help="Folder for all assets; default: one for each.")
@click.option("--licence", default="", help="Text; default: the licence files beside the source.")
@click.option("--author", default="", help="Who made it, for the library's licence ledger.")
@click.option("--attribution", default="", help="The words that the licence asks for.")
@click.option(
    "--size",
    type=click.IntRange(16, 8192),
    default=1024,
    show_default=True,
    help="Edge of baked textures, px.",
)
@click.option(
    "--up",
    type=click.Choice(["y", "z"]),
    default="z",
    show_default=True,
    help="Axis that points up in OBJ, PLY and STL files.",
)
@click.option(
    "--unit",
    type=click.Choice(["m", "cm", "mm", "inch"]),
    default="m",
    show_default=True,
    help="Unit of formats that do not say; BOP models are in mm.",
)
@click.option("--assembled", is_flag=True, help="URDF: also all links as one, in the rest pose.")
@click.option("--keep-original", is_flag=True, help="Keep the Blender materials for Cycles.")
@click.option("--force", is_flag=True, help="Import again, and replace what other sources wrote.")
@click.option("--python", default="", help="Interpreter that has bpy; default: this one.")
@options.JSON
@options.debug
def import_(
    sources: tuple[Path, ...], out: Path, size: int, as_json: bool, **settings: Any
) -> None:
    """Import SOURCEs through Blender as GLB with baked textures; print what was written.

    A SOURCE is a .blend, .urdf, .usd, .fbx, .dae, .obj, .ply, .stl, .gltf or .glb file, or a
    folder of BOP models. Nothing that a .blend would run is run. Running again skips what is
    there and unchanged.
    """
    from simgen.render.cycles.importing import ImportOptions, import_assets

    if settings["category"] and not _is_plain(settings["category"]):
        raise click.UsageError("--category is the name of one folder")
    result = import_assets(sources, out, ImportOptions(size_px=size, **settings), _progress)
    _print(result, out, as_json)
    if result.faults:
        from simgen.errors import WorkError

        raise options.PrintedError(WorkError(result.faults))


def _is_plain(name: str) -> bool:
    return Path(name).name == name and not name.startswith(".")


def _progress(name: str, number: int, count: int) -> None:
    import sys

    if sys.stderr.isatty():
        click.echo(f"importing {name} ({number + 1} of {count})", err=True)


def _print(result: ImportResult, out: Path, as_json: bool) -> None:
    if as_json:
        import json

        facts: dict[str, Any] = {
            "written": [vars(asset) for asset in result.written],
            "skipped": [vars(asset) for asset in result.skipped],
        }
        if result.faults:
            facts["error"] = [vars(fault) for fault in result.faults]
        click.echo(json.dumps(facts))
    else:
        for asset in result.written:
            click.echo(str(out / asset.file))
    for note in dict.fromkeys(result.notes):
        click.echo(f"note: {note}", err=True)
    baked = sum(len(asset.baked) for asset in result.written)
    click.echo(
        f"{len(result.written)} written ({baked} textures baked), "
        f"{len(result.skipped)} already there, {len(result.faults)} failed",
        err=True,
    )
