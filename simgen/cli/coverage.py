"""`simgen coverage`: requested against realised distributions of a run folder."""

from __future__ import annotations

from pathlib import Path

import click

from simgen.cli import options


@click.command("coverage")
@click.argument("folder", metavar="DIR", type=options.PathType())
@click.option("--out", type=options.PathType(), help="Folder of the report; default: DIR/coverage.")
@options.SETS
@options.PLUGIN_DIR
@options.JSON
@options.debug
def command(
    folder: Path,
    out: Path | None,
    sets: tuple[str, ...],
    plugin_dirs: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Compare what the scene file of DIR asks for with what its records hold; write a report.

    Folders that have moved since are named with --set, as in objects.parts.path=/new/meshes.
    """
    from simgen.dataset.reader import Dataset
    from simgen.evaluate.coverage.coverage import coverage
    from simgen.pipeline.progress import progress
    from simgen.pipeline.replay import recorded_scene
    from simgen.report.coverage_page import write_coverage

    dataset = Dataset.open(folder)
    scene = recorded_scene(folder, sets, plugin_dirs)
    with progress("reading", sum(1 for _ in dataset.frames())) as advance:
        found = coverage(dataset, scene, advance)
    target = out or folder / "coverage"
    page = write_coverage(found, target)
    if as_json:
        click.echo((target / "report.json").read_text(), nl=False)
        return
    click.echo(str(page))
    total, shifted = len(found.settings), found.shifted
    click.echo(f"{total - len(shifted)} of {total} settings as asked", err=True)
    for one in shifted[:5]:
        click.echo(f"shifted: {one.section} {one.name} ({one.size:.2f})", err=True)
    for one in found.lacking[:5]:
        click.echo(f"missing: {one.section} {one.name}: {', '.join(one.missing)}", err=True)
