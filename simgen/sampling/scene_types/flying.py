"""Objects in the air before a background, as in domain randomization."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from simgen.plugin import Integer, Kit, NonNegative, Params, Positive, Sampled, Stream
from simgen.records.pose import IDENTITY_QUATERNION, Pose, Quaternion
from simgen.records.world import Draft, DraftObject
from simgen.sampling.placing.tally import Tally, ball_m
from simgen.spec.distributions import support


class FlyingParams(Params):
    """Settings of the volume and of the poses."""

    volume: Literal["ball", "box"] = Field("ball", description="shape of the volume")
    size_m: Sampled[Positive] = Field(
        0.3, description="radius of the ball, or half the edge of the box, m"
    )
    rotation: Literal["free", "yaw"] = Field(
        "free", description="any rotation, or about the vertical only"
    )
    gap_m: Sampled[NonNegative] = Field(0.002, description="air between bounding hulls, m")
    max_tries: Integer = Field(60, ge=1, le=1000, description="poses tried per object")


class Flying:
    """Objects in random poses in a ball or box about the origin, without touching.

    The recipe of domain randomization (Tremblay et al. 2018); nothing supports the objects,
    and the `backdrop` randomizer paints what is behind them.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = FlyingParams

    def radius_m(self, params: Any) -> float:
        """The ball's radius, or the distance of the box's corners."""
        size = support(params.size_m)[1]
        return size * math.sqrt(3.0) if params.volume == "box" else size

    def layout(self, params: Any, kit: Kit, rng: Stream) -> Draft:
        """Objects one by one, each drawn again until it touches none before it."""
        tally = Tally(kit)
        balls: list[tuple[np.ndarray[Any, Any], float]] = []
        for thing in kit.objects:
            own = rng.child("place").child(thing.name)
            middle, radius = ball_m(kit, thing)
            radius_in = float(params.size_m) - radius
            if radius_in < 0:
                tally.drop(thing, f"larger than the volume ({2 * radius:.2f} m across)")
                continue
            for attempt in range(params.max_tries):
                pose, centre = _pose(params, radius_in, middle, own.child(f"try{attempt}"))
                posed = replace(thing, pose=pose)
                if not _touches(posed, (centre, radius), balls, float(params.gap_m), tally):
                    tally.put(thing, pose)
                    balls.append((centre, radius))
                    break
                tally.redrawn += 1
            else:
                tally.drop(thing, "no free place")
        return Draft(
            tally.in_order(),
            radius_m=self.radius_m(params),
            counts=tally.counts(),
            facts={"size_m": float(params.size_m)},
        )


def _pose(
    params: Any, radius_in: float, middle: np.ndarray[Any, Any], rng: Stream
) -> tuple[Pose, np.ndarray[Any, Any]]:
    """A pose and the world position of the bounding ball's centre."""
    turn: Quaternion = IDENTITY_QUATERNION
    if params.rotation == "free":
        turn = rng.child("turn").rotation()
    else:
        half = rng.child("turn").uniform(0.0, math.pi)
        turn = (math.cos(half), 0.0, 0.0, math.sin(half))
    where = rng.child("where")
    if params.volume == "ball":
        reach = radius_in * where.random() ** (1 / 3)
        centre = reach * np.array(where.direction())
    else:
        centre = np.array([where.uniform(-radius_in, radius_in) for _ in range(3)])
    x, y, z = (float(v) for v in centre - Pose((0.0, 0.0, 0.0), turn).apply(middle))
    return Pose((x, y, z), turn), centre


def _touches(
    thing: DraftObject,
    ball: tuple[np.ndarray[Any, Any], float],
    balls: list[tuple[np.ndarray[Any, Any], float]],
    gap_m: float,
    tally: Tally,
) -> bool:
    """Whether a posed object comes closer than the gap to one before it.

    Bounding balls decide at once in most cases. For the others a plane between the hulls must
    be found; where none is, the pose counts as touching and is drawn again, which is safe.
    """
    centre, radius = ball
    close = [
        other
        for other, (there, size) in zip(tally.placed, balls, strict=True)
        if float(np.linalg.norm(there - centre)) < radius + size + gap_m
    ]
    return not all(_plane_between(thing, other, gap_m, tally.kit) for other in close)


def _plane_between(a: DraftObject, b: DraftObject, gap_m: float, kit: Kit) -> bool:
    """Whether a plane with more air than the gap is found between two hulls.

    Directions: between the centres, then along the steps of Frank and Wolfe (1956) towards
    the hulls' closest points.
    """
    assert a.pose is not None
    assert b.pose is not None
    points, others = a.pose.apply(kit.hull_m(a)), b.pose.apply(kit.hull_m(b))
    near, far = points.mean(axis=0), others.mean(axis=0)
    for _ in range(24):
        line = far - near
        length = float(np.linalg.norm(line))
        if length < 1e-9:
            return False
        ahead, behind = points @ line, others @ line
        if float(behind.min() - ahead.max()) > gap_m * length:
            return True
        tip, tail = points[ahead.argmax()], others[behind.argmin()]
        pull = (near - far) - (tip - tail)
        share = float((near - far) @ pull) / max(float(pull @ pull), 1e-18)
        share = min(max(share, 0.0), 1.0)
        near, far = near + share * (tip - near), far + share * (tail - far)
    return False
