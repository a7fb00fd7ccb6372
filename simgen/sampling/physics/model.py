"""From bodies to a compiled MuJoCo model; equal shapes are compiled once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.records.pose import Pose

Points = NDArray[np.float64]

TIMESTEP_S = 0.002
_TYPICAL_RADIUS = 0.1
# Sliding; torsional and rolling in lengths of the model, where a typical radius is 0.1: a ball
# rolls as on a table cloth and comes to rest.
_FRICTION = (0.7, 0.005, 0.006)
_ROLLING = 6  # contact dimensions: normal, two of sliding, one of spinning, two of rolling
_DENSITY = 700.0
# How much stiffer friction is than contact. At 1, piles creep for ever; with elliptic cones and 10
# they lie still (docs, "Modeling", preventing slip): 50 dice rest in 1 s instead of 4.
_FRICTION_STIFFNESS = 10.0
# Two time steps is the stiffest reference that MuJoCo keeps stable (docs, "Solver parameters").
_SOLREF = (2.0 * TIMESTEP_S, 1.0)
_FLAT = 1e-4


@dataclass(frozen=True)
class Body:
    """A rigid body.

    Args:
        name: for messages.
        pieces_m: convex pieces float64[N, 3] in the body's frame.
        pose: where it starts, or stands if it is fixed.
        fixed: whether it never moves.
    """

    name: str
    pieces_m: tuple[Points, ...]
    pose: Pose
    fixed: bool = False

    def radius_m(self) -> float:
        """Radius of the ball about the bounding box's centre that holds all pieces."""
        corners = np.concatenate(self.pieces_m)
        middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
        return float(np.linalg.norm(corners - middle, axis=1).max())


@dataclass(frozen=True)
class Machine:
    """A compiled model with the way back to bodies and metres.

    Args:
        model, data: MuJoCo's.
        scale: model length per metre.
        body_of_geom: int[G], index into the bodies, -1 for floor and walls.
        qpos: first position coordinate of each body, -1 if fixed.
        dof: first velocity coordinate of each body, -1 if fixed.
    """

    model: Any
    data: Any
    scale: float
    body_of_geom: NDArray[np.int64]
    qpos: NDArray[np.int64]
    dof: NDArray[np.int64]

    def put(self, index: int, pose: Pose) -> None:
        """Move a free body."""
        start = int(self.qpos[index])
        self.data.qpos[start : start + 3] = np.asarray(pose.position_m) * self.scale
        self.data.qpos[start + 3 : start + 7] = pose.quaternion_wxyz

    def pose(self, index: int) -> Pose:
        """Where a free body is now; the quaternion is normalised, w >= 0."""
        start = int(self.qpos[index])
        x, y, z = (float(v) for v in self.data.qpos[start : start + 3] / self.scale)
        q = np.array(self.data.qpos[start + 3 : start + 7])
        q /= np.linalg.norm(q)
        q = -q if q[0] < 0 else q
        return Pose((x, y, z), (float(q[0]), float(q[1]), float(q[2]), float(q[3])))

    def depths_m(self) -> dict[tuple[int, int], float]:
        """Deepest penetration by pair of bodies (i < j; -1 is floor or wall), metres."""
        found: dict[tuple[int, int], float] = {}
        for contact in range(self.data.ncon):
            a, b = self.data.contact.geom[contact]
            pair = sorted((int(self.body_of_geom[a]), int(self.body_of_geom[b])))
            depth = -float(self.data.contact.dist[contact]) / self.scale
            key = (pair[0], pair[1])
            found[key] = max(found.get(key, -np.inf), depth)
        return found


def compile_bodies(
    bodies: Sequence[Body], *, floor: bool = False, walls_m: float | None = None
) -> Machine:
    """A machine with every body in its pose.

    Args:
        floor: whether the plane z = 0 is solid.
        walls_m: half the edge of a square of invisible walls about the origin.
    """
    import mujoco

    # Without it MuJoCo writes MUJOCO_LOG.TXT into the working folder; what it would say there
    # (a number that is not finite) shows in the bodies, and settling reports it.
    mujoco.set_mju_user_warning(_say_nothing)
    radii = [body.radius_m() for body in bodies if not body.fixed]
    scale = _TYPICAL_RADIUS / float(np.median(radii)) if radii else 1.0
    spec = mujoco.MjSpec()
    _set_options(spec, scale)
    owners: list[int] = []
    walls = None if walls_m is None else walls_m * scale
    _add_planes(spec, owners, floor, walls, scale)
    meshes: dict[bytes, str] = {}
    for index, body in enumerate(bodies):
        part = spec.worldbody.add_body(name=f"body{index}")
        part.pos = np.asarray(body.pose.position_m) * scale
        part.quat = body.pose.quaternion_wxyz
        if not body.fixed:
            part.add_freejoint()
        for piece in body.pieces_m:
            name = _mesh_name(spec, meshes, piece, scale)
            part.add_geom(
                type=mujoco.mjtGeom.mjGEOM_MESH,
                meshname=name,
                **_contact(scale),
                density=_DENSITY / scale,
            )
            owners.append(index)
    model = spec.compile()
    parts = [model.body(f"body{i}") for i in range(len(bodies))]
    starts = [
        (int(p.jntadr[0]) if p.jntnum[0] else -1) for p in parts
    ]  # index of the joint, -1 without one
    qpos = np.array([int(model.jnt_qposadr[s]) if s >= 0 else -1 for s in starts], np.int64)
    dof = np.array([int(model.jnt_dofadr[s]) if s >= 0 else -1 for s in starts], np.int64)
    order = np.full(model.ngeom, -1, np.int64)
    order[: len(owners)] = owners
    return Machine(model, mujoco.MjData(model), scale, order, qpos, dof)


def _say_nothing(_message: str) -> None:
    """MuJoCo's warnings go nowhere."""


def _set_options(spec: Any, scale: float) -> None:
    import mujoco

    spec.compiler.usethread = False  # same result on any number of cores, and no pool to start
    spec.option.timestep = TIMESTEP_S
    spec.option.gravity = (0.0, 0.0, -9.81 * scale)
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.iterations = 30
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = _FRICTION_STIFFNESS
    # A body that becomes NaN is reported as exploded; a silent reset would hide it.
    spec.option.disableflags |= mujoco.mjtDisableBit.mjDSBL_AUTORESET


def _contact(scale: float) -> dict[str, Any]:
    return {
        "condim": _ROLLING,
        "friction": _FRICTION,
        "solref": _SOLREF,
        "solimp": (0.95, 0.99, 0.001 * scale, 0.5, 2.0),
    }


def _add_planes(
    spec: Any, owners: list[int], floor: bool, walls: float | None, scale: float
) -> None:
    import mujoco

    plane = mujoco.mjtGeom.mjGEOM_PLANE
    planes: list[tuple[tuple[float, ...], tuple[float, ...]]] = []
    if floor:
        planes.append(((0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0)))
    if walls is not None:
        half = math.sqrt(0.5)
        for x, y in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)):
            # A quarter turn that points the plane's z at the origin.
            planes.append(((x * walls, y * walls, 0.0), (half, y * half, -x * half, 0.0)))
    for position, quaternion in planes:
        geom = spec.worldbody.add_geom(type=plane, size=(0, 0, 0.01), **_contact(scale))
        geom.pos = position
        geom.quat = quaternion
        owners.append(-1)


def _mesh_name(spec: Any, known: dict[bytes, str], piece: Points, scale: float) -> str:
    vertices = solid(np.ascontiguousarray(piece, np.float64))
    key = vertices.tobytes()
    if key not in known:
        known[key] = f"mesh{len(known)}"
        spec.add_mesh(name=known[key], uservert=(vertices * scale).ravel())
    return known[key]


def solid(vertices: Points) -> Points:
    """The vertices, thickened by 0.1 mm if they lie in a plane (a sheet has no hull)."""
    middle = vertices.mean(axis=0)
    _, spread, axes = np.linalg.svd(vertices - middle, full_matrices=False)
    if len(spread) < 3 or spread[2] < 1e-6:
        normal = axes[2] if len(axes) > 2 else np.array([0.0, 0.0, 1.0])
        return np.concatenate([vertices, vertices - normal * _FLAT])
    return vertices
