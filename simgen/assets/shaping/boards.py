"""Boards, posts and rods: what furniture and crates are joined from, each with its convex piece."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgen.assets.shaping.lathe import Band, lathe
from simgen.assets.shaping.patch import Array, Patch
from simgen.assets.solids import rounded_box

Part = tuple[Patch, Array]
# Parts that touch keep this much play, so that they share no points and every part stays closed.
_PLAY_M = 0.0001
_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])


def board(
    size: Sequence[float], middle: Sequence[float], slot: int = 0, ease_m: float = 0.0015
) -> Part:
    """A box with eased edges, UVs in metres, and its corners.

    Args:
        size: extents along x, y, z, metres.
        ease_m: radius of the edges, at most a fifth of the smallest extent.
    """
    half = np.asarray(size, np.float64) / 2 - _PLAY_M
    ease = min(ease_m, 0.4 * float(half.min()))
    points, faces, normals = rounded_box(half, ease, steps=2)
    blank = np.zeros((len(faces), 3, 2))
    slots = np.full(len(faces), slot, np.int32)
    patch = Patch(points + np.asarray(middle), faces, normals, blank, slots).boxed()
    return patch, np.asarray(_CORNERS * half + np.asarray(middle), np.float64)


def rod(
    profile: Sequence[tuple[float, float]],
    foot: Sequence[float],
    slot: int = 0,
    segments: int = 20,
) -> Part:
    """A round part through (radius, height) from its foot up, and the corners of its hull.

    Args:
        profile: at least two points, radii above 0.
        foot: where its axis starts.
    """
    low, high = profile[0][1], profile[-1][1]
    line = [(0.0, low), *profile, (0.0, high)]
    patch = lathe([Band(line, slot)], segments).boxed().moved(offset=tuple(foot))
    turn = np.arange(12) * (2 * np.pi / 12)
    rings = [np.stack([r * np.cos(turn), r * np.sin(turn), np.full(12, z)], 1) for r, z in profile]
    return patch, np.asarray(np.concatenate(rings) + np.asarray(foot), np.float64)
