"""How long each world took to draw, with physics: rows beside the run logs, never in records."""

from __future__ import annotations

import json
import os
import platform
from contextlib import suppress

from simgen.dataset.layout import Layout
from simgen.records.world import World


class DrawTimes:
    """`runs/draws-HOST-PID.jsonl`: one row for every world that this process has drawn.

    Rows are `{"world", "draw_s", "settled_s", "placed", "redrawn", "dropped"}`; `settled_s` is the
    time that physics simulated. What cannot be written is left out: it is no part of the data.
    """

    def __init__(self, layout: Layout) -> None:
        host = "".join(c if c.isalnum() else "-" for c in platform.node()) or "host"
        self._path = layout.runs / f"draws-{host}-{os.getpid()}.jsonl"

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
        with suppress(OSError), self._path.open("a") as stream:
            stream.write(json.dumps(row) + "\n")
