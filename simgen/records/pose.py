"""Rigid poses: position and unit quaternion."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vec3 = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
IDENTITY_QUATERNION: Quaternion = (1.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Velocity:
    """How something moves, constant over an exposure; axes of the parent frame.

    Args:
        linear_m_s: of the local origin.
        angular_rad_s: rotation vector per second, about the local origin.
    """

    linear_m_s: Vec3 = (0.0, 0.0, 0.0)
    angular_rad_s: Vec3 = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Pose:
    """Maps local coordinates to the parent's (usually the world's).

    Args:
        position_m: translation in metres.
        quaternion_wxyz: unit quaternion, scalar first.
    """

    position_m: Vec3 = (0.0, 0.0, 0.0)
    quaternion_wxyz: Quaternion = IDENTITY_QUATERNION

    def rotation(self) -> NDArray[np.float64]:
        """Rotation matrix, float64[3, 3]."""
        w, x, y, z = self.quaternion_wxyz
        return np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
            ]
        )

    def matrix(self) -> NDArray[np.float64]:
        """Homogeneous matrix, float64[4, 4]."""
        out = np.eye(4)
        out[:3, :3] = self.rotation()
        out[:3, 3] = self.position_m
        return out

    def apply(self, points: ArrayLike) -> NDArray[np.float64]:
        """Transform points [..., 3] into the parent frame."""
        turned: NDArray[np.float64] = np.asarray(points, np.float64) @ self.rotation().T
        return turned + np.asarray(self.position_m, np.float64)

    def apply_inverse(self, points: ArrayLike) -> NDArray[np.float64]:
        """Transform points [..., 3] from the parent frame into the local one."""
        shifted = np.asarray(points, np.float64) - np.asarray(self.position_m, np.float64)
        turned: NDArray[np.float64] = shifted @ self.rotation()
        return turned

    def compose(self, local: Pose) -> Pose:
        """The parent's view of a pose that is given in this pose's frame."""
        x, y, z = (float(v) for v in self.apply(local.position_m))
        return Pose((x, y, z), multiply(self.quaternion_wxyz, local.quaternion_wxyz))

    def inverse(self) -> Pose:
        """Maps the parent's coordinates to local ones."""
        w, i, j, k = self.quaternion_wxyz
        x, y, z = (float(v) for v in self.apply_inverse((0.0, 0.0, 0.0)))
        return Pose((x, y, z), (w, -i, -j, -k))

    def moved(self, velocity: Velocity, seconds: float) -> Pose:
        """The pose after some time (before, if negative)."""
        spin = [rate * seconds for rate in velocity.angular_rad_s]
        angle = math.hypot(*spin)
        # sin(a / 2) / a, without dividing by zero
        share = math.sin(angle / 2) / angle if angle > 1e-9 else 0.5
        turn = (math.cos(angle / 2), spin[0] * share, spin[1] * share, spin[2] * share)
        x, y, z = (
            p + v * seconds for p, v in zip(self.position_m, velocity.linear_m_s, strict=True)
        )
        return Pose((x, y, z), multiply(turn, self.quaternion_wxyz))

    @staticmethod
    def from_matrix(matrix: ArrayLike) -> Pose:
        """Pose of a homogeneous [4, 4] or [3, 4] matrix whose rotation is orthonormal."""
        m = np.asarray(matrix, np.float64)
        return Pose(
            (float(m[0, 3]), float(m[1, 3]), float(m[2, 3])), quaternion_from_matrix(m[:3, :3])
        )

    @staticmethod
    def from_yaw(position_m: Vec3, yaw_rad: float) -> Pose:
        """Upright pose turned about world z."""
        return Pose(position_m, (math.cos(yaw_rad / 2), 0.0, 0.0, math.sin(yaw_rad / 2)))


def quaternion_from_matrix(rotation: ArrayLike) -> Quaternion:
    """Unit quaternion (w >= 0) of a rotation matrix; Shepperd 1978, the largest pivot first."""
    r = np.asarray(rotation, np.float64)
    trace = float(np.trace(r))
    squares = np.array([trace, r[0, 0], r[1, 1], r[2, 2]])
    pivot = int(np.argmax(squares))
    if pivot == 0:
        q = np.array([1 + trace, r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]])
    else:
        i = pivot - 1
        j, k = (i + 1) % 3, (i + 2) % 3
        q = np.empty(4)
        q[0] = r[k, j] - r[j, k]
        q[1 + i] = 1 + r[i, i] - r[j, j] - r[k, k]
        q[1 + j] = r[j, i] + r[i, j]
        q[1 + k] = r[k, i] + r[i, k]
    q = q / np.linalg.norm(q)
    if q[0] < 0:
        q = -q
    return (float(q[0]), float(q[1]), float(q[2]), float(q[3]))


def multiply(a: Quaternion, b: Quaternion) -> Quaternion:
    """Hamilton product: rotate by `b`, then by `a`."""
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return (
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )


def look_at(eye_m: Vec3, target_m: Vec3, roll_rad: float = 0.0) -> Pose:
    """Camera pose at `eye_m` looking at `target_m`; zero roll keeps world z up in the image.

    Raises:
        ValueError: eye and target coincide.
    """
    forward = np.asarray(target_m, np.float64) - np.asarray(eye_m, np.float64)
    length = float(np.linalg.norm(forward))
    if length < 1e-12:
        raise ValueError("look_at: eye and target are the same point")
    forward /= length
    up = np.array([0.0, 0.0, 1.0])
    if abs(float(forward @ up)) > 1 - 1e-9:  # straight down or up: x of the world is right
        up = np.array([0.0, 1.0, 0.0])
    right = np.cross(forward, up)
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    c, s = math.cos(roll_rad), math.sin(roll_rad)
    matrix = np.eye(4)
    matrix[:3, 0] = c * right + s * down
    matrix[:3, 1] = -s * right + c * down
    matrix[:3, 2] = forward
    matrix[:3, 3] = eye_m
    return Pose.from_matrix(matrix)
