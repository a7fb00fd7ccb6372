"""`simgen refine`: a dataset with other pixels; training and fitting of refiners."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simgen.cli import options
from simgen.cli.farm_options import farm_options

if TYPE_CHECKING:
    from simgen.pipeline.pool import Farm

DEVICE = click.option(
    "--device", default="auto", show_default=True, help="Of networks: auto, cpu, cuda, cuda:1."
)


class _Default(click.Group):
    """`simgen refine DATASET` is `simgen refine run DATASET`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group("refine", cls=_Default)
def command() -> None:
    """Change the pixels of a dataset and leave its labels alone.

    `simgen refine DATASET --config CONFIG --out DIR` is the verb itself (`run`).
    """


@command.command("run")
@click.argument("dataset", type=options.PathType())
@click.option("--config", required=True, help="File, or preset of configs/refine.")
@click.option("--out", type=options.PathType(), metavar="DIR", help="Dataset that is made.")
@options.SETS
@options.FRAMES
@options.RANGE
@farm_options
@click.option("--batch", type=click.IntRange(1, 256), default=1, show_default=True)
@DEVICE
@click.option("--preview", type=click.IntRange(1, 64), metavar="N", help="Only draw N frames.")
@options.PLUGIN_DIR
@options.JSON
@options.debug
def run(
    dataset: Path,
    config: str,
    out: Path | None,
    sets: tuple[str, ...],
    frames: int | None,
    span: range | None,
    farm: Farm,
    batch: int,
    device: str,
    preview: int | None,
    plugin_dirs: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Refine DATASET as CONFIG says; every label is checked against the new pixels.

    Running again goes on where it stopped. --preview draws before, after and difference of some
    frames, with verdicts, and makes no dataset.
    """
    from simgen.pipeline.refining.gate import load_refine
    from simgen.plugin.registry import Registry

    loaded = load_refine(config, Registry.installed(plugin_dirs), sets)
    if preview is not None:
        from simgen.pipeline.refining.preview import SHEET, preview_refine

        path = out / SHEET if out else Path(SHEET)
        shown = preview_refine(dataset, loaded, path, preview, device)
        options.print_facts({"preview": str(shown.path), "verdicts": shown.verdicts}, as_json)
        return
    if out is None:
        raise click.UsageError("give --out DIR")
    chosen = options.frames_of(frames, span)
    _run(dataset, loaded, out, chosen, farm, batch, device, as_json)


def _run(
    dataset: Path,
    loaded: Any,
    out: Path,
    chosen: range | None,
    farm: Farm,
    batch: int,
    device: str,
    as_json: bool,
) -> None:
    from simgen.cli.finishing import finish
    from simgen.pipeline.refining.run import refine_and_report

    result, page = refine_and_report(
        dataset, loaded, out, farm=farm, batch=batch, device=device, chosen=chosen
    )
    verdicts, report = result.verdicts, str(page)
    finish(out, result.stage, as_json, verdicts=verdicts, report=report)


@command.command("train")
@click.argument("config", metavar="CONFIG", type=options.PathType())
@click.option("--out", type=options.PathType(), metavar="DIR", help="Folder of the model.")
@options.SETS
@click.option("--write-job", type=options.PathType(), metavar="FILE", help="For a bare machine.")
@options.JSON
@options.debug
def train(
    config: Path, out: Path | None, sets: tuple[str, ...], write_job: Path | None, as_json: bool
) -> None:
    """Train the diffusion model that `sdedit` takes, on unlabelled photographs.

    Running again goes on where it stopped. With --write-job nothing is trained:
    `python -m simgen.generate train FILE` does it on a machine with torch and diffusers alone.
    """
    from simgen.cli.generators import train_generator

    train_generator(config, out, sets, write_job, as_json, wanted="diffusion")


@command.command("fit")
@click.argument("photos", metavar="PHOTOS", type=options.PathType())
@click.option("--out", type=options.PathType(), required=True, metavar="FILE", help="Config.")
@click.option("--to", "dataset", type=options.PathType(), help="Dataset that is to be refined.")
@click.option("--limit", type=click.IntRange(4, 100_000), default=200, show_default=True)
@options.SEED
@options.JSON
@options.debug
def fit(
    photos: Path, out: Path, dataset: Path | None, limit: int, seed: int, as_json: bool
) -> None:
    """Measure the camera of PHOTOS (folder or COCO file) and write it as a refine config.

    Noise, vignetting, colour fringes and JPEG are measured on the photographs alone; exposure,
    tint, contrast and sharpness are relative to a dataset and need --to.
    """
    from simgen.pipeline.refining.fit import fit_config

    facts = fit_config(photos, out, dataset, limit, seed)
    options.print_facts({"out": str(out), **facts}, as_json)
