"""Caps of bottles: capsule foil, crown cork, screw cap, flip top, jar lid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from simgen.assets.families.bottle_forms import Form
from simgen.assets.shaping.lathe import Band, lathe
from simgen.assets.shaping.patch import Array, Patch
from simgen.assets.shaping.profile import rounded


def cap_patch(form: Form, mouth: Array, top: float, unit: float, slot: int) -> Patch:
    """The cap as a body of its own over the mouth.

    Args:
        mouth: outer radius and height of the mouth.
        top: height of the cap's top.
        unit: size relative to the form's usual one.
    """
    shapes: dict[str, Callable[[float, float, float, float, int], Patch]] = {
        "foil": _foil, "crown": _crown, "screw": _screw, "flip": _flip, "lid": _lid,
    }  # fmt: skip
    kind, tall = form.cap
    return shapes[kind](float(mouth[0]), top, tall * unit, unit, slot)


def _foil(r: float, top: float, tall: float, unit: float, slot: int) -> Patch:
    low = top - tall
    side = [
        (0, low),
        (r + 0.0005 * unit, low),
        (r + 0.0007 * unit, top - 0.0135 * unit),
        (r + 0.0024 * unit, top - 0.0118 * unit),
        (r + 0.0024 * unit, top - 0.0042 * unit),
        (r + 0.0013 * unit, top - 0.0034 * unit),
        (r + 0.0013 * unit, top),
        (0, top),
    ]
    return lathe([Band(rounded(side, 0.0008 * unit, 4), slot)], 64)


def _crown(r: float, top: float, tall: float, unit: float, slot: int) -> Patch:
    skirt = 1.22 * r
    side = [(0, top - tall), (skirt, top - tall), (1.1 * r, top - 0.4 * tall), (0.95 * r, top),
            (0, top)]  # fmt: skip
    radii = [0.0, 0.002 * unit, 0.004 * unit]
    patch = lathe([Band(rounded(side, radii, 5), slot, "disc")], 21 * 6)

    def flutes(angle: Array, z: Array) -> Array:
        depth = np.clip((top - 0.25 * tall - z) / (0.75 * tall), 0, 1)
        return np.asarray(1 + 0.045 * depth * np.cos(21 * angle), np.float64)

    return _fluted(patch, flutes, 0.9 * r)


def _screw(r: float, top: float, tall: float, unit: float, slot: int) -> Patch:
    wide = 1.09 * r
    band = top - tall
    side = [(0, band), (wide, band), (wide, band + 0.16 * tall), (0.975 * wide, band + 0.18 * tall),
            (0.975 * wide, band + 0.22 * tall), (wide, band + 0.24 * tall), (0.985 * wide, top),
            (0, top)]  # fmt: skip
    radii = [0.0, 0.0, 0.0, 0.0, 0.0, 0.09 * tall]
    steps = np.linspace(band + 0.26 * tall, top - 0.12 * tall, 5)[:, None]
    line = rounded(side, radii, 5)
    keep = line[:, 1] < band + 0.25 * tall
    wall = np.column_stack([np.interp(steps[:, 0], [band, top], [wide, 0.987 * wide]), steps[:, 0]])
    line = np.concatenate([line[keep], wall, line[~keep]])
    patch = lathe([Band(line, slot)], 144)

    def knurls(angle: Array, z: Array) -> Array:
        ends = (z - band - 0.24 * tall) / (0.05 * tall), (top - 0.1 * tall - z) / (0.05 * tall)
        fade = np.clip(np.minimum(*ends), 0, 1)
        return np.asarray(1 - 0.012 * fade * (0.5 + 0.5 * np.cos(48 * angle)), np.float64)

    return _fluted(patch, knurls, 0.9 * wide)


def _flip(r: float, top: float, tall: float, unit: float, slot: int) -> Patch:
    wide = 1.32 * r
    low = top - tall
    side = [(0, low), (wide, low), (wide, low + 0.42 * tall), (0.62 * wide, low + 0.62 * tall),
            (0.30 * wide, low + 0.72 * tall), (0.24 * wide, top), (0, top)]  # fmt: skip
    radii = np.array([0.0, 0.1, 0.3, 0.2, 0.08]) * tall
    return lathe([Band(rounded(side, radii, 6), slot)], 64)


def _lid(r: float, top: float, tall: float, unit: float, slot: int) -> Patch:
    wide, low = 1.075 * r, top - tall
    side = [
        (0, low),
        (0.99 * wide, low),
        (wide, low + 0.0012 * unit),
        (wide, top),
        (0.88 * wide, top),
        (0.86 * wide, top - 0.0012 * unit),
        (0.3 * wide, top - 0.0012 * unit),
        (0.27 * wide, top - 0.0004 * unit),
        (0, top - 0.0004 * unit),
    ]
    radii = [0.0, 0.0006 * unit, 0.0022 * unit, *[0.0008 * unit] * 4]
    return lathe([Band(rounded(side, radii, 5), slot, "disc")], 72)


def _fluted(patch: Patch, factor: Callable[[Array, Array], Array], beyond: float) -> Patch:
    """Points farther from the axis than `beyond` moved outwards by a factor of (angle, height)."""
    points = patch.points.copy()
    reach = np.hypot(points[:, 0], points[:, 1])
    far = reach > beyond
    angle = np.arctan2(points[far, 1], points[far, 0])
    points[far, :2] *= factor(angle, points[far, 2])[:, None]
    return replace(patch, points=points).creased(40.0)
