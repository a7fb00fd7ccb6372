"""`simgen finalize`: the COCO index of a run folder."""

from __future__ import annotations

from pathlib import Path

import click

from simgen.cli import options


@click.command("finalize")
@click.argument("out", metavar="DIR|URL", type=options.OutType())
@click.option("--verify", is_flag=True, help="Read every file and compare its sha256.")
@options.JSON
@options.debug
def command(out: Path, verify: bool, as_json: bool) -> None:
    """Write DIR/annotations/instances.json from the frame records in DIR.

    Frames with missing files are an error; an older index then stays as it is.
    """
    import json

    from simgen.dataset.coco import finalize
    from simgen.dataset.layout import Layout

    images, annotations = finalize(out, verify=verify)
    path = str(Layout(out).coco)
    if as_json:
        facts = {"coco": path, "images": images, "annotations": annotations}
        click.echo(json.dumps(facts))
    else:
        click.echo(path)
        click.echo(f"{images} images, {annotations} annotations", err=True)
