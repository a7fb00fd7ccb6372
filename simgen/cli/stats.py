"""`simgen stats`: what a dataset holds."""

from __future__ import annotations

from pathlib import Path

import click

from simgen.cli import options


@click.command("stats")
@click.argument("dataset", type=options.PathType())
@click.option("--out", type=options.PathType(), metavar="DIR", help="Page with plots, and JSON.")
@options.JSON
@options.debug
def command(dataset: Path, out: Path | None, as_json: bool) -> None:
    """Count labels and sum up every recorded parameter of DATASET; --out draws them."""
    import json
    from dataclasses import asdict

    from simgen.dataset.reader import Dataset
    from simgen.evaluate.set_statistics import set_statistics
    from simgen.pipeline.progress import progress

    total = sum(1 for _ in Dataset.open(dataset).frames())
    with progress("stats", total) as advance:
        found = set_statistics(dataset, advance)
    if out is not None:
        from simgen.report.stats_page import write_stats

        page = write_stats(found, out)
        click.echo(str(page), err=True)
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    click.echo(f"{found.frames} frames of {found.worlds} worlds, {found.labels} labels")
    for name, number in found.labels_by_category.items():
        click.echo(f"  {name:<24} {number:>8} labels {found.frames_by_category[name]:>8} frames")
    for one in (*found.label_numbers, *found.frame_numbers):
        click.echo(f"  {one.name:<36} {one.p5:>10.4g} {one.median:>10.4g} {one.p95:>10.4g}")
