"""`simgen gap`: how far a synthetic set is from a real one."""

from __future__ import annotations

from pathlib import Path

import click

from simgen.cli import options


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
    if features is not None:
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
