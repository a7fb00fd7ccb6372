"""What bolts, screws, nuts and washers share: sizes by thread, finishes, heads, drives."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from simgen.assets.families.assembly import BRASS, STEEL
from simgen.assets.shaping.cut import Solid, cylinder, extruded, solid
from simgen.assets.shaping.lathe import Band, lathe
from simgen.assets.shaping.profile import arc, rounded
from simgen.records.asset import Surface
from simgen.records.material import Rgb

Finish = Literal["steel", "zinc", "yellow_zinc", "black", "brass", "stainless"]
MOST_TURNS = 120  # of a thread
Drive = Literal["slot", "phillips", "hex", "torx", "none"]
_LOOKS: dict[str, tuple[Rgb, float, float]] = {  # colour, roughness, metallic
    "steel": (STEEL, 0.35, 1.0),
    "zinc": ((0.70, 0.72, 0.75), 0.28, 1.0),
    "yellow_zinc": ((0.78, 0.62, 0.30), 0.32, 1.0),
    "black": ((0.05, 0.05, 0.055), 0.42, 0.7),
    "brass": (BRASS, 0.25, 1.0),
    "stainless": ((0.76, 0.76, 0.75), 0.22, 1.0),
}
# Thread, pitch, width across flats, bolt head (ISO 4014, 4017), nut (ISO 4032), outside of the
# plain washer and its thickness (ISO 7089); mm.
_ISO = np.array(
    [
        (2, 0.4, 4, 1.4, 1.6, 5, 0.3),
        (3, 0.5, 5.5, 2, 2.4, 7, 0.5),
        (4, 0.7, 7, 2.8, 3.2, 9, 0.8),
        (5, 0.8, 8, 3.5, 4.7, 10, 1),
        (6, 1, 10, 4, 5.2, 12, 1.6),
        (8, 1.25, 13, 5.3, 6.8, 16, 1.6),
        (10, 1.5, 16, 6.4, 8.4, 20, 2),
        (12, 1.75, 18, 7.5, 10.8, 24, 2.5),
        (16, 2, 24, 10, 14.8, 30, 3),
        (20, 2.5, 30, 12.5, 18, 37, 3),
        (24, 3, 36, 15, 21.5, 44, 4),
        (36, 4, 55, 22.5, 31, 66, 5),
    ]
)
_COLUMN = {"pitch": 1, "flats": 2, "head": 3, "nut": 4, "washer": 5, "washer_thick": 6}


def iso_m(what: str, thread_m: float) -> float:
    """A measure of ISO's tables in metres; between their sizes, and beyond, in proportion.

    Args:
        what: pitch, flats, head, nut, washer or washer_thick.
    """
    size = thread_m * 1000
    column = _ISO[:, _COLUMN[what]]
    nearest = _ISO[0] if size < _ISO[0, 0] else _ISO[-1]
    if not _ISO[0, 0] <= size <= _ISO[-1, 0]:
        return float(nearest[_COLUMN[what]] / nearest[0] * size) / 1000
    return float(np.interp(size, _ISO[:, 0], column)) / 1000


def finish_surface(finish: str) -> Surface:
    """The look of a finish."""
    color, roughness, metallic = _LOOKS[finish]
    return Surface(
        base_color=color, roughness=roughness, metallic=metallic, uv_in_metres=True, tile_m=0.02
    )


def polygon(sides: int, flats: float) -> Any:
    """A regular polygon by its width across flats, one flat towards +x (shapely)."""
    from shapely import Polygon

    reach = flats / 2 / np.cos(np.pi / sides)
    angles = (np.arange(sides) + 0.5) * 2 * np.pi / sides
    return Polygon(reach * np.stack([np.cos(angles), np.sin(angles)], axis=1))


def prism(sides: int, flats: float, tall: float, slot: int, *, both: bool = False) -> Solid:
    """A hexagon or square with its corners turned off below (and above, if `both`)."""
    # A little wider than the corners: a facet of the cone must not cut them.
    reach = 1.03 * flats / 2 / np.cos(np.pi / sides)
    drop = (reach - 0.475 * flats) * np.tan(np.radians(30))
    line = [(0, 0), (0.475 * flats, 0), (reach, drop)]
    if both:
        line += [(reach, tall - drop), (0.475 * flats, tall), (0, tall)]
    else:
        line += [(reach, tall), (0, tall)]
    cone = lathe([Band(line, slot)], 96)
    return extruded(polygon(sides, flats), tall, slot) & solid(cone)


def turned(line: Any, slot: int, segments: int = 64) -> Solid:
    """A solid of revolution about z from an outline in (r, z), axis to axis."""
    return solid(lathe([Band(line, slot)], segments))


def drive(kind: str, thread_m: float, deep: float, slot: int) -> Solid:
    """The recess of a head, to be cut from z = 0 upwards into it."""
    from shapely import Point, unary_union
    from shapely.affinity import rotate
    from shapely.geometry import box

    if kind == "hex":
        return extruded(polygon(6, 0.8 * thread_m), deep, slot)
    if kind == "torx":
        ring = Point(0, 0).buffer(0.36 * thread_m, 16)
        lobes = [
            Point(0.37 * thread_m * np.cos(a), 0.37 * thread_m * np.sin(a)).buffer(
                0.1 * thread_m, 8
            )
            for a in np.arange(6) * np.pi / 3
        ]
        star = unary_union([ring, *lobes])
        dents = [
            Point(0.47 * thread_m * np.cos(a), 0.47 * thread_m * np.sin(a)).buffer(
                0.13 * thread_m, 8
            )
            for a in (np.arange(6) + 0.5) * np.pi / 3
        ]
        return extruded(star.difference(unary_union(dents)), deep, slot)
    if kind == "slot":
        return extruded(
            box(-2 * thread_m, -0.12 * thread_m, 2 * thread_m, 0.12 * thread_m), deep, slot
        )
    wing = box(-0.52 * thread_m, -0.1 * thread_m, 0.52 * thread_m, 0.1 * thread_m)
    cross = extruded(unary_union([wing, rotate(wing, 90, (0, 0))]), 1.2 * deep, slot)
    cone = rounded(
        [(0, 0), (0.55 * thread_m, 0), (0.1 * thread_m, 1.2 * deep), (0, 1.2 * deep)], 0.0
    )
    return cross & turned(cone, slot, 32)


def head(kind: str, thread_m: float, slot: int) -> tuple[Solid, float]:
    """A head over z = 0 .. its height, the outside at z = 0, and that height."""
    d = thread_m
    if kind in ("hex", "flange"):
        tall, flats = iso_m("head", d), iso_m("flats", d)
        body = prism(6, flats, tall, slot)
        if kind == "hex":
            face = cylinder(0.475 * flats, 0.03 * d, 64, slot).moved((0, 0, tall - 0.001 * d))
            return body + face, tall + 0.029 * d
        skirt = [(0, 0.55 * tall), (0.5 * flats, 0.55 * tall), (0.66 * flats, 0.86 * tall),
                 (0.68 * flats, tall), (0, tall)]  # fmt: skip
        return body + turned(rounded(skirt, 0.04 * d, 4), slot), tall
    outlines = {
        "socket": ([(0, 0), (0.75 * d, 0), (0.75 * d, d), (0, d)], 0.09 * d),
        "button": ([(0, 0), (0.28 * d, 0), (0.72 * d, 0.16 * d), (0.95 * d, 0.45 * d),
                    (0.95 * d, 0.55 * d), (0, 0.55 * d)], 0.3 * d),
        "pan": ([(0, 0), (0.85 * d, 0), (d, 0.35 * d), (d, 0.6 * d), (0, 0.6 * d)], 0.3 * d),
        "round": ([*arc((0, 0.7 * d), (d, 0.7 * d), -90, 0, 10), (0, 0.7 * d)], 0.0),
        "countersunk": ([(0, 0), (d, 0), (d, 0.06 * d), (0.5 * d, 0.56 * d), (0, 0.56 * d)], 0.0),
    }  # fmt: skip
    line, radius = outlines[kind]
    return turned(rounded(line, radius, 5), slot), float(np.asarray(line)[-1][1])
