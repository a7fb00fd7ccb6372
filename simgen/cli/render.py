"""`simgen render`: a dataset, or one frame again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simgen.cli import options

if TYPE_CHECKING:
    from simgen.pipeline.placement import Placement
    from simgen.pipeline.plan import RenderRequest
    from simgen.pipeline.pool import Farm
    from simgen.pipeline.run import RunResult


@click.command("render")
@click.argument("scene", type=options.PathType(), required=False)
@click.option("--out", type=options.PathType(), metavar="DIR", help="Run folder.")
@options.FRAMES
@options.RANGE
@options.RENDERER
@options.QUALITY
@options.SEED
@options.JOBS
@options.SETS
@options.PLUGIN_DIR
@click.option("--dry-run", is_flag=True, help="Print worlds, frames, estimated time and disk.")
@click.option(
    "--spec",
    type=options.PathType(),
    metavar="RECORD",
    help="Reproduce one frame from OUT/frames/.../N.json and compare.",
)
@options.JSON
@options.debug
def command(
    scene: Path | None,
    out: Path | None,
    frames: int | None,
    span: range | None,
    renderer: str | None,
    quality: str | None,
    seed: int,
    jobs: int | None,
    sets: tuple[str, ...],
    plugin_dirs: tuple[Path, ...],
    dry_run: bool,
    spec: Path | None,
    as_json: bool,
) -> int:
    """Render SCENE into --out. Running again makes only what is missing; frames can be added."""
    if spec is not None:
        if scene is not None or dry_run:
            raise click.UsageError("--spec takes the scene from the record: give no SCENE")
        return _replay(spec, out, sets, plugin_dirs, as_json)
    if scene is None:
        raise click.UsageError("give a SCENE file, or --spec RECORD")
    from simgen.pipeline.plan import RenderRequest

    chosen = options.frames_of(frames, span)
    request = RenderRequest(scene, chosen, seed, renderer, quality, sets, plugin_dirs=plugin_dirs)
    if dry_run:  # without --out nothing is there yet
        return _estimate(request, out, jobs or 0, as_json)
    if out is None:
        raise click.UsageError("give --out DIR")
    from simgen.pipeline.pool import Farm

    return _render(request, out, Farm(jobs=jobs or 0), as_json)


def _render(request: RenderRequest, out: Path, farm: Farm, as_json: bool) -> int:
    from simgen.pipeline.run import render_dataset
    from simgen.pipeline.worker import failed

    result = render_dataset(request, out, farm=farm)
    placement = result.placement
    facts: dict[str, Any] = {
        "out": str(out),
        "frames": result.done,
        "skipped": result.skipped,
        "images": result.images,
        "annotations": result.annotations,
        "failed_worlds": [failure.piece.world for failure in result.failures],
        "objects": vars(placement),
    }
    error = failed(list(result.failures), result.images) if result.failures else None
    if error is not None and as_json:
        facts["error"] = [vars(fault) for fault in error.faults]
    if not as_json:
        facts["objects"] = _placement_text(placement)
    options.print_facts(facts, as_json)
    _warn(result)
    if error is not None:
        raise options.PrintedError(error)
    return 0


def _placement_text(placement: Placement) -> str:
    text = (
        f"{placement.requested} requested, {placement.placed} placed, "
        f"{placement.redrawn} redrawn, {placement.dropped} dropped"
    )
    reasons = ", ".join(f"{count} {reason}" for reason, count in placement.reasons.items())
    return f"{text} ({reasons})" if reasons else text


def _warn(result: RunResult) -> None:
    placement = result.placement
    if placement.dropped:
        reasons = ", ".join(placement.reasons)
        what = f"{placement.dropped} of {placement.requested} objects were dropped: {reasons}"
        click.echo(f"warning: {what}", err=True)
    if result.images and not result.annotations:
        cure = "look at categories, camera distance and labels.min_pixels (`simgen show`)"
        click.echo(f"warning: no image has a label\n  -> {cure}", err=True)


def _estimate(request: RenderRequest, out: Path | None, jobs: int, as_json: bool) -> int:
    from simgen.pipeline.estimate import estimate

    found = estimate(request, out, jobs)
    facts: dict[str, Any] = dict(vars(found))
    if not as_json:
        facts |= {"seconds": _duration(found.seconds), "bytes": _size(found.bytes)}
        facts["bytes_per_job"] = f"{_size(found.bytes_per_job)} (machine: {_size(found.machine)})"
        words = {"seconds": "time", "bytes": "disk", "bytes_per_job": "memory per job"}
        del facts["machine"]
        facts = {words.get(name, name): value for name, value in facts.items()}
    options.print_facts(facts, as_json)
    if found.machine and found.bytes_per_job * found.jobs > found.machine:
        fits = max(1, found.machine // found.bytes_per_job)
        what = f"warning: {found.jobs} jobs need more memory than this machine has"
        click.echo(f"{what}\n  -> use --jobs {fits}, or a smaller image", err=True)
    return 0


def _replay(
    spec: Path,
    out: Path | None,
    sets: tuple[str, ...],
    plugin_dirs: tuple[Path, ...],
    as_json: bool,
) -> int:
    from simgen.pipeline.replay import replay

    found = replay(spec, out, sets, plugin_dirs)
    facts = {
        "frame": found.frame,
        "equal": found.equal,
        "record": found.record,
        **{f"files.{name}": same for name, same in found.files.items()},
        **({"out": str(found.written)} if found.written else {}),
    }
    options.print_facts(facts, as_json)
    return 0 if found.equal else 1


def _duration(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest:.0f} s"


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
