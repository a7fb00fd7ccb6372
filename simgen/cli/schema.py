"""`simgen schema`: the JSON schema of scene files."""

from __future__ import annotations

from pathlib import Path

import click

from simgen.cli import options


@click.command("schema")
@options.PLUGIN_DIR
@options.debug
def command(plugin_dirs: tuple[Path, ...]) -> None:
    """Print the JSON schema of scene files with the settings of all installed plugins."""
    import json

    from simgen.plugin.registry import Registry
    from simgen.plugin.schema import scene_schema

    schema, problems = scene_schema(Registry.installed(plugin_dirs))
    click.echo(json.dumps(schema, indent=2))
    for problem in problems:
        click.echo(f"left out: {problem}", err=True)
