"""Class balance and edge cases after `simgen plan`, over 500 frames, natural shares 10:1:1:1.

*kinds*: one collection of thirteen meshes, ten of them bricks, dropped onto a table; *counts*:
four collections, of which one draws ten times as many objects as the others, in the air; *cases*:
the first with three quotas. `miss` is the largest miss of a category's share of the labels as a
part of what is wanted (25 %), over frames 0 to 499 of the resolved file, drawn and looked at as a
run does; `planned_cpu_s` is the processor time of the whole plan.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.bench.scenes import ROOT

FRAMES = 500
WORLDS = 120  # of each pilot
KINDS = """
simgen: 1
scene: {type: tabletop, placement: drop}
objects:
  things: {asset: meshes, path: meshes, count: {randint: [4, 8]}}
camera: {distance_m: {uniform: [0.5, 1.1]}}
render: {engine: raycast, size: [640, 480]}
balance: {classes: uniform}
"""
COUNTS = """
simgen: 1
scene: {type: flying}
objects:
  brick: {asset: meshes, path: meshes/brick_0, count: {randint: [0, 10]}}
  bowl: {asset: meshes, path: meshes/bowl, count: {weighted: {0: 7, 1: 2, 2: 0.8, 3: 0.2, 4: 0.1}}}
  can: {asset: meshes, path: meshes/can, count: {weighted: {0: 7, 1: 2, 2: 0.8, 3: 0.2, 4: 0.1}}}
  mug: {asset: meshes, path: meshes/mug, count: {weighted: {0: 7, 1: 2, 2: 0.8, 3: 0.2, 4: 0.1}}}
camera: {distance_m: {uniform: [0.7, 1.3]}, look_at: centre}
render: {engine: raycast, size: [640, 480]}
balance: {classes: uniform}
"""
CASES = KINDS + "stress: {tiny: {share: 0.1, size_px: 40}, truncation: 0.1, heavy_occlusion: 0.1}\n"


def measure() -> list[dict]:
    """Plan, then look at the first 500 frames of each scene."""
    rows = []
    for name, text in (("kinds", KINDS), ("counts", COUNTS), ("cases", CASES)):
        with tempfile.TemporaryDirectory() as folder:
            rows.append({"scene": name, **_one(Path(folder), text)})
    return rows


def _one(folder: Path, text: str) -> dict:
    from simgen.pipeline.plan import RenderRequest
    from simgen.pipeline.planning.plan import make_plan

    _meshes(folder / "meshes")
    (folder / "scene.yaml").write_text(text)
    began = time.process_time()
    plan = make_plan(RenderRequest(folder / "scene.yaml"), folder / "resolved.yaml", WORLDS)
    took = time.process_time() - began
    seen, cases = _looked_at(folder / "resolved.yaml")
    total = sum(seen.values())
    shares = {name: seen[name] / total for name in plan.classes}
    natural = {name: row.natural for name, row in plan.classes.items()}
    miss = max(abs(share / 0.25 - 1) for share in shares.values())
    return {
        "natural": _text(natural),
        "realised": _text(shares),
        "miss": f"{100 * miss:.1f} %",
        "labels": total,
        "pilots": plan.pilots,
        "cases": ", ".join(f"{n} {100 * plan.cases[n].natural:.1f} -> {100 * s:.1f} %"
                           for n, s in cases.items()),
        "planned_cpu_s": round(took),
    }  # fmt: skip


def _meshes(folder: Path) -> None:
    """Ten bricks, a bowl, a can and a mug; a category per folder name without its number."""
    source = ROOT / "scenes" / "meshes"
    for number in range(10):
        shutil.copytree(source / "brick", folder / f"brick_{number}" / "brick")
    for name in ("bowl", "can", "mug"):
        shutil.copytree(source / name, folder / name)


def _looked_at(path: Path) -> tuple[Counter, dict[str, float]]:
    """Labels by category and shares of the edge cases over the first 500 frames."""
    from simgen.annotate.probe import RaycastProbe, probe_of
    from simgen.assets.library import AssetLibrary
    from simgen.pipeline.plan import RenderRequest, prepare
    from simgen.plugin.registry import Registry
    from simgen.sampling.sampler import Sampler
    from simgen.sampling.views import in_case

    registry = Registry.installed()
    _, scene = prepare(RenderRequest(path), registry)
    library = AssetLibrary(scene, registry)
    sampler = Sampler(scene, library, 0, probe_of(scene, library))
    probe = RaycastProbe(library, scene.file.labels)
    cases = scene.file.stress.cases if scene.file.stress else {}
    seen, hits, total = Counter(), Counter(), 0
    for frame in range(FRAMES):
        world = sampler.world(frame)
        view = probe.look(world, sampler.frame(frame, world))
        seen.update(view.category)
        total += len(view.category)
        for name, case in cases.items():
            hits[name] += int(in_case(case, view).sum())
    return seen, {name: hits[name] / total for name in cases}


def _text(shares: dict[str, float]) -> str:
    return ", ".join(f"{name} {100 * share:.1f}" for name, share in shares.items())
