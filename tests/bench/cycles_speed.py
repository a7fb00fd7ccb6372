"""The Cycles engine, blenderproc, and a bare render call: the same worlds in one run.

Ten meshes on a table under one lamp and a plain or panoramic sky, 640x480, equal samples
(adaptive sampling off), bounces, threads, and OIDN with albedo and normals as guides and the
accurate prefilter (what blenderproc has). Every way starts from a stored world:

- *simgen*: world record to committed frame, as `simgen render --jobs 1`: labels by the ray
  caster, exposure, PNG, record, COCO index;
- *bare*: `bpy.ops.render.render` of the same scene alone, colour pass only, nothing written;
- *lean*: simgen with the albedo alone as the denoiser's guide, not prefiltered; what that does
  to the pictures, `cycles-quality` measures;
- *blenderproc*: its example `coco_annotations`: load, render with segmentation, JPEG, COCO.

`cold` is from the start of the process to the first frame (for simgen the whole command
`simgen render --frames 1`, with drawing the world). Warm figures are medians over worlds, in
seconds per frame; ratios are medians of the ratios of one world. `bare_to_blenderproc` is how
many times blenderproc's rate an engine would reach whose labels cost nothing. The ways take
turns world by world, so that a busy machine hits all alike; each makes a view of a world
before the clock starts.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.cycles_worlds import SETTINGS, draw, worker_settings
from tests.bench.scenes import ten_objects
from tests.bench.ways.talk import Way

SIMGEN = str(Path(sys.executable).parent / "simgen")
_PER_WORLD = ("messages", "views", "blends")
WAYS = {"simgen": "engine", "lean": "engine", "bare": "bare", "blenderproc": "blenderproc"}
_LEAN = {"guides": "albedo", "prefilter": "none"}


def measure(tiny: bool = False) -> list[dict]:
    """Seconds per frame, cold and warm, and their ratios, for 8 and 50 samples, 1 and 5 views."""
    size = (160, 120) if tiny else (640, 480)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for views, worlds in ((1, (6, 4)), (5, (3, 2))):
            folder = Path(name) / f"views-{views}"
            plan = stored_worlds(folder, size, views, 2 if tiny else max(worlds))
            for samples, count, rounds in zip((8, 50), worlds, (2, 1), strict=True):
                here = folder / f"samples-{samples}"
                some = plan | {name: plan[name][:count] for name in _PER_WORLD}
                rows.append(compare(some, samples, rounds if views == 1 else 0, here))
                print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    return sorted(rows, key=lambda row: (row["samples"], row["views"]))


def stored_worlds(folder: Path, size: tuple[int, int], views: int, worlds: int) -> dict:
    """Draw worlds with their views and save them as .blend files: what all ways share."""
    folder.mkdir()
    scene = folder / "scene.yaml"
    text = ten_objects("upright", *size)
    text = text.replace("views_per_world: 4", f"views_per_world: {views}")
    head, _, _ = text.partition("outputs:")
    scene.write_text(head + "outputs: [rgb]\n")  # as much as the other ways write
    with draw(scene, worlds) as drawn:
        plan = {
            "scene": str(scene),
            "settings": worker_settings(SETTINGS, drawn.library),
            "messages": drawn.messages,
            "views": drawn.views,
            "blends": [str(folder / f"{world}.blend") for world in range(worlds)],
        }
        with Way("export", plan, folder / "export") as export:
            for world in range(worlds):
                export.make(world)
    return plan


def compare(plan: dict, samples: int, cold_rounds: int, folder: Path) -> dict:
    """One row: the three ways side by side.

    Args:
        plan: what `stored_worlds` returned.
        cold_rounds: cold starts of each way; 0 measures none.
    """
    folder.mkdir()
    settings = SETTINGS | {"samples": samples}
    views = len(plan["views"][0])
    plan = plan | {"settings": settings, "quality": {}}
    plan["views"] = [plan["views"][0][:1], *plan["views"][1:]]
    for name, over in {"simgen": {}, "lean": _LEAN}.items():
        plan["quality"][name] = str(folder / f"{name}.yaml")
        Path(plan["quality"][name]).write_text(json.dumps({"cycles": settings | over}))
    row: dict = {"samples": samples, "views": views}
    for name, seconds in _cold(plan, cold_rounds, folder).items():
        row[f"{name}_cold_s"] = round(seconds, 2)
    warm = _warm(plan, folder)
    for name, seconds in warm.items():
        row[f"{name}_s"] = round(statistics.median(seconds) / views, 3)
    row["over_bare"] = f"{_ratio(warm['simgen'], warm['bare']) - 1:+.0%}"
    row["rate_to_blenderproc"] = round(_ratio(warm["blenderproc"], warm["simgen"]), 2)
    row["lean_to_blenderproc"] = round(_ratio(warm["blenderproc"], warm["lean"]), 2)
    row["bare_to_blenderproc"] = round(_ratio(warm["blenderproc"], warm["bare"]), 2)
    return row


def _cold(plan: dict, rounds: int, folder: Path) -> dict[str, float]:
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    for number in range(rounds):
        for name in _turn(number):
            here = folder / f"cold-{name}-{number}"
            began = time.perf_counter()
            if name in plan["quality"]:
                _command(plan, name, here)
                seconds[name].append(time.perf_counter() - began)
                continue
            with _way(name, plan, here) as way:
                way.make(0)
                seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(found) for name, found in seconds.items() if found}


def _way(name: str, plan: dict, folder: Path) -> Way:
    return Way(WAYS[name], plan | {"quality": plan["quality"].get(name)}, folder)


def _command(plan: dict, name: str, out: Path) -> None:
    command = [SIMGEN, "render", plan["scene"], "--out", str(out), "--frames", "1"]
    command += ["--renderer", "cycles", "--quality", plan["quality"][name], "--jobs", "1"]
    subprocess.run(command, check=True, capture_output=True)


def _ratio(above: list[float], below: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def _warm(plan: dict, folder: Path) -> dict[str, list[float]]:
    """Seconds of each world after the first, by way."""
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    ways: dict[str, Way] = {}
    try:
        for name in WAYS:
            ways[name] = _way(name, plan, folder / name).__enter__()
            ways[name].make(0)
        for world in range(1, len(plan["views"])):
            for name in _turn(world):
                seconds[name].append(ways[name].make(world))
    finally:
        for way in ways.values():
            way.__exit__()
    return seconds


def _turn(number: int) -> list[str]:
    names = list(WAYS)
    first = number % len(names)
    return names[first:] + names[:first]
