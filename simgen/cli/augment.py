"""`simgen augment`: more pictures out of a dataset, with labels that are as true."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgen.cli import options
from simgen.cli.farm_options import farm_options

if TYPE_CHECKING:
    from simgen.pipeline.pool import Farm


@click.command("augment")
@click.argument("dataset", type=options.PathType())
@click.option("--config", required=True, help="File, or preset of configs/augment.")
@click.option("--out", type=options.PathType(), metavar="DIR", help="Dataset that is made.")
@options.SETS
@options.FRAMES
@options.RANGE
@farm_options
@click.option("--preview", type=click.IntRange(1, 64), metavar="N", help="Only draw N frames.")
@options.PLUGIN_DIR
@options.JSON
@options.debug
def command(
    dataset: Path,
    config: str,
    out: Path | None,
    sets: tuple[str, ...],
    frames: int | None,
    span: range | None,
    farm: Farm,
    preview: int | None,
    plugin_dirs: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Augment DATASET as CONFIG says: copy-paste, mosaic and others; labels follow the pixels.

    Running again goes on where it stopped. --preview draws some frames before and after, and makes
    no dataset.
    """
    from simgen.pipeline.augmenting.gate import load_augment
    from simgen.plugin.registry import Registry

    loaded = load_augment(config, Registry.installed(plugin_dirs), sets)
    if preview is not None:
        from simgen.pipeline.augmenting.preview import SHEET, preview_augment

        path = out / SHEET if out else Path(SHEET)
        shown = preview_augment(dataset, loaded, path, preview)
        options.print_facts({"preview": str(path), "frames": shown}, as_json)
        return
    if out is None:
        raise click.UsageError("give --out DIR")
    from simgen.cli.finishing import finish
    from simgen.pipeline.augmenting.stage import augment_dataset

    chosen = options.frames_of(frames, span)
    finish(out, augment_dataset(dataset, loaded, out, farm=farm, chosen=chosen), as_json)
