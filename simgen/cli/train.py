"""`simgen train`: a detector out of labelled images."""

from __future__ import annotations

from pathlib import Path

import click

from simgen.cli import options


@click.command("train")
@click.argument("config", metavar="CONFIG")
@click.option("--out", type=options.PathType(), metavar="DIR", help="Folder of the detector.")
@options.SETS
@options.PLUGIN_DIR
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Of everything that is drawn.")
@click.option("--max-minutes", type=float, metavar="M", help="Time budget.")
@click.option(
    "--write-job",
    type=options.PathType(),
    metavar="FILE",
    help="Write the job as JSON for `python -m simgen.detect train` and train nothing.",
)
@options.JSON
@options.debug
def command(
    config: str,
    out: Path | None,
    sets: tuple[str, ...],
    plugin_dirs: tuple[Path, ...],
    seed: int | None,
    max_minutes: float | None,
    write_job: Path | None,
    as_json: bool,
) -> None:
    """Train a detector as CONFIG says (a file, or a preset of configs/train).

    Running again goes on where it stopped. The learning curve grows in DIR/curve.jsonl.
    """
    from simgen.detect.config import load_job
    from simgen.plugin.registry import Registry

    if seed is not None:
        sets += (f"seed={seed}",)
    if max_minutes is not None:
        sets += (f"schedule.max_minutes={max_minutes}",)
    registry = Registry.installed(plugin_dirs)
    job = load_job(config, registry, sets)
    if write_job is not None:
        from simgen.detect import job as jobs

        jobs.write_job(job, write_job)
        options.print_facts({"job": str(write_job)}, as_json)
        return
    if out is None:
        raise click.UsageError("give --out DIR")
    from simgen.cli.training_bar import training_bar

    with training_bar() as listen:
        card = registry.get("detectors", job.detector).train(job, out, listen)
    shown = ("steps", "seconds", "parameters", "device")
    loss = card.get("training", {}).get("loss")
    facts = {"out": str(out), **{name: card[name] for name in shown}, "loss": loss}
    options.print_facts(facts, as_json)
