"""The log of a run while it goes on: what it has made and cost, for people who ask meanwhile."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simgen.errors import StorageError
from simgen.pipeline import runs
from simgen.pipeline.pool import Failure, FolderSite

_EVERY_S = 20.0  # between writings: what a killed run has cost is known that well


@dataclass
class Diary:
    """Counts frames (a list of them would grow with the run) and keeps the log.

    Args:
        out: run folder.
        log: as it was opened.
        site: of this run.
        skipped: frames that were there already.
        began: `time.monotonic()` when it did; a clock that is set meanwhile changes nothing.
    """

    out: Path
    log: runs.RunLog
    site: FolderSite
    skipped: int = 0
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.done = 0
        self._written = time.monotonic()

    def count(self, frame: int) -> None:
        """A frame is made.

        Raises:
            StorageError: the log cannot be written any more.
        """
        self.done += 1
        self.site.facts["done"] = self.done
        if time.monotonic() - self._written >= _EVERY_S:
            self._written = time.monotonic()
            runs.write(self.out, self.log, **self._facts())

    def close(self, status: str, failures: Sequence[Failure] = ()) -> None:
        """Complete the log, unless that is what fails on a full disk.

        Args:
            status: `done`, `failed` or `stopped`.
            failures: worlds, or batches of a stage.
        """
        failed = [failure.piece.world for failure in failures]
        try:
            runs.write(self.out, self.log, status=status, failed_worlds=failed, **self._facts())
        except StorageError:
            # The disk is full: the error that stopped the run says so already.
            if status != "stopped":
                raise

    def _facts(self) -> dict[str, Any]:
        return {
            "done": self.done,
            "skipped": self.skipped,
            "duration_s": round(time.monotonic() - self.began, 3),
            "worker_s": self.site.facts.get("worker_s", 0.0),
        }
