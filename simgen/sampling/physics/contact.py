"""Which posed bodies touch, and how deep they sink into each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgen.sampling.physics.model import Body, compile_bodies


def touching(bodies: Sequence[Body]) -> list[tuple[int, int, float]]:
    """Pairs of bodies (i < j) that overlap, with their penetration depth in metres.

    Pairs whose bounding balls or boxes are apart never reach the physics engine.
    """
    close = _close_pairs(bodies)
    if not close:
        return []
    import mujoco

    used = sorted({i for pair in close for i in pair})
    free = [Body(bodies[i].name, bodies[i].pieces_m, bodies[i].pose) for i in used]
    machine = compile_bodies(free)
    mujoco.mj_kinematics(machine.model, machine.data)
    mujoco.mj_comPos(machine.model, machine.data)
    mujoco.mj_collision(machine.model, machine.data)
    wanted = set(close)
    found = [
        (used[a], used[b], depth)
        for (a, b), depth in machine.depths_m().items()
        if depth > 0 and (used[a], used[b]) in wanted
    ]
    return sorted(found)


def _close_pairs(bodies: Sequence[Body]) -> list[tuple[int, int]]:
    clouds = [body.pose.apply(np.concatenate(body.pieces_m)) for body in bodies]
    low = np.array([cloud.min(axis=0) for cloud in clouds]).reshape(-1, 3)
    high = np.array([cloud.max(axis=0) for cloud in clouds]).reshape(-1, 3)
    middle = (low + high) / 2
    radius = np.array(
        [np.linalg.norm(c - m, axis=1).max() for c, m in zip(clouds, middle, strict=True)]
    )
    pairs = []
    for i in range(len(bodies)):
        for j in range(i + 1, len(bodies)):
            if bodies[i].fixed and bodies[j].fixed:
                continue
            if float(np.linalg.norm(middle[i] - middle[j])) >= radius[i] + radius[j]:
                continue
            if bool((low[i] < high[j]).all() and (low[j] < high[i]).all()):
                pairs.append((i, j))
    return pairs
