"""`simgen assets lint`: what is wrong in a folder of meshes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgen.cli import options

if TYPE_CHECKING:
    from simgen.assets.lint.findings import LintResult


@click.command("lint")
@click.argument("path", metavar="PATH", type=options.PathType())
@click.option("--fix", is_flag=True, help="Write what is safe: repairs into notes beside meshes.")
@click.option(
    "--out", type=options.PathType(), metavar="DIR", help="With --fix: copy PATH there and fix it."
)
@click.option(
    "--licence", default="", metavar="TEXT", help="With --fix: of meshes whose licence is unknown."
)
@click.option(
    "--unit", type=click.Choice(["m", "cm", "mm", "inch"]), help="Of the files; default: m."
)
@options.JSON
@options.debug
def lint(
    path: Path, fix: bool, out: Path | None, licence: str, unit: str | None, as_json: bool
) -> None:
    """Look through the meshes of PATH, a file or a folder; exit 1 if something is wrong.

    Sizes, missing textures, UVs and licences, cracks, flipped and doubled faces, names that say
    nothing. Meshes are never rewritten: --fix writes `repair:` into NAME.asset.yaml, which is
    followed whenever the mesh is read, and keeps a backup of notes that were there.
    """
    if (out or licence) and not fix:
        raise click.UsageError("--out and --licence go with --fix")
    from dataclasses import replace

    from simgen.assets.lint import fixing
    from simgen.assets.lint.lint import lint as look_through
    from simgen.pipeline.progress import progress

    def looked(at: Path) -> LintResult:
        with progress("looking", 1, "meshes") as advance:
            return look_through(at, unit, advance)

    found = looked(path)
    if fix:
        place = fixing.copied(path, out) if out else path
        folder = place if place.is_dir() else place.parent
        named = [f if f.asset else replace(f, asset=place.name) for f in found.findings]
        named = named if place.is_file() else list(found.findings)
        fixes = fixing.fix(folder, named, licence)
        found = replace(looked(place), fixes=tuple(fixes))
    _print(found, as_json)
    if not found.clean:
        raise SystemExit(1)


def _print(found: LintResult, as_json: bool) -> None:
    if as_json:
        import json
        from dataclasses import asdict

        click.echo(json.dumps(asdict(found)))
    else:
        last = None
        for one in found.findings:
            if one.asset != last:
                click.echo(one.asset or found.folder)
                last = one.asset
            fixable = " [--fix]" if one.repair else ""
            click.echo(f"  {one.level} {one.code}: {one.what}{fixable}")
            click.echo(f"    -> {one.cure}")
    for change in found.fixes:
        kept = f" (before: {change.backup})" if change.backup else ""
        click.echo(f"wrote {change.file}: {change.what}{kept}", err=True)
    levels = [one.level for one in found.findings]
    counts = ", ".join(f"{levels.count(name)} {name}s" for name in ("error", "warning", "note"))
    click.echo(f"{found.assets} meshes: {counts}", err=True)
