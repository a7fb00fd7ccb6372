"""Where a frame comes from: one step for every stage that it went through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simgen.records.absent import leave_out


@dataclass(frozen=True)
class Origin:
    """A frame, or a file of a foreign set, that a frame was made from.

    Args:
        source: position in the sources of the stage, as its manifest lists them.
        frame: number in that dataset; None: a file.
        file: name of the file below its set, as it was found; "" for frames.
    """

    source: int = 0
    frame: int | None = None
    file: str = ""


@dataclass(frozen=True)
class Step:
    """What one stage did to one frame; its parameters stand once in the manifest.

    Args:
        stage: kind of stage (`import`, `augment`, `refine`, ...).
        sources: what the frame was made from, the one that gave the picture first.
        operators: what was applied, in order: `{"name": "paste", ...what was drawn}`.
        scores: what was measured, by name.
        verdict: what was decided (`keep`, `composite`, `retry`, `drop`).
        facts: anything else worth keeping.
    """

    stage: str
    sources: tuple[Origin, ...] = ()
    operators: tuple[dict[str, Any], ...] | None = None
    scores: dict[str, float] | None = None
    verdict: str | None = None
    facts: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        leave_out(self, "operators", "scores", "verdict", "facts")
