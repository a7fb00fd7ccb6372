"""`simgen sample`: worlds and frames as JSON lines."""

from __future__ import annotations

from pathlib import Path

import click

from simgen.cli import options


@click.command("sample")
@options.SCENE
@click.option("--worlds", type=click.IntRange(1, options.MAX_NUMBER), help="Worlds 0 to N-1.")
@options.RANGE
@options.SEED
@options.SETS
@options.PLUGIN_DIR
@options.debug
def command(
    scene: Path,
    worlds: int | None,
    span: range | None,
    seed: int,
    sets: tuple[str, ...],
    plugin_dirs: tuple[Path, ...],
) -> None:
    """Draw worlds of SCENE and their views; one JSON object a line, worlds before frames.

    Each line is {"world": {...}} or {"frame": {...}}. Without --worlds or --range: world 0.
    """
    if worlds is not None and span is not None:
        raise click.UsageError("give --worlds or --range, not both")
    from simgen.pipeline.draw import draw_records
    from simgen.pipeline.plan import RenderRequest

    request = RenderRequest(scene, frames=span, seed=seed, sets=sets, plugin_dirs=plugin_dirs)
    for line in draw_records(request, worlds):
        click.echo(line, nl=False)
