"""`simgen render`: a dataset, or one frame again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simgen.cli import options
from simgen.cli.farm_options import farm_options

if TYPE_CHECKING:
    from simgen.errors import SimgenError
    from simgen.pipeline.placement import Placement
    from simgen.pipeline.plan import RenderRequest
    from simgen.pipeline.pool import Farm
    from simgen.pipeline.run import RunResult


@click.command("render")
@click.argument("scene", type=options.PathType(), required=False)
@click.option("--out", type=options.OutType(), metavar="DIR|URL", help="Run folder.")
@options.FRAMES
@options.RANGE
@options.RENDERER
@options.QUALITY
@options.SEED
@options.SHARD
@farm_options
@options.SETS
@options.PLUGIN_DIR
@click.option(
    "--dry-run", is_flag=True, help="Make a few worlds elsewhere, predict time, disk, memory."
)
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
    shard: tuple[int, int] | None,
    farm: Farm,
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
    request = RenderRequest(
        scene,
        chosen,
        seed,
        renderer,
        quality,
        sets,
        plugin_dirs=plugin_dirs,
        shard=shard or (0, 1),
    )
    if dry_run:  # without --out nothing is there yet
        from simgen.cli.dry_run import print_estimate

        print_estimate(request, out, farm, as_json)
        return 0
    if out is None:
        raise click.UsageError("give --out DIR")
    return _render(request, out, farm, as_json)


def _render(request: RenderRequest, out: Path, farm: Farm, as_json: bool) -> int:
    from simgen.pipeline.run import out_of_time, render_dataset
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
    error: SimgenError | None = None
    if result.failures:
        error = failed(list(result.failures), result.done + result.skipped)
    elif not result.complete:
        error = out_of_time(out)
    if error is not None and as_json:
        facts["error"] = [vars(fault) for fault in error.faults]
    if not as_json:
        facts["objects"] = _placement_text(placement)
    if request.shard[1] > 1:
        del facts["images"], facts["annotations"]
    options.print_facts(facts, as_json)
    if request.shard[1] > 1 and not as_json:
        click.echo(f"when all shards are done: simgen finalize {out}", err=True)
    _warn(result)
    if result.failures:
        click.echo(f"what is known about them: {out}/quarantine", err=True)
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
