"""`simgen plugins`: what there is, what it takes, new ones, and whether they keep the laws."""

from __future__ import annotations

from pathlib import Path

import click

from simgen.cli import options


@click.group("plugins", invoke_without_command=True)
@options.PLUGIN_DIR
@options.JSON
@options.debug
@click.pass_context
def command(ctx: click.Context, plugin_dirs: tuple[Path, ...], as_json: bool) -> None:
    """List plugins (alone, or with `list`), explain them, write new ones, test them."""
    if ctx.invoked_subcommand is None:
        _list(plugin_dirs, as_json)
    elif plugin_dirs or as_json:
        raise click.UsageError(f"write the options after {ctx.invoked_subcommand!r}")


@command.command("list")
@options.PLUGIN_DIR
@options.JSON
@options.debug
def list_(plugin_dirs: tuple[Path, ...], as_json: bool) -> None:
    """List installed plugins; a broken one is listed with its reason."""
    _list(plugin_dirs, as_json)


@command.command("show")
@click.argument("plugin", metavar="[KIND/]NAME")
@options.PLUGIN_DIR
@options.JSON
@options.debug
def show(plugin: str, plugin_dirs: tuple[Path, ...], as_json: bool) -> None:
    """Explain a plugin: what it does, its settings with units, bounds, defaults, an example."""
    from simgen.plugin.manual import as_text, find, manual_of
    from simgen.plugin.registry import Registry

    registry = Registry.installed(plugin_dirs)
    manual = manual_of(registry, *find(registry, plugin))
    if as_json:
        import json

        click.echo(json.dumps(manual.as_data(), indent=1))
        return
    click.echo(as_text(manual), nl=False)


@command.command("new")
@click.argument("kind")
@click.argument("name")
@click.option(
    "--out",
    type=options.PathType(),
    default="plugins",
    show_default=True,
    metavar="DIR",
    help="Folder that gets the package.",
)
@options.JSON
@options.debug
def new(kind: str, name: str, out: Path, as_json: bool) -> None:
    """Write a working package: a plugin of KIND (scene-type, asset, randomizer, ...) to change."""
    from simgen.plugin.scaffold import new_plugin

    made = new_plugin(kind, name, out)
    facts = {"folder": str(made.folder), "files": list(made.files)}
    if as_json:
        options.print_facts(facts, as_json)
        return
    for file in made.files:
        click.echo(str(made.folder / file))
    click.echo(f"next: simgen plugins test {made.name} --plugin-dir {made.folder}", err=True)


@command.command("test")
@click.argument("plugins", metavar="[KIND/]NAME...", nargs=-1)
@options.PLUGIN_DIR
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="SETTING=VALUE",
    help="Lay a setting over those of its example, e.g. path=scenes/meshes.",
)
@options.JSON
@options.debug
def test(
    plugins: tuple[str, ...], plugin_dirs: tuple[Path, ...], sets: tuple[str, ...], as_json: bool
) -> int:
    """Check the laws of its kind on a plugin; without NAME on all of each --plugin-dir.

    Exit code 1 if a law is broken.
    """
    if not plugins and not plugin_dirs:
        raise click.UsageError("give the NAME of a plugin, or --plugin-dir DIR for all in it")
    from simgen.plugin.verdicts import judged

    found = list(judged(plugins, plugin_dirs, sets, None if as_json else click.echo))
    broken = sum(bool(verdict.broken) for verdict in found)
    if as_json:
        import json

        click.echo(json.dumps({"ok": not broken, "laws": [vars(verdict) for verdict in found]}))
    else:
        click.echo(f"{len(found)} laws, {broken} broken", err=True)
    return 1 if broken else 0


@command.command("docs")
@click.option("--out", type=options.PathType(), required=True, metavar="DIR", help="Folder.")
@options.PLUGIN_DIR
@options.JSON
@options.debug
def docs(out: Path, plugin_dirs: tuple[Path, ...], as_json: bool) -> None:
    """Write a Markdown page per plugin: simgen's own, and those of each --plugin-dir."""
    from simgen.plugin.pages import pages, shipped, write_pages

    changed = write_pages(pages(shipped(plugin_dirs)), out)
    options.print_facts({"out": str(out), "changed": [str(path) for path in changed]}, as_json)


def _list(plugin_dirs: tuple[Path, ...], as_json: bool) -> None:
    from simgen.plugin.registry import GROUPS, Registry

    entries = list(Registry.installed(plugin_dirs).entries())
    if as_json:
        import json

        click.echo(json.dumps([vars(entry) for entry in entries], indent=1))
        return
    width = max(14, *(len(entry.name) for entry in entries))
    for group, noun in {**GROUPS, "": "file that cannot be used"}.items():
        found = [entry for entry in entries if entry.group == group]
        if found or group:
            click.echo(f"{noun}s" if group else f"{noun}")
        for entry in found:
            text = f"BROKEN: {entry.problem}" if entry.problem else entry.summary
            click.echo(f"  {entry.name:<{width}} {text}  [{entry.package}]")
