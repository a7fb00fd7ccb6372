"""`simgen schema`: the JSON schema of scene files."""

from __future__ import annotations

import click

from simgen.cli import options


@click.command("schema")
@options.debug
def command() -> None:
    """Print the JSON schema of scene files with the settings of all installed plugins."""
    import json

    from simgen.plugin.registry import Registry
    from simgen.plugin.schema import scene_schema

    schema, problems = scene_schema(Registry.installed())
    click.echo(json.dumps(schema, indent=2))
    for problem in problems:
        click.echo(f"left out: {problem}", err=True)
