"""`simgen verify`: every file of a dataset folder against its record."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simgen.cli import options
from simgen.cli.farm_options import farm_options

if TYPE_CHECKING:
    from simgen.dataset.verifying import Finding
    from simgen.pipeline.pool import Farm
    from simgen.pipeline.repair import Repair

_SHOWN = 20


@click.command("verify")
@click.argument("out", metavar="DIR|URL", type=options.OutType())
@click.option("--repair", "mend", is_flag=True, help="Make again what is damaged, and only that.")
@options.SETS
@options.PLUGIN_DIR
@farm_options
@options.JSON
@options.debug
def command(
    out: Path,
    mend: bool,
    sets: tuple[str, ...],
    plugin_dirs: tuple[Path, ...],
    farm: Farm,
    as_json: bool,
) -> int:
    """Hash every file in DIR; find what is missing, truncated, changed, left over or foreign."""
    from simgen.dataset.reader import Dataset
    from simgen.dataset.verifying import verify
    from simgen.pipeline.pool import cores
    from simgen.pipeline.progress import progress

    frames = sum(1 for _ in Dataset.open(out).frames())
    with progress("verifying", frames) as advance:
        findings = list(verify(out, farm.threads or cores(), advance))
    repair = _mend(out, findings, farm, sets, plugin_dirs) if mend and findings else None
    _print(out, frames, findings, repair, as_json)
    left = findings if repair is None else [*repair.left, *repair.failures]
    return 1 if any(getattr(one, "kind", "damaged") != "stray" for one in left) else 0


def _mend(
    out: Path,
    findings: list[Finding],
    farm: Farm,
    sets: tuple[str, ...],
    plugin_dirs: tuple[Path, ...],
) -> Repair:
    from simgen.pipeline.repair import repair
    from simgen.pipeline.worker import failed

    done = repair(out, findings, farm, sets, plugin_dirs)
    if done.failures:
        for fault in failed(list(done.failures), 1).faults:
            click.echo(str(fault), err=True)
    return done


def _print(
    out: Path, frames: int, findings: list[Finding], repair: Repair | None, as_json: bool
) -> None:
    counts = Counter(str(finding.kind) for finding in findings)
    facts: dict[str, Any] = {"out": str(out), "frames": frames, **counts}
    if repair is not None:
        facts |= {"made_again": repair.frames, "removed": repair.removed, "left": len(repair.left)}
    if as_json:
        facts["findings"] = [vars(finding) for finding in findings]
        options.print_facts(facts, as_json)
        return
    for finding in findings[:_SHOWN]:
        click.echo(f"{finding.kind}: {finding.name}: {finding.what}")
    if len(findings) > _SHOWN:
        click.echo(f"... and {len(findings) - _SHOWN} more (--json lists all)")
    options.print_facts(facts, as_json)
    if not findings:
        click.echo("everything is as recorded", err=True)
    elif repair is None:
        click.echo(f"to mend it: simgen verify {out} --repair", err=True)
    for finding in repair.left[:_SHOWN] if repair else ():
        click.echo(f"left as it is: {finding.name}: {finding.what}", err=True)
