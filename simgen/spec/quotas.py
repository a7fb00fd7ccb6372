"""`balance:` and `stress:`: what a dataset must hold enough of, and the weights that bring it.

A person writes the wanted shares; `simgen plan` measures a pilot and writes the weights beside
them as plain numbers (`planned`, `frames`, `usual`, and `odds` and `count` of the objects). From
then on no pilot is needed, and the numbers may be changed by hand like any other.

Nothing here leaves the ranges of the scene file: weights only choose among what it can draw.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from simgen.spec.fields import Integer, NonNegative, Number, Params, Positive, Unit

CategoryName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Share = Annotated[Number, Field(gt=0, lt=1)]
Direction = tuple[Number, Number, Number]


def _at_most_one(shares: dict[str, float]) -> dict[str, float]:
    total = math.fsum(shares.values())
    if total > 1 + 1e-6 or total <= 0:
        text = "the shares add up to {t}, expected more than 0 and at most 1"
        raise PydanticCustomError("shares", text, {"t": f"{total:g}"})
    return shares


Shares = Annotated[dict[CategoryName, Unit], AfterValidator(_at_most_one)]


def _classes_form(value: Any) -> str:
    return "shares" if isinstance(value, Mapping) else "word"


AnyClasses = Annotated[
    Annotated[Literal["uniform"], Tag("word")] | Annotated[Shares, Tag("shares")],
    Discriminator(_classes_form),
]


class PlannedBalance(Params):
    """What the pilots measured; only read by people and reports."""

    seed: Annotated[Integer, Field(ge=0)] = Field(description="of the pilots' streams")
    worlds: Annotated[Integer, Field(ge=1)] = Field(description="of each pilot")
    natural: dict[str, Unit] = Field(description="shares before planning")
    expected: dict[str, Unit] = Field(description="shares by the rates of all pilots")


class Balance(Params):
    """`balance:` shares of the categories among all labels of the dataset."""

    classes: AnyClasses = Field(
        description="`uniform`, or a map from category to its share of the labels; what is left "
        "of 1 is shared evenly by the categories that are not named"
    )
    tolerance: Share = Field(
        0.05, description="largest part of its share that a category may miss in the last pilot"
    )
    planned: PlannedBalance | None = Field(None, description="written by `simgen plan`")


class Case(Params):
    """One edge case: how much of it there must be, and how it comes about."""

    share: Share = Field(description="of the labels that are to show it, at least")
    frames: Unit | None = Field(
        None,
        description="share of the frames whose view is chosen to show it; `simgen plan` writes it",
    )


class HeavyOcclusion(Case):
    """Objects of which other things hide most."""

    visibility: tuple[Unit, Unit] = Field(
        (0.05, 0.5), description="visible share of the object inside the image, from and to"
    )


class Truncation(Case):
    """Objects that the image's border cuts."""

    outside: tuple[Unit, Unit] = Field(
        (0.25, 0.95), description="share of the outline outside the image, from and to"
    )


class Tiny(Case):
    """Objects that are small in the image."""

    size_px: Positive = Field(
        32.0, description="largest geometric mean of the box's width and height, px"
    )


class UnusualPose(Case):
    """Objects seen from where they are rarely seen.

    The up axis of the asset, in the camera's frame, is further than the angle from its usual
    direction: the mean direction over the pilot (spherical mean, Mardia and Jupp 2000, section
    9.2), by category. Categories without a usual direction (any pose is as good) never count.
    """

    angle_deg: Annotated[Number, Field(gt=0, lt=180)] = Field(
        50.0, description="smallest angle from the usual direction"
    )
    usual: dict[str, Direction] | None = Field(
        None, description="usual directions by category, camera frame; `simgen plan` writes them"
    )


class ExtremeLight(Case):
    """Pictures that are very dark or very bright; the share is one of frames."""

    below: Unit = Field(0.07, description="mean linear luminance of a dark picture, at most")
    above: Unit = Field(0.45, description="mean linear luminance of a bright picture, at least")


def _written_short(value: Any) -> Any:
    """`tiny: 0.1` for `tiny: {share: 0.1}`."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return {"share": value} if number else value


_SHORT = BeforeValidator(_written_short)


class Stress(Params):
    """`stress:` edge cases of which a dataset must hold a share.

    In a share of the frames (`frames`) the view is drawn again, up to `tries` times, inside its
    own world and from streams of its own, until a small ray-cast picture shows the case: at least
    one label in it, and at least twice the wanted share of the picture's labels. If no view does,
    the ordinary one stays. Either way the frame's record says so.
    """

    heavy_occlusion: Annotated[HeavyOcclusion | None, _SHORT] = Field(
        None, description="mostly hidden objects; a number is the share of the labels"
    )
    truncation: Annotated[Truncation | None, _SHORT] = Field(
        None, description="objects cut by the border; a number is the share of the labels"
    )
    tiny: Annotated[Tiny | None, _SHORT] = Field(
        None, description="small objects; a number is the share of the labels"
    )
    unusual_pose: Annotated[UnusualPose | None, _SHORT] = Field(
        None, description="objects seen from a rare side; a number is the share of the labels"
    )
    extreme_light: Annotated[ExtremeLight | None, _SHORT] = Field(
        None, description="very dark or bright pictures; a number is the share of the frames"
    )
    tries: Annotated[Integer, Field(ge=1, le=256)] = Field(
        16, description="views drawn at most for a frame that is to show a case"
    )

    @property
    def cases(self) -> dict[str, Case]:
        """Cases that are asked for, by name, in a fixed order."""
        found = {name: getattr(self, name) for name in CASES}
        return {name: case for name, case in found.items() if case is not None}

    @property
    def planned(self) -> bool:
        """Whether every case has its share of the frames."""
        return all(case.frames is not None for case in self.cases.values())

    @model_validator(mode="after")
    def _one_case_a_frame(self) -> Stress:
        total = math.fsum(case.frames or 0.0 for case in self.cases.values())
        if total > 1 + 1e-9:
            raise ValueError(f"the cases' `frames` add up to {total:g}; a frame shows one case")
        return self


CASES = ("heavy_occlusion", "truncation", "tiny", "unusual_pose", "extreme_light")
Odds = dict[CategoryName, NonNegative]


def targets(classes: str | Mapping[str, float], categories: list[str]) -> dict[str, float]:
    """The wanted share of every category; they add up to 1.

    Args:
        classes: of `Balance`.
        categories: of the scene, in order.
    """
    if isinstance(classes, str):
        return {name: 1 / len(categories) for name in categories}
    unnamed = [name for name in categories if name not in classes]
    total = math.fsum(classes.values())
    if not unnamed:
        return {name: classes[name] / total for name in categories}
    rest = max(0.0, 1 - total) / len(unnamed)
    return {name: classes.get(name, rest) for name in categories}
