"""Geometry of bolts and screws: a head, its recess, a shank with its thread."""

from __future__ import annotations

from typing import Any

import numpy as np

from simgen.assets.families.assembly import assemble, check, measured
from simgen.assets.families.fasteners import MOST_TURNS, drive, finish_surface, head, iso_m
from simgen.assets.hulls import convex_hull
from simgen.assets.shaping.cut import Solid, cylinder, solid
from simgen.assets.shaping.thread import DEPTH, thread
from simgen.records.asset import Asset

_HEAD, _SHANK = 0, 1
_CREASE = 35.0


def bolt_asset(params: Any, kind: str) -> Asset:
    """See `bolt.Bolt.build`."""
    d, length = float(params.thread_m), float(params.length_m)
    pitch, shank = measured(params.pitch_m, iso_m("pitch", d)), float(params.shank_m)
    top, tall = head(kind, d, _HEAD)
    check(
        "bolt",
        (2 * d, 2 * d, tall + length),
        (pitch > 0.4 * d, "pitch_m is too coarse", f"use at most {0.4 * d:.3g}"),
        (length < 2 * pitch + shank, "length_m leaves no room for a thread",
         f"use at least {2 * pitch + shank:.3g}"),
        (length - shank > MOST_TURNS * pitch, "the thread has too many turns",
         f"at most {MOST_TURNS}: make it shorter, or pitch_m larger"),
    )  # fmt: skip
    if kind in ("socket", "button"):
        top -= drive("hex", d, 0.55 * tall, _HEAD).moved((0, 0, -1e-4 * d))
    long = length - shank
    screw = solid(thread(d / 2, pitch, long, _SHANK, around=params.facets, limit=_blunt(d, long)))
    body = top + screw.moved((0, 0, tall + shank - 1e-4 * d))
    if shank > 0:
        body += cylinder(d / 2, shank + 0.02 * d, 48, _SHANK).moved((0, 0, tall - 0.01 * d))
    return _fastener(params, body, (d, tall, tall + length))


def screw_asset(params: Any, kind: str) -> Asset:
    """See `screw.Screw.build`."""
    d, length = float(params.thread_m), float(params.length_m)
    pointed = kind in ("wood", "tapping")
    shape = {"wood": "countersunk", "tapping": "pan"}.get(kind, kind)
    top, tall = head(shape, d, _HEAD)
    pitch = 0.42 * d if pointed else iso_m("pitch", d)
    long = length - tall if shape == "countersunk" else length
    check(
        "screw",
        (2 * d, 2 * d, tall + length),
        (long < 2.5 * d, "length_m is too short for its thread",
         f"use at least {length - long + 2.5 * d:.3g}"),
        (long > MOST_TURNS * pitch, "the thread has too many turns", "make it shorter or thicker"),
    )  # fmt: skip
    if params.drive != "none":
        deep = 0.26 * d if params.drive == "slot" else 0.36 * d
        top -= drive(params.drive, d, deep, _HEAD).moved((0, 0, -1e-4 * d))
    if pointed:
        limit, depth = _sharp(d, long), 0.17 * d
    else:
        limit, depth = _blunt(d, long), DEPTH * pitch
    bare = 0.28 * long if kind == "wood" else 0.0
    screw = solid(
        thread(
            d / 2,
            pitch,
            long - bare,
            _SHANK,
            around=params.facets,
            depth=depth,
            limit=_later(limit, bare),
        )
    )
    body = top + screw.moved((0, 0, tall + bare - 1e-4 * d))
    if bare:
        body += cylinder(0.36 * d, bare + 0.02 * d, 40, _SHANK).moved((0, 0, tall - 0.01 * d))
    return _fastener(params, body, (d, tall, tall + long))


def _later(limit: Any, start: float) -> Any:
    return lambda z: limit(z + start)


def _blunt(d: float, length: float) -> Any:
    """A chamfer at the tip."""
    return lambda z: 0.38 * d + 1.0 * (length - z)


def _sharp(d: float, length: float) -> Any:
    """A point over the last one and a half diameters."""
    return lambda z: np.clip((length - z) / (1.5 * d), 0, 1) ** 0.8 * d


def _fastener(params: Any, body: Solid, size: tuple[float, float, float]) -> Asset:
    d, neck, tip = size
    patch = body.patch(_CREASE)
    top = patch.points[patch.points[:, 2] < float(patch.points[:, 2].min()) + 0.05 * d]
    rim = float(np.hypot(top[:, 0], top[:, 1]).max())
    points = {"head": (0.0, -0.9 * rim, 0.0), "neck": (0.0, -0.46 * d, neck + 0.02 * d),
              "tip": (0.0, 0.0, tip)}  # fmt: skip
    surface = finish_surface(params.finish)
    low, high = patch.points[:, 2] <= neck + 1e-6, patch.points[:, 2] >= neck - 1e-6
    pieces = (convex_hull(patch.points[low], 48), convex_hull(patch.points[high], 48))
    parts = {"head": ("head",), "shank": ("shank",)}
    return assemble(patch, {"head": surface, "shank": surface}, parts, points, pieces)
