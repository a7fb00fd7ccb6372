"""`simgen evaluate`: how good detections are, and where they fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from simgen.cli import options


@click.command("evaluate")
@click.argument("labels", metavar="LABELS", type=options.PathType())
@click.argument("predictions", metavar="PRED...", nargs=-1, required=True, type=options.PathType())
@click.option("--out", type=options.PathType(), required=True, help="Folder of the report.")
@click.option(
    "--slice",
    "slices",
    multiple=True,
    metavar="NAME[:BINS|=EDGE,...]",
    help="Recorded parameter to slice by, e.g. size_px=0,32,96 or visibility. Default: the usual.",
)
@click.option("--images", type=options.PathType(), help="Folder of the images, for the pictures.")
@options.MAP
@click.option("--iou", type=click.Choice(["bbox", "segm"]), default="bbox", show_default=True)
@click.option("--score", type=click.FloatRange(0, 1), help="Of the confusion; default: best F1.")
@click.option("--resamples", type=click.IntRange(0, 100_000), default=1000, show_default=True)
@options.SEED
@click.option(
    "--evaluator",
    type=click.Choice(["pycocotools", "hotcoco"]),
    default="pycocotools",
    show_default=True,
    help="Library that matches; hotcoco is faster and gives the same numbers.",
)
@options.JSON
@options.debug
def command(
    labels: Path,
    predictions: tuple[Path, ...],
    out: Path,
    images: Path | None,
    mapping: tuple[str, ...],
    as_json: bool,
    **settings: Any,
) -> None:
    """Judge COCO results PRED by LABELS, a COCO file or a dataset folder; write a report.

    Several PRED are seeds of one training: means, and intervals over images and seeds.
    """
    from simgen.evaluate.coco_files import read_labels
    from simgen.evaluate.evaluation import Settings, evaluate
    from simgen.report.evaluation_page import write_evaluation

    truth = read_labels(labels, images)
    found = evaluate(truth, predictions, Settings(**settings), options.mapping_of(mapping))
    page = write_evaluation(found, truth, out)
    if as_json:
        click.echo((out / "report.json").read_text(), nl=False)
        return
    click.echo(str(page))
    for name, metric in found.metrics.items():
        click.echo(f"{name}: {options.percent_text(metric)}")
    for number, advice in enumerate(found.advice[:3], start=1):
        click.echo(f"{number}. {advice.change}: {advice.because}", err=True)
