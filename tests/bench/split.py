"""Where the time of a frame goes, in one process: exclusive seconds a stage."""

from __future__ import annotations

import functools
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.scenes import ten_objects

FRAMES = 24


class Stopwatch:
    """Exclusive times by name: what runs inside another stage is not counted there."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._stack: list[str] = []
        self._since = 0.0

    def _switch(self) -> None:
        now = time.perf_counter()
        if self._stack:
            self.seconds[self._stack[-1]] += now - self._since
        self._since = now

    def watch(self, owner: Any, attribute: str, name: str) -> None:
        """Wrap a function or method so that its time is counted under `name`."""
        original: Callable[..., Any] = getattr(owner, attribute)

        @functools.wraps(original)
        def timed(*args: Any, **kwargs: Any) -> Any:
            self._switch()
            self._stack.append(name)
            try:
                return original(*args, **kwargs)
            finally:
                self._switch()
                self._stack.pop()

        setattr(owner, attribute, timed)


def measure() -> list[dict]:
    """Milliseconds per frame by stage, at two sizes."""
    rows = []
    for width, height in ((320, 240), (640, 480)):
        watch, total = _run(width, height)
        row: dict[str, Any] = {"size": f"{width}x{height}", "jobs": 1, "frames": FRAMES}
        for name in ("sample", "build", "rays", "shading", "labels", "writing"):
            row[f"{name}_ms"] = round(1000 * watch.seconds[name] / FRAMES, 1)
        row["total_ms"] = round(1000 * total / FRAMES, 1)
        rows.append(row)
    return rows


def _run(width: int, height: int) -> tuple[Stopwatch, float]:
    from simgen.dataset.frame_writer import FrameWriter
    from simgen.pipeline import worker
    from simgen.pipeline.plan import RenderRequest
    from simgen.pipeline.run import render_dataset
    from simgen.render.raycast import engine, labels, lighting, tracing

    watch = Stopwatch()
    saved = []
    for owner, attribute, name in (
        (worker.Sampler, "world", "sample"),
        (worker.Sampler, "frame", "sample"),
        (engine, "build_geometry", "build"),
        (engine.RaycastSession, "_sky", "build"),
        (labels.FrameLabels, "trace", "labels"),
        (worker, "annotate", "labels"),
        (lighting.FramePainter, "paint", "shading"),
        (tracing.Bvh, "closest", "rays"),
        (tracing.Bvh, "blocked", "rays"),
        (FrameWriter, "write", "writing"),
    ):
        saved.append((owner, attribute, getattr(owner, attribute)))
        watch.watch(owner, attribute, name)
    try:
        with tempfile.TemporaryDirectory() as folder:
            scene = Path(folder) / "scene.yaml"
            scene.write_text(ten_objects("drop", width, height))
            request = functools.partial(RenderRequest, scene)
            render_dataset(request(frames=range(4)), Path(folder) / "warm")
            watch.seconds.clear()
            began = time.perf_counter()
            render_dataset(request(frames=range(FRAMES)), Path(folder) / "out")
            return watch, time.perf_counter() - began
    finally:
        for owner, attribute, original in saved:
            setattr(owner, attribute, original)
