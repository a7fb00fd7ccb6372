"""`simgen view`: a page to browse a dataset with."""

from __future__ import annotations

from pathlib import Path

import click

from simgen.cli import options


@click.command("view")
@click.argument("dataset", type=options.PathType())
@click.option(
    "--out", type=options.PathType(), metavar="DIR", help="Folder; default: DATASET/view."
)
@click.option("--maps/--no-maps", default=True, show_default=True, help="Depth and normals.")
@click.option("--points", type=click.IntRange(min=0), default=200, show_default=True,
              help="Frames, evenly spaced, with a point cloud.")  # fmt: skip
@click.option("--copy", is_flag=True, help="Put the pictures into the folder, to send it away.")
@click.option("--threads", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--rerun", type=options.PathType(), metavar="FILE", help="A Rerun recording, too.")
@click.option("--serve", is_flag=True, help="Open it on localhost until Ctrl-C.")
@click.option("--port", type=click.IntRange(0, 65535), default=8642, show_default=True)
@options.JSON
@options.debug
def command(
    dataset: Path,
    out: Path | None,
    maps: bool,
    points: int,
    copy: bool,
    threads: int,
    rerun: Path | None,
    serve: bool,
    port: int,
    as_json: bool,
) -> None:
    """Write a page of DATASET: pictures with all labels, filters by class and parameter.

    Open index.html from disk or from any web server. Keys: arrows, Escape, and the letters that the
    buttons show.
    """
    from simgen.dataset.reader import Dataset
    from simgen.pipeline.progress import progress
    from simgen.report.view import ViewOptions, write_view

    folder = out or dataset / "view"
    total = sum(1 for _ in Dataset.open(dataset).frames())
    with progress("view", total) as advance:
        done = write_view(dataset, folder, ViewOptions(maps, points, copy, threads), advance)
    facts = {"page": str(done.page), "frames": done.frames, "labels": done.labels}
    if rerun is not None:
        from simgen.report.view.recording import write_recording

        with progress("rerun", min(total, 100)) as advance:
            facts["recorded"] = write_recording(dataset, rerun, 100, advance)
    options.print_facts(facts, as_json)
    if serve:
        from simgen.report.view.serving import serve_folder

        serve_folder(dataset, folder, port, lambda url: click.echo(url, err=True))
