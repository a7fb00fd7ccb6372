"""The learning curve: one JSON line every few steps, readable while the training runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

CURVE = "curve.jsonl"


class Curve:
    """Means over the steps since the last line.

    Args:
        out: folder of the training.
        step: to go on from; later lines, of a run that was cut off, are dropped.
        every: steps a line.
        listen: gets each line, too.
        write: False in all processes but the first.
    """

    def __init__(
        self,
        out: Path,
        step: int,
        every: int,
        listen: Callable[[dict[str, Any]], None] | None,
        write: bool = True,
    ) -> None:
        self._path, self._every, self._listen, self._write = out / CURVE, every, listen, write
        self._rows: list[dict[str, float]] = []
        self._images, self._since_s = 0, -1.0
        self.last: dict[str, Any] = {}
        out.mkdir(parents=True, exist_ok=True)
        if write:
            self._path.write_text("".join(f"{line}\n" for line in self._earlier(step)))

    def _earlier(self, step: int) -> list[str]:
        if step == 0 or not self._path.is_file():
            return []
        lines = self._path.read_text().splitlines()
        whole = [line for line in lines if line.endswith("}")]
        return [line for line in whole if json.loads(line)["step"] <= step]

    def add(
        self,
        step: int,
        done: float,
        spent_s: float,
        rate: float,
        losses: dict[str, float],
        norm: float,
        images: int,
    ) -> None:
        """Count a step; every few of them a line is written."""
        self._rows.append({**losses, "loss": sum(losses.values()), "gradient_norm": norm})
        self._images += images
        if self._since_s < 0:  # the first step warms up and would spoil the speed
            self._since_s, self._images = spent_s, 0
        if step % self._every:
            return
        names = self._rows[0]
        means = {n: sum(row[n] for row in self._rows) / len(self._rows) for n in names}
        speed = self._images / max(spent_s - self._since_s, 1e-9)
        self.last = {
            "step": step,
            "done": round(done, 6),
            "seconds": round(spent_s, 3),
            "learning_rate": rate,
            **means,
            "images_per_s": round(speed, 2),
        }
        self._rows, self._images, self._since_s = [], 0, spent_s
        if not self._write:
            return
        with open(self._path, "a") as stream:
            stream.write(json.dumps(self.last) + "\n")
        if self._listen is not None:
            self._listen(self.last)
