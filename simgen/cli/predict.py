"""`simgen predict`: COCO results of a detector."""

from __future__ import annotations

from pathlib import Path

import click

from simgen.cli import options


@click.command("predict")
@click.argument("detector", metavar="DETECTOR", type=options.PathType())
@click.argument("images", metavar="IMAGES", type=options.PathType())
@click.option(
    "--out", type=options.PathType(), required=True, metavar="FILE", help="COCO results (JSON)."
)
@click.option(
    "--image-folder",
    type=options.PathType(),
    metavar="DIR",
    help="Where a COCO file's images lie; default: `images` beside it.",
)
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="THEIRS=OURS",
    help="Category of the COCO file -> category of the detector; empty OURS leaves it out.",
)
@click.option(
    "--side",
    type=click.IntRange(32, 32768),
    metavar="PX",
    help="Longer side to which images are scaled; default: as in training.",
)
@click.option(
    "--tile", type=click.IntRange(64, 8192), metavar="PX", help="Search larger images in tiles."
)
@click.option("--overlap", type=click.FloatRange(0, 0.9), default=0.25, show_default=True)
@click.option("--batch", type=click.IntRange(1, 1024), default=8, show_default=True)
@click.option("--min-score", type=click.FloatRange(0, 1), default=0.02, show_default=True)
@click.option("--max-detections", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--device", default="auto", show_default=True, metavar="auto|cpu|cuda")
@options.PLUGIN_DIR
@options.JSON
@options.debug
def command(
    detector: Path,
    images: Path,
    out: Path,
    image_folder: Path | None,
    pairs: tuple[str, ...],
    side: int | None,
    tile: int | None,
    overlap: float,
    batch: int,
    min_score: float,
    max_detections: int,
    device: str,
    plugin_dirs: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Search IMAGES (folder, simgen dataset or COCO file) with DETECTOR (a folder of train)."""
    from simgen.detect.card import categories_of, read_card
    from simgen.detect.job import Inference
    from simgen.detect.listing import list_images, write_results
    from simgen.plugin.registry import Registry

    card = read_card(detector)
    mapping = {a: b or None for a, b in options.mapping_of(pairs, may_be_empty=True).items()}
    listing = list_images(images, image_folder, categories_of(card), mapping)
    settings = Inference(side or 0, tile or 0, overlap, batch, min_score, max_detections, device)
    from simgen.pipeline.progress import progress

    plugin = Registry.installed(plugin_dirs).get("detectors", card["detector"])
    with progress("predict", len(listing.images), "images") as advance:
        rows = plugin.predict(detector, listing, settings, advance)
    write_results(rows, listing, out)
    facts = {"out": str(out), "images": len(listing.images), "detections": len(rows)}
    options.print_facts(facts, as_json)
