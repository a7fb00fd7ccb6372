"""Dropping bodies until they rest, and what became of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.records.pose import Pose
from simgen.sampling.physics.model import TIMESTEP_S, Body, Machine, compile_bodies

TOLERANCE_M = 0.0005
_STEPS_PER_CHECK = 25
_QUIET_CHECKS = 4
# Surface speed in bounding radii per second below which a body counts as still.
_STILL = 0.03
# What lies in a heap may creep on for long; from this speed on nobody could tell. The bar rises
# to it over `_PATIENCE_S`, so that what will lie still is waited for.
_CREEPING = 0.09
_PATIENCE_S = (0.8, 1.6)
_COOL_AFTER_S = 0.8
_MIN_Z_M = -0.02
# Rolling friction lets balls come to rest, and holds up a box that stands on an edge, as none does.
# Once all is quiet it is cut to this share, and what stood so falls over.
_ROLLING_LEFT = 0.05
# What is given a push by that has this long to lie still again.
_AFTER_S = 1.0
# A fall gives a body this speed at most; what is thrown may be a little faster, and what is
# several times faster was pushed apart by a contact that should not have been.
_EXPLODED = 3.0
_GRAVITY_M_S2 = 9.81


@dataclass(frozen=True)
class Rest:
    """The end of a drop.

    Args:
        poses: of the free bodies, in their order.
        problems: "" or why the body cannot stay.
        residual_m: deepest penetration between bodies without a problem, or with the floor.
        seconds: simulated time.
    """

    poses: tuple[Pose, ...]
    problems: tuple[str, ...]
    residual_m: float
    seconds: float


def settle(
    bodies: Sequence[Body],
    *,
    floor: bool = True,
    walls_m: float | None = None,
    max_seconds: float = 4.0,
) -> Rest:
    """Drop the free bodies onto the fixed ones and the floor z = 0 until they rest.

    Args:
        walls_m: half the edge of a square of invisible walls about the origin.
        max_seconds: simulated time after which a moving body `did not settle`; up to a second
            more once all was quiet and rolling friction is cut.
    """
    free = [i for i, body in enumerate(bodies) if not body.fixed]
    if not free:
        return Rest((), (), 0.0, 0.0)
    machine = compile_bodies(bodies, floor=floor, walls_m=walls_m)
    radii = np.array([bodies[i].radius_m() for i in free])
    speeds, exploded, seconds = _run(machine, free, radii, max_seconds)
    poses = tuple(machine.pose(i) for i in free)
    problems = [
        "exploded" if burst else _motion_problem(pose, speed, bodies[i].pose, floor)
        for i, pose, speed, burst in zip(free, poses, speeds, exploded, strict=True)
    ]
    residual = _blame(machine, bodies, free, problems)
    return Rest(poses, tuple(problems), residual, seconds)


def _run(
    machine: Machine, free: list[int], radii: NDArray[np.float64], max_seconds: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_], float]:
    """Step until all is quiet.

    Returns:
        Surface speed in radii per second, whether it exploded, by body; simulated time.
    """
    import mujoco

    model, data = machine.model, machine.data
    mass_like = _mass_by_dof(model)
    limit = _EXPLODED * _fall_speed(machine, free)
    quiet, elapsed, relaxed = 0, 0.0, False
    speeds = np.full(len(free), np.inf)
    exploded = np.zeros(len(free), bool)
    while elapsed < max_seconds:
        model.dof_damping[:] = mass_like * _damping_rates(elapsed, model.nv)
        mujoco.mj_step(model, data, _STEPS_PER_CHECK)
        elapsed += _STEPS_PER_CHECK * TIMESTEP_S
        moving, turning = _speeds(machine, free)
        speeds = moving / radii + turning
        gone = _gone(machine, free)
        exploded |= ~(gone | (moving < limit))
        if not np.isfinite(speeds).all():
            break  # one number that is not finite spoils all bodies
        bar = float(np.interp(elapsed, _PATIENCE_S, (_STILL, _CREEPING)))
        quiet = quiet + 1 if bool((speeds[~gone] < bar).all()) else 0
        if quiet >= _QUIET_CHECKS:
            if relaxed:
                break
            model.geom_friction[:, 2] *= _ROLLING_LEFT
            quiet, relaxed, max_seconds = 0, True, max(max_seconds, elapsed + _AFTER_S)
    mujoco.mj_forward(model, data)
    return speeds, exploded, elapsed


def _fall_speed(machine: Machine, free: list[int]) -> float:
    """Speed of a fall from the highest start to the lowest body, or to z = 0, m/s."""
    heights = machine.data.qpos[machine.qpos[free] + 2] / machine.scale
    fall = float(heights.max() - min(0.0, heights.min())) + 0.1
    return math.sqrt(2 * _GRAVITY_M_S2 * fall)


def _mass_by_dof(model: object) -> NDArray[np.float64]:
    """Mass or moment of inertia that each velocity coordinate moves, float64[nv]."""
    body = np.asarray(model.dof_bodyid)  # type: ignore[attr-defined]
    mass = np.asarray(model.body_mass)[body]  # type: ignore[attr-defined]
    inertia = np.asarray(model.body_inertia)[body].mean(axis=1)  # type: ignore[attr-defined]
    turning = np.arange(len(body)) % 6 >= 3
    return np.where(turning, inertia, mass)


def _damping_rates(elapsed: float, dofs: int) -> NDArray[np.float64]:
    """Damping per second: little while things fall, much once they should lie."""
    late = max(0.0, elapsed - _COOL_AFTER_S)
    turning = np.arange(dofs) % 6 >= 3
    return np.where(turning, 4.0 + 10.0 * late, 0.2 + 1.0 * late)


def _speeds(machine: Machine, free: list[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Speed in m/s and turning rate in rad/s by body; infinite where not a number."""
    velocity = machine.data.qvel[machine.dof[free][:, None] + np.arange(6)]
    velocity = np.where(np.isfinite(velocity), velocity, np.inf)
    linear = np.linalg.norm(velocity[:, :3], axis=1) / machine.scale
    return linear, np.linalg.norm(velocity[:, 3:], axis=1)


def _gone(machine: Machine, free: list[int]) -> NDArray[np.bool_]:
    """Bodies that have fallen past everything; a number that is no height is not a fall."""
    heights = machine.data.qpos[machine.qpos[free] + 2] / machine.scale
    return np.asarray(heights < _MIN_Z_M - 0.2)


def _motion_problem(pose: Pose, speed: float, start: Pose, floor: bool) -> str:
    numbers = np.array(pose.position_m)
    if not np.isfinite([*numbers, *pose.quaternion_wxyz]).all():
        return "exploded"
    if float(np.linalg.norm(numbers[:2] - start.position_m[:2])) > 5.0:
        return "flew away"
    if numbers[2] < _MIN_Z_M:
        return "fell through the floor" if floor else "fell off"
    return "did not settle" if speed > _CREEPING else ""


def _blame(machine: Machine, bodies: Sequence[Body], free: list[int], problems: list[str]) -> float:
    """Mark the later body of each pair that sinks in too deep; returns the depth of the rest."""
    slot = {body: n for n, body in enumerate(free)}
    residual = 0.0
    for (a, b), depth in sorted(machine.depths_m().items()):
        if any(i in slot and problems[slot[i]] for i in (a, b)):
            continue
        if depth <= TOLERANCE_M:
            residual = max(residual, depth)
            continue
        loser, other = (b, a) if b in slot else (a, b)
        if loser in slot:
            name = bodies[other].name if other >= 0 else "the floor"
            problems[slot[loser]] = f"interpenetrates {name}"
    return residual
