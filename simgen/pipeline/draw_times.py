"""How long each world took to draw, with physics: rows beside the run logs, never in records."""

from __future__ import annotations

import json
import os
import platform
import time
from contextlib import suppress

from simgen.dataset.layout import Layout
from simgen.dataset.urls import UrlPath
from simgen.records.world import World

_EVERY_S = 20.0


class DrawTimes:
    """`runs/draws-HOST-PID.jsonl`: one row for every world that this process has drawn.

    Rows are `{"world", "draw_s", "settled_s", "placed", "redrawn", "dropped"}`; `settled_s` is the
    time that physics simulated. What cannot be written is left out: it is no part of the data.
    """

    def __init__(self, layout: Layout) -> None:
        host = "".join(c if c.isalnum() else "-" for c in platform.node()) or "host"
        self._path = layout.runs / f"draws-{host}-{os.getpid()}.jsonl"
        self._rows: list[str] = []  # behind a URL: objects cannot be appended to
        self._put_at = float("-inf")

    def add(self, world: World, seconds: float) -> None:
        """Append a row."""
        row = {
            "world": world.index,
            "draw_s": round(seconds, 4),
            "settled_s": world.facts.get("scene.settled_s", 0.0),
            "placed": world.counts.placed,
            "redrawn": world.counts.redrawn,
            "dropped": len(world.counts.dropped),
        }
        line = json.dumps(row) + "\n"
        if isinstance(self._path, UrlPath):
            self._rows.append(line)
            if time.monotonic() - self._put_at >= _EVERY_S:
                self.close()
            return
        with suppress(OSError), self._path.open("a") as stream:
            stream.write(line)

    def close(self) -> None:
        """Write what is still to be written."""
        if isinstance(self._path, UrlPath) and self._rows:
            self._put_at = time.monotonic()
            with suppress(OSError):
                self._path.put("".join(self._rows).encode())
