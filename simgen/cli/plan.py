"""`simgen plan`: from wanted shares to weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgen.cli import options

if TYPE_CHECKING:
    from simgen.pipeline.planning.plan import Plan


@click.command("plan")
@options.SCENE
@click.option(
    "--out", type=options.PathType(), required=True, metavar="FILE", help="Resolved scene file."
)
@click.option(
    "--worlds",
    type=click.IntRange(8, 100_000),
    default=200,
    show_default=True,
    help="Worlds of each pilot; more measure finer.",
)
@click.option(
    "--rounds",
    type=click.IntRange(1, 10),
    default=3,
    show_default=True,
    help="Pilots at most after the natural one.",
)
@click.option("--force", is_flag=True, help="Write the nearest plan where a share is out of reach.")
@options.SEED
@options.SETS
@options.PLUGIN_DIR
@options.JSON
@options.debug
def command(
    scene: Path,
    out: Path,
    worlds: int,
    rounds: int,
    force: bool,
    seed: int,
    sets: tuple[str, ...],
    plugin_dirs: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Turn the `balance:` and `stress:` of SCENE into weights; write a scene file with them.

    Pilot worlds are drawn from streams of their own and looked at with the ray caster. The file
    that is written needs no pilot any more: check, render and share it like any other.
    """
    from simgen.pipeline.plan import RenderRequest
    from simgen.pipeline.planning.plan import make_plan

    request = RenderRequest(scene, seed=seed, sets=sets, plugin_dirs=plugin_dirs)
    found = make_plan(request, out, worlds, rounds, force)
    if as_json:
        import json
        from dataclasses import asdict

        click.echo(json.dumps(asdict(found)))
        return
    click.echo(str(out))
    _tell(found)


def _tell(found: Plan) -> None:
    if found.classes:
        click.echo(f"{'class':<24} natural  wanted  expected  last pilot", err=True)
    for name, row in found.classes.items():
        shares = f"{row.natural:7.3f}  {row.wanted:6.3f}  {row.expected:8.3f}  {row.measured:10.3f}"
        click.echo(f"{name:<24} {shares}", err=True)
    if found.cases:
        click.echo(f"{'edge case':<24} natural  wanted  expected  frames  found", err=True)
    for name, case in found.cases.items():
        shares = f"{case.natural:7.3f}  {case.share:6.3f}  {case.expected:8.3f}"
        click.echo(f"{name:<24} {shares}  {case.frames:6.3f}  {100 * case.met:4.0f} %", err=True)
    for key, (before, after) in found.counts.items():
        click.echo(f"{key}: {before:g} objects a world become {after:g} on average", err=True)
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
