"""Geometry of nuts and washers: turned, prismatic and bent rings."""

from __future__ import annotations

from typing import Any

import numpy as np

from simgen.assets.families.assembly import assemble, check, measured
from simgen.assets.families.fasteners import (
    MOST_TURNS,
    finish_surface,
    iso_m,
    polygon,
    prism,
    turned,
)
from simgen.assets.shaping.convex import turned_pieces
from simgen.assets.shaping.cut import Solid, extruded, solid
from simgen.assets.shaping.lathe import Band, lathe
from simgen.assets.shaping.patch import Array, Patch
from simgen.assets.shaping.profile import arc, rounded
from simgen.assets.shaping.sweep import swept
from simgen.assets.shaping.thread import thread
from simgen.records.asset import Asset, Surface

_CREASE = 35.0


def nut_asset(params: Any, kind: str) -> Asset:
    """See `nut.Nut.build`."""
    d = float(params.thread_m)
    pitch, flats = iso_m("pitch", d), iso_m("flats", d)
    tall = measured(params.height_m, iso_m("nut", d))
    check(
        "nut",
        (flats, flats, tall),
        (tall < pitch, "height_m is less than a turn of the thread", f"use at least {pitch:.3g}"),
        (tall > MOST_TURNS * pitch, "height_m is too large", "make it smaller"),
    )
    sides = 4 if kind == "square" else 6
    body = prism(sides, flats, tall, 0, both=kind in ("hex", "square"))
    if kind == "flange":
        skirt = [(0, 0), (0.70 * flats, 0), (0.68 * flats, 0.12 * tall), (0.5 * flats, 0.36 * tall),
                 (0, 0.36 * tall)]  # fmt: skip
        body = prism(6, flats, tall, 0, both=True) + turned(rounded(skirt, 0.03 * d, 4), 0)
    if kind == "cap":
        dome = [(0, 0.8 * tall), (0.46 * flats, 0.8 * tall), (0.46 * flats, tall),
                *arc((0, tall), (0.46 * flats, 0.42 * flats), 0, 90, 12)]  # fmt: skip
        body += turned(np.array(dome), 0)
    hole = _hole(d, pitch, tall, params.facets, through=kind != "cap")
    body -= hole
    if kind == "lock":
        collar = [(0.42 * d, tall - 0.05 * d), (0.60 * d, tall - 0.05 * d), (0.60 * d, 1.22 * tall),
                  (0.42 * d, 1.22 * tall), (0.42 * d, tall - 0.05 * d)]  # fmt: skip
        shell = [
            (0.55 * d, 0.9 * tall),
            (0.475 * flats, 0.9 * tall),
            (0.475 * flats, 1.16 * tall),
            (0.62 * d, 1.26 * tall),
            (0.59 * d, 1.24 * tall),
            (0.55 * d, 0.9 * tall),
        ]
        body += solid(lathe([Band(shell, 0)], 64, ring=True))
        body += solid(lathe([Band(collar, 1)], 64, ring=True))
    metal = finish_surface(params.finish)
    ring = Surface(base_color=(0.03, 0.10, 0.45), roughness=0.4, uv_in_metres=True)
    pieces = _nut_pieces(kind, d, flats, float(body.body.bounding_box()[5]), sides)
    return assemble(body.patch(_CREASE), {"body": metal, "ring": ring}, pieces=pieces)


def _hole(d: float, pitch: float, tall: float, facets: int, *, through: bool) -> Solid:
    """What a tap takes away: the thread and a countersink at each open end."""
    high = tall + 2 * pitch if through else 0.92 * tall
    low = -2 * pitch
    screw = solid(thread(0.51 * d, pitch, high - low, 0, around=facets)).moved((0, 0, low))
    sink = [(0, -0.1 * d), (0.62 * d, -0.1 * d), (0.42 * d, 0.1 * d), (0, 0.1 * d)]
    cut = screw + turned(np.array(sink), 0, 48)
    if through:
        above = [(0, tall - 0.1 * d), (0.42 * d, tall - 0.1 * d), (0.62 * d, tall + 0.1 * d),
                 (0, tall + 0.1 * d)]  # fmt: skip
        cut += turned(np.array(above), 0, 48)
    return cut


def _nut_pieces(kind: str, d: float, flats: float, top: float, sides: int) -> tuple[Array, ...]:
    if kind == "cap":
        low = np.insert(np.array(polygon(sides, flats).exterior.coords)[:-1], 2, 0.0, axis=1)
        ring = np.array([(np.cos(a), np.sin(a)) for a in np.arange(12) * np.pi / 6])
        dome = [
            np.insert(ring * r * flats, 2, z * top, axis=1) for r, z in ((0.46, 0.7), (0.3, 0.92))
        ]
        return (np.concatenate([low, low + np.array([0, 0, 0.5 * top]), *dome, [[0.0, 0.0, top]]]),)
    outline = np.array(polygon(sides, flats).exterior.coords)[:-1]
    hole = outline * (0.92 * d / flats)
    out = []
    for i in range(sides):
        j = (i + 1) % sides
        corner = np.stack([outline[i], outline[j], hole[j], hole[i]])
        out.append(np.concatenate([np.insert(corner, 2, z, axis=1) for z in (0.0, top)]))
    if kind == "flange":
        skirt = [
            (0.46 * d, 0),
            (0.69 * flats, 0),
            (0.68 * flats, 0.12 * top),
            (0.46 * d, 0.3 * top),
        ]
        out += turned_pieces([skirt], wedges=8)
    return tuple(out)


def washer_asset(params: Any, kind: str) -> Asset:
    """See `washer.Washer.build`."""
    d = float(params.thread_m)
    hole = 0.53 * d
    usual = iso_m("washer", d) * (1.5 if kind == "wide" else 0.92 if kind == "spring" else 1.0)
    outer = measured(params.outside_m, usual) / 2
    thick = measured(params.thickness_m, iso_m("washer_thick", d))
    check(
        "washer",
        (2 * outer, 2 * outer, thick),
        (outer < 1.15 * hole, "outside_m is too small for its thread",
         f"use at least {2.3 * hole:.3g}"),
        (thick > outer, "thickness_m is more than half of the outside", "make it smaller"),
    )  # fmt: skip
    surfaces = {"body": finish_surface(params.finish)}
    if kind == "spring":
        patch = _spring(hole, outer, thick)
    elif kind == "toothed":
        patch = _toothed(hole, outer, thick)
    else:
        edge = min(0.12 * thick, 0.1 * (outer - hole))
        loop = [
            (hole, thick / 2),
            (hole, 0),
            (outer, 0),
            (outer, thick),
            (hole, thick),
            (hole, thick / 2),
        ]
        patch = lathe([Band(rounded(loop, edge, 3), 0)], 72, ring=True).boxed()
    tall = float(patch.points[:, 2].max())
    cell = [(hole, 0), (outer, 0), (outer, tall), (hole, tall)]
    return assemble(patch, surfaces, pieces=turned_pieces([cell], wedges=10))


def _spring(hole: float, outer: float, thick: float) -> Patch:
    """A split ring whose ends stand apart by its thickness."""
    t = np.radians(np.linspace(6, 354, 73))
    middle = (hole + outer) / 2
    rise = 0.5 * thick + 0.8 * thick * (t - t[0]) / (t[-1] - t[0])
    path = np.stack([middle * np.cos(t), middle * np.sin(t), rise], axis=1)
    half, high = (outer - hole) / 2, 0.42 * thick
    e = 0.15 * high
    square = np.array(
        [
            (half, -high + e),
            (half, high - e),
            (half - e, high),
            (e - half, high),
            (-half, high - e),
            (-half, e - high),
            (e - half, -high),
            (half - e, -high),
        ]
    )
    patch = swept(path, np.broadcast_to(square, (len(path), 8, 2)), 0, (0, 0, 1))
    lowest = float(patch.points[:, 2].min())
    return patch.moved(offset=(0, 0, -lowest)).boxed()


def _toothed(hole: float, outer: float, thick: float) -> Patch:
    """A ring with teeth inside, every tooth bent a little."""
    from shapely import Point, Polygon, unary_union

    ring = (
        Point(0, 0).buffer(outer, 24).difference(Point(0, 0).buffer(0.72 * outer + 0.28 * hole, 24))
    )
    teeth = []
    for angle in np.arange(9) * 2 * np.pi / 9:
        c, s = np.cos(angle), np.sin(angle)
        wide, reach = 0.22 * outer, 0.8 * outer + 0.2 * hole
        tooth = np.array([(hole, -0.7 * wide), (reach, -wide), (reach, wide), (hole, 0.7 * wide)])
        teeth.append(Polygon(tooth @ np.array([[c, s], [-s, c]])))
    return extruded(unary_union([ring, *teeth]), thick).patch(_CREASE)
