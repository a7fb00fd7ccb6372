"""`simgen experiment`: what a detector learns from which data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simgen.cli import options
from simgen.cli.farm_options import farm_options

if TYPE_CHECKING:
    from simgen.pipeline.pool import Farm


@click.command("experiment")
@click.argument("file", metavar="FILE", type=options.PathType())
@click.option("--out", type=options.PathType(), required=True, help="Folder of all results.")
@options.SETS
@options.PLUGIN_DIR
@farm_options
@click.option(
    "--pack",
    type=options.PathType(),
    metavar="DIR",
    help="Render, then write trainings and data there for `python -m simgen.detect batch`.",
)
@click.option(
    "--pack-jpeg",
    type=click.IntRange(50, 100),
    metavar="Q",
    help="Compress rendered images in the pack as JPEG of this quality.",
)
@click.option("--check", is_flag=True, help="Validate, print the matrix, do nothing.")
@options.JSON
@options.debug
def command(
    file: Path,
    out: Path,
    sets: tuple[str, ...],
    plugin_dirs: tuple[Path, ...],
    farm: Farm,
    pack: Path | None,
    pack_jpeg: int | None,
    check: bool,
    as_json: bool,
) -> None:
    """Render, train, predict and judge as FILE says; one table with intervals and costs.

    Running again goes on where it stopped. To train on another machine: --pack DIR, then
    `python -m simgen.detect batch DIR --out RESULTS` there; copy the folders in RESULTS to
    OUT/detectors and run again.
    """
    if check:
        _check(file, out, sets, as_json)
        return
    from simgen.cli.training_bar import training_bar
    from simgen.pipeline.experiment.run import prepare_pack, run_experiment

    def say(line: str) -> None:
        click.echo(line, err=True)

    if pack is not None:
        size = prepare_pack(file, out, sets, farm, say, plugin_dirs, pack, pack_jpeg)
        options.print_facts({"pack": str(pack), "mib": round(size / 2**20, 1)}, as_json)
        return
    found, page = run_experiment(file, out, sets, farm, training_bar, say, plugin_dirs)
    if as_json:
        click.echo((out / "report.json").read_text(), nl=False)
        return
    click.echo(str(page))
    for row in found.rows:
        names = ("mAP50", "mAP50_95")
        shown = [f"{name} {options.percent_text(row.metrics[name])}" for name in names]
        click.echo(f"{row.arm} ({row.detector}): {', '.join(shown)}, {row.train_s:.0f} s")


def _check(file: Path, out: Path, sets: tuple[str, ...], as_json: bool) -> None:
    from simgen.pipeline.experiment.gate import load_experiment

    found = load_experiment(file, out, sets)
    facts: dict[str, Any] = {
        "render": {n: s.request is not None for n, s in found.synthetic.items()},
        "train": [training.out.name for training in found.trainings],
        "judge_on": str(found.val),
    }
    options.print_facts(facts, as_json)
