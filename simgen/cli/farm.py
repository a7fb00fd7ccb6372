"""`simgen farm`: job files for schedulers, and how a run folder is coming along."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simgen.cli import options

if TYPE_CHECKING:
    from simgen.pipeline.farm.jobs.job import Job
    from simgen.pipeline.status import Status

_SHOWN = 12
_FORBIDDEN = ("shard", "dry_run", "spec")


@click.group("farm")
def command() -> None:
    """Job files for clusters; how a run is coming along."""


@command.command("script")
@click.option("--slurm", "kind", flag_value="slurm", help="A script that submits itself.")
@click.option("--k8s", "kind", flag_value="k8s", help="Two Jobs for `kubectl apply`.")
@click.option(
    "--shards", type=click.IntRange(1, 100_000), required=True, help="Tasks of the array."
)
@click.option("--at-once", type=click.IntRange(1), default=None, help="Of them; default: all.")
@click.option("--name", default="simgen", show_default=True, help="Of the job.")
@click.option("--cpus", type=click.IntRange(1), default=4, show_default=True, help="Of a task.")
@click.option(
    "--memory", type=click.IntRange(1), default=16, show_default=True, metavar="GIB",
    help="Of a task.",
)  # fmt: skip
@click.option("--gpus", type=click.IntRange(0), default=0, show_default=True, help="Of a task.")
@click.option(
    "--hours", type=click.FloatRange(min=0.1), default=4.0, show_default=True,
    help="A task may take so long; it stops in good order before.",
)  # fmt: skip
@click.option("--setup", multiple=True, metavar="LINE", help="Shell line to run first.")
@click.option("--image", metavar="NAME", help="Container image (k8s).")
@click.option("--claim", metavar="NAME", default="", help="Persistent volume claim (k8s).")
@click.option(
    "--mount", metavar="PATH", default="/work", show_default=True, help="Where pods see it (k8s)."
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="-- render SCENE --out DIR ...")
@options.debug
def script(
    kind: str | None,
    image: str | None,
    claim: str,
    mount: str,
    words: tuple[str, ...],
    **resources: Any,
) -> None:
    """Print a job file: an array of shards, then the index.

    After `--` comes the command as it would be typed here, without a shard. Relative paths start at
    this folder (Slurm), or at --mount (k8s).
    """
    if kind is None:
        raise click.UsageError("give --slurm or --k8s")
    if kind == "slurm":
        from simgen.pipeline.farm.jobs.slurm import slurm

        click.echo(slurm(_job(words, Path.cwd(), _here(), resources)), nl=False)
        return
    if image is None:
        raise click.UsageError("give --image: pods need a container with simgen in it")
    from simgen.pipeline.farm.jobs.kubernetes import kubernetes

    folder = Path(mount if claim else "/tmp")
    job = _job(words, folder, ("simgen",), resources)
    click.echo(kubernetes(job, image, claim, mount), nl=False)


def _here() -> tuple[str, ...]:
    """What starts this very simgen on another machine with the same disk."""
    import sys

    return (sys.executable, "-m", "simgen.cli")


def _job(
    words: tuple[str, ...],
    folder: Path,
    program: tuple[str, ...],
    resources: dict[str, Any],
) -> Job:
    from simgen.pipeline.farm.jobs.job import Job, check_name

    out = _out_of(words)
    return Job(
        name=check_name(resources["name"]),
        command=words,
        out=out,
        folder=str(folder),
        program=program,
        shards=resources["shards"],
        at_once=resources["at_once"] or 0,
        cpus=resources["cpus"],
        memory_gib=resources["memory"],
        gpus=resources["gpus"],
        hours=resources["hours"],
        setup=resources["setup"],
    )


def _out_of(words: tuple[str, ...]) -> str:
    """OUT of a render command, which is parsed as it will be on the node."""
    from simgen.cli.render import command as render

    if words[:1] != ("render",):
        raise click.UsageError("after the options: -- render SCENE --out DIR ...")
    given = render.make_context("simgen render", list(words[1:])).params
    wrong = [name for name in _FORBIDDEN if given.get(name)]
    if wrong:
        option = wrong[0].replace("_", "-")
        raise click.UsageError(f"leave --{option} out: each task of the array gets its own shard")
    if given.get("scene") is None or given.get("out") is None:
        raise click.UsageError("the command needs SCENE and --out")
    if given.get("farm") not in (None, "local"):
        raise click.UsageError("a scheduler starts the workers: leave --farm out")
    return str(given["out"])


@command.command("status")
@click.argument("out", metavar="DIR|URL", type=options.OutType())
@click.option(
    "--price", type=click.FloatRange(min=0), metavar="P",
    help="Of an hour of one worker; default: what the runs' farm settings say.",
)  # fmt: skip
@click.option("--wait", is_flag=True, help="Until all is made or has failed; exit 1 if any has.")
@click.option(
    "--every", type=click.FloatRange(min=0.1), default=10.0, show_default=True, metavar="SECONDS",
    help="Between looks (--wait).",
)  # fmt: skip
@options.JSON
@options.debug
def status(out: Path, price: float | None, wait: bool, every: float, as_json: bool) -> int:
    """What is done, running and failed in DIR, how fast, until when, for how much.

    Read from the files of DIR alone: it works from any machine that sees them.
    """
    from simgen.pipeline.status import facts_of, status_of, wait_until_over

    found = wait_until_over(out, every, price) if wait else status_of(out, price)
    if as_json:
        options.print_facts(facts_of(found), as_json)
    else:
        options.print_facts(_texts(found), as_json)
    return 1 if wait and found.failed_worlds else 0


def _texts(found: Status) -> dict[str, str]:
    frames = f"{found.done} of {found.asked} done, {found.left} left"
    if found.dropped:
        frames += f", {found.dropped} dropped by the stage"
    texts = {"frames": frames, "running": _running(found), "failed": "nothing"}
    if found.failed_worlds:
        shown = ", ".join(found.failed_worlds[:_SHOWN])
        more = ", ..." if len(found.failed_worlds) > _SHOWN else ""
        worlds = f"{len(found.failed_worlds)} worlds ({shown}{more})"
        texts["failed"] = f"{worlds}, {found.failed} frames; see {found.out}/quarantine"
    rate = found.frames_per_second
    texts["rate"] = f"{rate:.3g} frames/s" if rate else "not known yet" if found.drivers else "-"
    texts["time left"] = _left(found)
    texts["worker hours"] = f"{found.worker_hours:.3g}"
    if found.cost is not None:
        coming = "" if found.cost_left is None else f", {found.cost_left:.2f} to come"
        texts["cost"] = f"{found.cost:.2f} so far{coming}"
    texts["runs"] = ", ".join(f"{count} {name}" for name, count in sorted(found.runs.items()))
    return texts


def _running(found: Status) -> str:
    if not found.drivers:
        return "nobody is at work"
    workers = sum(one.workers for one in found.drivers)
    hosts = sorted({one.host for one in found.drivers})
    shown = ", ".join(hosts[:_SHOWN]) + (", ..." if len(hosts) > _SHOWN else "")
    counts = {"world": found.running, "driver": len(found.drivers), "worker": workers}
    words = [f"{n} {noun}" if n == 1 else f"{n} {noun}s" for noun, n in counts.items()]
    return f"{words[0]} in hand; {words[1]}, {words[2]} on {shown}"


def _left(found: Status) -> str:
    if not found.left:
        return "none"
    if found.seconds_left is not None:
        return options.duration_text(found.seconds_left)
    if found.drivers:
        return "not known yet"
    return "nobody is at work: run the same command again, it goes on where it was"
