"""`simgen generators`: small networks that make content out of the user's pictures."""

from __future__ import annotations

from pathlib import Path

import click

from simgen.cli import options


@click.group("generators")
def command() -> None:
    """Train small generative networks on your pictures, and sample them."""


@command.command("train")
@click.argument("config", metavar="CONFIG", type=options.PathType())
@click.option("--out", type=options.PathType(), metavar="DIR", help="Folder of the generator.")
@options.SETS
@click.option(
    "--write-job",
    type=options.PathType(),
    metavar="FILE",
    help="Write the job as JSON for `python -m simgen.generate train` and train nothing.",
)
@options.JSON
@options.debug
def train(
    config: Path, out: Path | None, sets: tuple[str, ...], write_job: Path | None, as_json: bool
) -> None:
    """Train a VAE, GAN or diffusion model as CONFIG says; running again goes on."""
    train_generator(config, out, sets, write_job, as_json)


def train_generator(
    config: Path,
    out: Path | None,
    sets: tuple[str, ...],
    write_job: Path | None,
    as_json: bool,
    wanted: str = "",
) -> None:
    """Train as a config says, or write its job; `wanted` is the only kind that will do."""
    from simgen.generate.config import load_generator

    job = load_generator(config, sets)
    if wanted and job.kind != wanted:
        raise click.UsageError(f"expected kind: {wanted} in {config}, got {job.kind}")
    if write_job is not None:
        from simgen.generate import job as jobs

        jobs.write_job(job, write_job)
        options.print_facts({"job": str(write_job), "pictures": len(job.items)}, as_json)
        return
    if out is None:
        raise click.UsageError("give --out DIR")
    from simgen.cli.training_bar import training_bar
    from simgen.refine.models import need

    need("generator", "torch", "safetensors", *(["diffusers"] if job.kind == "diffusion" else []))
    from simgen.generate._torch_training import train as work

    with training_bar() as listen:
        card = work(job, out, listen)
    shown = ("steps", "seconds", "parameters", "device")
    loss = card.get("training", {}).get("loss")
    facts = {"out": str(out), **{name: card[name] for name in shown}, "loss": loss}
    options.print_facts(facts, as_json)


@command.command("sample")
@click.argument("generator", metavar="DIR", type=options.PathType())
@click.option("--out", type=options.PathType(), required=True, metavar="FOLDER")
@click.option("--number", type=click.IntRange(1, 1_000_000), default=100, show_default=True)
@click.option(
    "--category", "categories", multiple=True, metavar="NAME", help="Only these; default: all."
)
@click.option("--even", is_flag=True, help="Equally many of each; default: rare categories first.")
@click.option(
    "--max-likeness",
    type=click.FloatRange(0, 1),
    default=0.98,
    show_default=True,
    help="Samples more like a training picture than this are left out.",
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1.")
@options.SEED
@options.JSON
@options.debug
def sample(
    generator: Path,
    out: Path,
    number: int,
    categories: tuple[str, ...],
    even: bool,
    max_likeness: float,
    device: str,
    seed: int,
    as_json: bool,
) -> None:
    """Make pictures with the generator in DIR, a sub-folder a category.

    FOLDER/samples.json holds each picture's nearest training picture; the summary has FID and KID
    against the pictures that were held out.
    """
    from simgen.pipeline.sampling import sample_generator

    facts = sample_generator(generator, out, number, categories, seed, even, max_likeness, device)
    options.print_facts(facts, as_json)
