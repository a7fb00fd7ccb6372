"""Geometry of brackets: a bent strip, rounded at its ends, drilled."""

from __future__ import annotations

from typing import Any

import numpy as np

from simgen.assets.families.assembly import assemble, check, measured
from simgen.assets.families.fasteners import finish_surface
from simgen.assets.shaping.cut import Solid, extruded
from simgen.assets.shaping.patch import Array, turn_about
from simgen.assets.shaping.profile import rounded
from simgen.records.asset import Asset, Surface

_STAND = turn_about("x", 90)  # the x-y plane of an outline becomes x-z


def bracket_asset(params: Any, kind: str) -> Asset:
    """See `bracket.Bracket.build`."""
    a, b, w = float(params.base_m), float(params.height_m), float(params.width_m)
    t = float(params.thickness_m)
    bend = measured(params.bend_radius_m, t)
    hole = float(params.hole_m)
    free = t + bend
    long = hole * (2 if params.slotted else 1)
    shortest = a if kind == "plate" else min(a - (2 if kind == "u" else 1) * free, b - free)
    corner = measured(params.corner_m, max(min(0.15 * w, 0.5 * shortest), 0.0))
    room = shortest / max(params.holes, 1)
    check(
        "bracket",
        (a, w, b),
        (shortest < 0.5 * free or 2 * t > min(a, b, w), "thickness_m or bend_radius_m is too large",
         "make them smaller"),
        (corner > 0.49 * w or corner > 0.9 * shortest, "corner_m is too large", "make it smaller"),
        (params.holes > 0 and (1.3 * long > room or 1.3 * hole * params.rows > w),
         "the holes do not fit", "make hole_m smaller, or have fewer holes or rows"),
    )  # fmt: skip
    line = _line(kind, a, b, t)
    body = extruded(_strip(line, t, bend), w).moved((0, w / 2, 0), _STAND)
    for end, out in _free_ends(kind, a, b):
        body &= _rounded_end(end, out, w, corner, a + b)
    if kind == "gusset":
        body += _gusset(a, b, t, free)
    for middle, along, normal in _legs(kind, a, b, t, free) if params.holes else ():
        body -= _drilled(params, middle, along, normal, shortest, w)
    points = {"base_end": (a, 0.0, t), "corner": (0.0, 0.0, 0.0), "top_end": (0.0, 0.0, b)}
    if kind == "z":
        points["top_end"] = (-a, 0.0, b)
        points["corner"] = (0.0, 0.0, t)
    if kind == "u":
        points["base_end"] = (a, 0.0, b)
    if kind == "plate":
        points = {"base_end": (a, 0.0, t), "corner": (0.0, 0.0, t)}
    metal = finish_surface(params.finish)
    if params.color is not None:
        rough = float(params.paint_roughness)
        metal = Surface(base_color=tuple(params.color), roughness=rough, uv_in_metres=True)
    return assemble(
        body.patch(30.0), {"body": metal}, points=points, pieces=_pieces(kind, a, b, w, t)
    )


def _line(kind: str, a: float, b: float, t: float) -> Array:
    """Middle of the sheet in x-z."""
    h = t / 2
    lines = {
        "plate": [(0, h), (a, h)],
        "l": [(a, h), (h, h), (h, b)],
        "gusset": [(a, h), (h, h), (h, b)],
        "u": [(a - h, b), (a - h, h), (h, h), (h, b)],
        "z": [(a, h), (h, h), (h, b - h), (-a, b - h)],
    }
    return np.array(lines[kind], np.float64)


def _strip(line: Array, t: float, bend: float) -> Any:
    from shapely import LineString

    curve = rounded(line, bend + t / 2, 8) if len(line) > 2 else line
    return LineString(curve).buffer(t / 2, cap_style="flat", join_style="mitre")


def _free_ends(kind: str, a: float, b: float) -> list[tuple[Array, Array]]:
    """Where legs end, and which way they point."""
    base, top = (np.array([a, 0.0, 0.0]), np.array([1.0, 0, 0])), (
        np.array([0.0, 0.0, b]), np.array([0.0, 0, 1]))  # fmt: skip
    return {
        "plate": [base, (np.zeros(3), np.array([-1.0, 0, 0]))],
        "l": [base, top],
        "gusset": [base, top],
        "u": [top],
        "z": [base, (np.array([-a, 0.0, b]), np.array([-1.0, 0, 0]))],
    }[kind]


def _rounded_end(end: Array, out: Array, w: float, corner: float, far: float) -> Solid:
    """A slab that ends at `end` with two round corners and reaches back and across without end."""
    from shapely.geometry import box

    reach = 4 * far
    outline = box(-reach, -w / 2, 0, w / 2)
    if corner > 0:
        outline = outline.intersection(
            box(-reach, -w, -corner, w).union(
                box(-reach, -w / 2 + corner, -corner, w / 2 - corner).buffer(corner, 12)
            )
        )
    slab = extruded(outline, 2 * reach).moved((0, 0, -reach))
    x = out
    y = np.array([0.0, 1.0, 0.0])
    return slab.moved(end, np.stack([x, y, np.cross(x, y)], axis=1))


def _gusset(a: float, b: float, t: float, free: float) -> Solid:
    """A rib in the corner."""
    from shapely import Polygon

    reach = 0.55 * min(a, b)
    rib = Polygon(rounded([(t / 2, t / 2), (reach, t / 2), (t / 2, reach), (t / 2, t / 2)], 0.0))
    return extruded(rib, 0.8 * t).moved((0, 0.4 * t, 0), _STAND)


def _legs(kind: str, a: float, b: float, t: float, free: float) -> list[tuple[Array, Array, Array]]:
    """Middle, direction and normal of every flat leg."""
    x, z = np.array([1.0, 0, 0]), np.array([0.0, 0, 1])
    flat = (np.array([(a + free) / 2, 0, t / 2]), x, z)
    standing = (np.array([t / 2, 0, (b + free) / 2]), z, x)
    return {
        "plate": [(np.array([a / 2, 0, t / 2]), x, z)],
        "l": [flat, standing],
        "gusset": [flat, standing],
        "u": [(np.array([a / 2, 0, t / 2]), x, z), standing,
              (np.array([a - t / 2, 0, (b + free) / 2]), z, x)],
        "z": [flat, (np.array([-(a + free - t) / 2, 0, b - t / 2]), x, z)],
    }[kind]  # fmt: skip


def _drilled(
    params: Any, middle: Array, along: Array, normal: Array, length: float, width: float
) -> Solid:
    """Holes in rows through a leg."""
    from shapely import LineString, Point
    from shapely.affinity import translate

    radius, count, rows = float(params.hole_m) / 2, int(params.holes), int(params.rows)
    shape = Point(0, 0).buffer(radius, 12)
    if params.slotted:
        shape = LineString([(-radius, 0), (radius, 0)]).buffer(radius, 12)
    spots = [
        translate(shape, length * ((i + 0.5) / count - 0.5), width * ((j + 0.5) / rows - 0.5))
        for i in range(count)
        for j in range(rows)
    ]
    deep = 4 * float(params.thickness_m)
    frame = np.stack([along, np.cross(normal, along), normal], axis=1)
    holes = [extruded(spot, deep) for spot in spots]
    whole = holes[0]
    for hole in holes[1:]:
        whole += hole
    return whole.moved(middle - normal * deep / 2, frame)


def _pieces(kind: str, a: float, b: float, w: float, t: float) -> tuple[Array, ...]:
    def slab(x0: float, x1: float, z0: float, z1: float) -> Array:
        corners = [(x, y, z) for x in (x0, x1) for y in (-w / 2, w / 2) for z in (z0, z1)]
        return np.array(corners)

    base, stand = slab(0, a, 0, t), slab(0, t, 0, b)
    return {
        "plate": (base,),
        "l": (base, stand),
        "gusset": (base, stand),
        "u": (base, stand, slab(a - t, a, 0, b)),
        "z": (base, stand, slab(-a, t, b - t, b)),
    }[kind]
