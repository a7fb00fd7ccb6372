"""`simgen plugins`: what is installed."""

from __future__ import annotations

import click

from simgen.cli import options


@click.command("plugins")
@options.JSON
@options.debug
def command(as_json: bool) -> None:
    """List installed plugins; a broken one is listed with its reason."""
    from simgen.plugin.registry import GROUPS, Registry

    entries = list(Registry.installed().entries())
    if as_json:
        import json

        click.echo(json.dumps([vars(entry) for entry in entries], indent=1))
        return
    for group, noun in GROUPS.items():
        click.echo(f"{noun}s")
        for entry in (e for e in entries if e.group == group):
            text = f"BROKEN: {entry.problem}" if entry.problem else entry.summary
            click.echo(f"  {entry.name:<14} {text}  [{entry.package}]")
