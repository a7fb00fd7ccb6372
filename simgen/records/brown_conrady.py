"""Brown-Conrady distortion, OpenCV's five-parameter model (D. C. Brown 1966; A. Conrady 1919).

With x = X/Z, y = Y/Z, r2 = x*x + y*y and g = 1 + k1 r2 + k2 r2^2 + k3 r2^3,
    x_d = x g + 2 p1 x y + p2 (r2 + 2 x^2)
    y_d = y g + p1 (r2 + 2 y^2) + 2 p2 x y
Coefficients stand in OpenCV's order: k1, k2, p1, p2, k3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Coefficients = tuple[float, float, float, float, float]
_NEWTON_STEPS = 30
_CONVERGED = 1e-11


def distort(xy: Floats, d: Coefficients) -> Floats:
    """Ideal normalised image coordinates [..., 2] to distorted ones."""
    k1, k2, p1, p2, k3 = d
    x, y = xy[..., 0], xy[..., 1]
    r2 = x * x + y * y
    g = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    return np.stack(
        [
            x * g + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
            y * g + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
        ],
        axis=-1,
    )


def undistort(target: Floats, d: Coefficients) -> Floats:
    """Inverse of `distort` by Newton's method with the exact Jacobian; NaN if none is found."""
    k1, k2, p1, p2, k3 = d
    xy = target.copy()
    error = np.full(target.shape[:-1], np.inf)
    with np.errstate(all="ignore"):
        for _ in range(_NEWTON_STEPS):
            x, y = xy[..., 0], xy[..., 1]
            r2 = x * x + y * y
            g = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
            dg = 2 * (k1 + r2 * (2 * k2 + 3 * k3 * r2))
            residual = distort(xy, d) - target
            error = np.abs(residual).max(axis=-1)
            if error.size == 0 or float(error.max()) < _CONVERGED:
                break
            a = g + x * x * dg + 2 * p1 * y + 6 * p2 * x
            b = x * y * dg + 2 * p1 * x + 2 * p2 * y
            c = g + y * y * dg + 6 * p1 * y + 2 * p2 * x
            det = a * c - b * b
            xy[..., 0] -= (c * residual[..., 0] - b * residual[..., 1]) / det
            xy[..., 1] -= (a * residual[..., 1] - b * residual[..., 0]) / det
        bad = ~(np.abs(distort(xy, d) - target).max(axis=-1) < 1e-7)
    xy[bad] = np.nan
    return xy


def folds(xy: Floats, d: Coefficients) -> bool:
    """Whether the radial map stops growing within the radius of ideal coordinates [..., 2]."""
    k1, k2, _, _, k3 = d
    radius = np.linspace(0, float(np.linalg.norm(xy, axis=-1).max()), 256)
    r2 = radius**2
    slope = 1 + 3 * k1 * r2 + 5 * k2 * r2**2 + 7 * k3 * r2**3
    return bool(slope.min() <= 1e-3)
