"""Finish: what has happened to an object's surface since it was made, as a recipe."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from simgen.records.absent import leave_out
from simgen.records.material import FileRef

FinishKind = Literal["tint", "dust", "dirt", "scratches", "fingerprints", "sticker"]


@dataclass(frozen=True)
class Finish:
    """One step, applied on top of the object's materials in the order of the steps.

    Args:
        kind: `tint` changes the materials' own numbers; the others lie on them as a layer.
        params: concrete numbers of the kind.
        seed: of the layer's pattern.
        file: picture of a sticker; None: one of our own drawing.
    """

    kind: FinishKind
    params: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    file: FileRef | None = None

    def __post_init__(self) -> None:
        leave_out(self, "file")
