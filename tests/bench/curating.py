"""Tools at size: records to COCO, merging, labels of a frame, the page.

`coco`: frame records of ten instances each (RLE and amodal masks, parameters) are read from disk
and assembled into the COCO index; the peak of memory is that of a process of its own. `merge`: 10
to 50 shards of 200 frames; linear is a constant time a frame. `labels`: what annotating a 640x480
frame of 20 instances costs beyond casting its rays. `page`: the page of 10,000 frames, from
opening the file in Chromium until thumbnails and filters are there.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

_FRAMES = 100_000
_PAGE = 10_000


def measure() -> list[dict[str, Any]]:
    """One row for each."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("SIMGEN_BENCH_DIR")) as folder:
        place = Path(folder)
        return [_coco(place), *_merges(place), _labels(place), *_page(place)]


def template(place: Path, instances: int = 10) -> Path:
    """A rendered frame with that many labels."""
    from simgen.pipeline.plan import RenderRequest
    from simgen.pipeline.run import render_dataset

    scene = place / f"scene{instances}.yaml"
    scene.write_text(
        "simgen: 1\nscene: {type: flying, size_m: 1.2}\n"
        f"objects: {{boxes: {{asset: box, count: {instances}, category: box,\n"
        "  size_m: [{uniform: [0.05, 0.2]}, 0.1, 0.1]}}\n"
        "camera: {distance_m: 1.6, look_at: centre, fov_deg: 70}\n"
        "randomizers: {l: {kind: lights}, e: {kind: environment}}\nviews_per_world: 1\n"
        "labels: {min_pixels: 1}\noutputs: [rgb]\n"
        "render: {engine: raycast, size: [640, 480], quality: draft}\n"
    )
    out = place / f"template{instances}"
    if not out.exists():
        render_dataset(RenderRequest(scene, range(1)), out)
    return out


def multiplied(source: Path, out: Path, count: int) -> None:
    """A set of many frames: the record of the first, numbered, its picture linked."""
    from simgen.dataset.layout import Layout
    from simgen.dataset.reader import Dataset
    from simgen.records.serial import to_json

    dataset = Dataset.open(source)
    old, world = dataset.record(0), dataset.world(0)
    layout, picture = Layout(out), dataset.file("rgb", 0)
    out.mkdir(parents=True)
    shutil.copy(dataset.layout.manifest, layout.manifest)
    for number in range(count):
        name = Layout.output_name("rgb", number)
        fresh = replace(
            old, frame=number, world=number, files={"rgb": replace(old.files["rgb"], name=name)}
        )
        for path, data in (
            (layout.world(number), to_json(replace(world, index=number))),
            (layout.record(number), to_json(fresh)),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if number % 50_000 == 0:  # a file has at most 65,000 names on ext4
            shutil.copy(picture, target)
            linked = target
        else:
            target.hardlink_to(linked)


def _coco(place: Path) -> dict[str, Any]:
    multiplied(template(place), place / "many", _FRAMES)
    code = (
        "import json, resource, sys, time; from pathlib import Path;"
        "from simgen.dataset.coco import finalize; t = time.perf_counter();"
        "n = finalize(Path(sys.argv[1])); s = time.perf_counter() - t;"
        "print(json.dumps([n, s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(place / "many")],
        capture_output=True,
        text=True,
        check=True,
    )
    (images, labels), seconds, peak = json.loads(done.stdout)
    return {"what": "coco", "frames": images, "labels": labels, "seconds": round(seconds, 1),
            "peak_mib": round(peak)}  # fmt: skip


def _merges(place: Path) -> list[dict[str, Any]]:
    from simgen.pipeline.curating.merging import merge

    shards = []
    for number in range(50):
        shards.append(place / f"shard{number}")
        multiplied(template(place), shards[-1], 200)
    rows = []
    for count in (10, 25, 50):
        began = time.perf_counter()
        done = merge(shards[:count], place / f"merged{count}")
        seconds = time.perf_counter() - began
        row = {"what": f"merge {count} shards", "frames": done.images}
        row |= {"seconds": round(seconds, 1), "ms_a_frame": round(1000 * seconds / done.images, 2)}
        rows.append(row)
    return rows


def _labels(place: Path) -> dict[str, Any]:
    import numpy as np

    from simgen.annotate.labels import annotate
    from simgen.assets.library import AssetLibrary
    from simgen.plugin.gate import load_scene
    from simgen.plugin.registry import Registry
    from simgen.records.frame import RenderedFrame
    from simgen.render.raycast import Raycast
    from simgen.sampling.sampler import Sampler

    template(place, 20)
    registry = Registry.installed()
    scene = load_scene(place / "scene20.yaml", registry)
    library = AssetLibrary(scene, registry)
    sampler = Sampler(scene, library, 0)
    session = Raycast().open(Raycast.Params(), library, 1)
    times, traced, seen = [], [], 0
    for index in range(12):
        world = sampler.world(index)
        spec = sampler.frame(index, world)
        tracer, _ = session.prepare(world)
        began = time.perf_counter()
        geometry, _ = tracer.trace(spec.camera)
        traced.append(time.perf_counter() - began)
        frame = RenderedFrame(spec, np.zeros((480, 640, 3), np.uint8), geometry, 0.0)
        began = time.perf_counter()
        labels, _ = annotate(frame, world, scene.file.labels)
        times.append(time.perf_counter() - began)
        seen += len(labels)
    return {"what": "labels", "frames": 12, "labels": seen,
            "ms_a_frame": round(1000 * statistics.median(times), 1),
            "rays_ms": round(1000 * statistics.median(traced), 1)}  # fmt: skip


def _page(place: Path) -> list[dict[str, Any]]:
    from simgen.report.view import ViewOptions, write_view

    chromium = shutil.which("chromium")
    multiplied(template(place), place / "page", _PAGE)
    began = time.perf_counter()
    done = write_view(place / "page", place / "page" / "view", ViewOptions(points=0))
    made = time.perf_counter() - began
    row = {"what": "page written", "frames": done.frames, "labels": done.labels}
    row |= {"seconds": round(made, 1), "ms_a_frame": round(1000 * made / done.frames, 2)}
    if chromium is None:
        return [row]
    from playwright.sync_api import sync_playwright

    opened = []
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for _ in range(3):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            began = time.perf_counter()
            page.goto(f"file://{done.page}")
            page.wait_for_selector(".cell img")
            page.wait_for_function("document.querySelectorAll('.cell rect').length > 100")
            opened.append(time.perf_counter() - began)
            page.close()
        browser.close()
    return [row, {"what": "page opened", "frames": done.frames,
                  "seconds": round(statistics.median(opened), 2)}]  # fmt: skip
