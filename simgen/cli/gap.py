"""`simgen gap`: how far a synthetic set is from a real one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgen.cli import options

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from simgen.evaluate.coco_files import LabelFile

    Floats = NDArray[np.float64]


@click.command("gap")
@click.argument("synthetic", metavar="SYNTH", type=options.PathType())
@click.argument("real", metavar="REAL", type=options.PathType())
@click.option("--out", type=options.PathType(), required=True, help="Folder of the report.")
@click.option("--synth-images", type=options.PathType(), help="Folder of the images of SYNTH.")
@click.option("--real-images", type=options.PathType(), help="Folder of the images of REAL.")
@options.MAP
@click.option(
    "--features",
    nargs=2,
    type=options.PathType(),
    metavar="SYNTH.npy REAL.npy",
    help="Features [images, D] of a backbone; default: a built-in descriptor without a network.",
)
@click.option(
    "--detector",
    type=options.PathType(),
    metavar="DIR",
    help="Take the features of a detector that `simgen train` made (extra `train`).",
)
@click.option("--backbone", default="features given", help="What those features are.")
@options.SEED
@options.JSON
@options.debug
def command(
    synthetic: Path,
    real: Path,
    out: Path,
    synth_images: Path | None,
    real_images: Path | None,
    mapping: tuple[str, ...],
    features: tuple[Path, Path] | None,
    detector: Path | None,
    backbone: str,
    seed: int,
    as_json: bool,
) -> None:
    """Compare SYNTH with REAL, COCO files or dataset folders; write a report."""
    from simgen.evaluate.coco_files import read_features, read_labels
    from simgen.evaluate.gap import gap
    from simgen.report.gap_page import write_gap

    fake, truth = read_labels(synthetic, synth_images), read_labels(real, real_images)
    given = None
    if detector is not None and features is not None:
        raise click.UsageError("give --detector or --features, not both")
    if detector is not None:
        given = _features_of(detector, fake, truth)
    elif features is not None:
        given = backbone, read_features(features[0]), read_features(features[1])
    found = gap(fake, truth, options.mapping_of(mapping), given, seed)
    page = write_gap(found, fake, truth, out)
    if as_json:
        click.echo((out / "report.json").read_text(), nl=False)
        return
    click.echo(str(page))
    click.echo(f"coverage: {found.features.coverage:.3f}")
    click.echo(f"kid: {found.features.kid.value:.5f}")
    click.echo(f"near_duplicates: {found.copies.total}")
    for number, one in enumerate([c for c in found.compared if c.advice][:3], start=1):
        click.echo(f"{number}. {one.advice} ({one.name})", err=True)


def _features_of(detector: Path, *sets: LabelFile) -> tuple[str, Floats, Floats]:
    from simgen.detect.detector import need_torch
    from simgen.evaluate.coco_files import require_images
    from simgen.pipeline.progress import progress

    need_torch()
    from simgen.detect._torch_features import detector_features
    from simgen.detect.card import read_card

    paths = [require_images(one) for one in sets]
    found = []
    for one in paths:
        with progress("features", len(one), "images") as advance:
            found.append(detector_features(detector, one, advance=advance))
    kind = read_card(detector)["detector"]
    return f"backbone of the detector {detector.name} ({kind}, trained here)", found[0], found[1]
