"""Marks in the notes beside a mesh: keypoints, skeleton and parts, in the file's own frame."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from simgen.errors import AssetError, Fault
from simgen.records.marks import Keypoint, Marks
from simgen.spec.fields import NonNegative, Number, Params

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_ .-]{0,63}$")]
Point = tuple[Number, Number, Number]
# From coordinates of the file to those of the asset: rotation, factor, offset to subtract.
Fitted = tuple[NDArray[np.float64], float, NDArray[np.float64]]


class PointNote(Params):
    """A keypoint; `[x, y, z]` is the short form."""

    at: Point = Field(description="place in the file's own coordinates and unit")
    radius: NonNegative = Field(
        0.0, description="depth of a joint below its surface, in the file's unit"
    )


class PartNote(Params):
    """Faces that form a part: of these slots, inside this box, or both."""

    slots: tuple[str, ...] = Field((), description="material slots whose faces belong to it")
    box: tuple[Point, Point] | None = Field(
        None, description="least and largest corner, file's coordinates; faces by their centres"
    )

    @model_validator(mode="after")
    def _something(self) -> PartNote:
        if not self.slots and self.box is None:
            raise ValueError("expected `slots`, `box` or both")
        if self.box is not None and any(a > b for a, b in zip(*self.box, strict=True)):
            raise ValueError("expected `box` as least and largest corner, in this order")
        return self


def _long_form(value: Any) -> Any:
    return {"at": value} if isinstance(value, (list, tuple)) else value


class MarkNotes(Params):
    """Marks of a mesh."""

    keypoints: dict[Name, Annotated[PointNote, BeforeValidator(_long_form)]] = Field(
        default_factory=dict, description="named points in COCO's order"
    )
    skeleton: tuple[tuple[Name, Name], ...] = Field((), description="pairs of keypoints")
    parts: dict[Name, PartNote] = Field(
        default_factory=dict, description="named parts; a face belongs to the first that fits"
    )

    @model_validator(mode="after")
    def _known_bones(self) -> MarkNotes:
        unknown = sorted({name for bone in self.skeleton for name in bone} - set(self.keypoints))
        if unknown:
            raise ValueError(f"`skeleton` names {', '.join(unknown)}, which is no keypoint")
        return self

    def names(self) -> Marks:
        """Keypoints and bones."""
        return Marks(tuple(self.keypoints), self.skeleton)

    def points(self, fitted: Fitted) -> tuple[Keypoint, ...]:
        """Keypoints in the asset's frame."""
        rotation, factor, offset = fitted
        out = []
        for name, note in self.keypoints.items():
            x, y, z = (float(v) for v in rotation @ np.array(note.at) * factor - offset)
            out.append(Keypoint(name, (x, y, z), float(note.radius * factor)))
        return tuple(out)

    def part_numbers(
        self, centres: NDArray[np.float64], slot: NDArray[np.int32], slots: tuple[str, ...]
    ) -> NDArray[np.int32]:
        """Part of each face, int32[F], -1 for none.

        Args:
            centres: float64[F, 3], of the faces, in the file's coordinates.
            slot: int32[F], index into `slots`.

        Raises:
            AssetError: a part names a slot that the mesh does not have, or has no face.
        """
        out = np.full(len(slot), -1, np.int32)
        faults = []
        for number, (name, note) in enumerate(self.parts.items()):
            unknown = [s for s in note.slots if s not in slots]
            chosen = np.ones(len(slot), bool)
            if note.slots:
                chosen &= np.isin(slot, [slots.index(s) for s in note.slots if s in slots])
            if note.box is not None:
                low, high = np.array(note.box)
                chosen &= ((centres >= low) & (centres <= high)).all(axis=1)
            if unknown or not chosen.any():
                what = f"there is no slot {unknown[0]!r}" if unknown else "no face fits"
                faults.append(Fault(f"parts.{name}", what, f"slots: {', '.join(slots)}"))
            out[chosen & (out < 0)] = number
        if faults:
            raise AssetError(faults)
        return out
