"""Geometry of pipes: runs and bends united, then bored."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from simgen.assets.families.assembly import BRASS, STEEL, assemble, check, measured
from simgen.assets.families.pipe import ENDS
from simgen.assets.shaping.cut import Solid, cylinder, solid
from simgen.assets.shaping.lathe import Band, lathe
from simgen.assets.shaping.patch import Array
from simgen.assets.shaping.profile import rounded
from simgen.assets.shaping.sweep import tube
from simgen.records.asset import Asset, Surface

_SEGMENTS = 48
_LOOKS = {  # colour, roughness, metallic
    "steel": (STEEL, 0.38, 1.0),
    "copper": ((0.93, 0.52, 0.36), 0.26, 1.0),
    "brass": (BRASS, 0.28, 1.0),
    "stainless": ((0.76, 0.76, 0.75), 0.2, 1.0),
    "cast_iron": ((0.10, 0.10, 0.105), 0.6, 0.8),
    "pvc": ((0.80, 0.80, 0.78), 0.35, 0.0),
    "grey_pvc": ((0.20, 0.21, 0.23), 0.4, 0.0),
}


@dataclass(frozen=True)
class _Leg:
    """A stretch of axis that ends in an opening.

    Args:
        path: float64[N, 3]; the opening is at its end.
        radius: outside.
    """

    path: Array
    radius: float

    @property
    def out(self) -> Array:
        """Unit direction at the opening."""
        step = self.path[-1] - self.path[-2]
        return np.asarray(step / np.linalg.norm(step), np.float64)


def pipe_asset(params: Any, kind: str) -> Asset:
    """See `pipe.Pipe.build`."""
    radius = float(params.diameter_m) / 2
    wall = measured(params.wall_m, 0.15 * radius)
    small = measured(params.small_diameter_m, 1.2 * radius) / 2
    leg, length = measured(params.leg_m, 3.4 * radius), float(params.length_m)
    bend = measured(params.bend_radius_m, 2.2 * radius)
    angle = 45 if kind == "bend" else 90
    tangent = bend * np.tan(np.radians(angle / 2))
    check(
        "pipe",
        (2 * radius, 2 * radius, max(length, leg)),
        (wall > 0.8 * min(radius, small), "wall_m leaves no bore", "make it thinner"),
        (kind in ("elbow", "bend") and leg < tangent + 0.2 * radius,
         "leg_m is too short for the bend", f"use at least {tangent + 0.2 * radius:.3g}"),
        (kind in ("elbow", "bend") and bend < 1.05 * radius, "bend_radius_m is too small",
         f"use at least {1.05 * radius:.3g}"),
        (kind in ("tee", "cross") and (leg < 1.3 * radius or length < 2.6 * radius),
         "leg_m or length_m is too short for a branch", f"use at least {2.6 * radius:.3g}"),
        (kind in ("straight", "reducer") and length < 0.5 * radius, "length_m is too short",
         f"use at least {0.5 * radius:.3g}"),
        (kind == "reducer" and small > radius, "small_diameter_m is the larger one", ""),
    )  # fmt: skip
    if kind == "reducer":
        legs, body, bore = _reducer(radius, small, length, wall)
    else:
        legs = _legs(kind, radius, length, leg, bend, angle)
        runs = _runs(legs)
        # Under a collar the run ends a little earlier: faces in one plane would make slivers.
        short = 0.0 if params.ends == "plain" else -0.1 * radius
        body = _united([_round(_longer(run, short), radius) for run in runs])
        bore = _united([_round(_longer(run, radius), radius - wall) for run in runs])
    for x in legs if params.ends != "plain" else ():
        body += _end(params.ends, x, wall)
        if params.ends == "socket":
            bore += _placed(
                cylinder(x.radius + 0.1 * wall, 2 * x.radius, _SEGMENTS), x, -0.9 * x.radius
            )
        if params.ends == "flange":
            bore += _bolt_holes(x, wall)
    patch = (body - bore).patch(35.0)
    points = {
        name: (*(float(v) for v in x.path[-1]), 1.3 * x.radius)
        for name, x in zip(ENDS[kind], legs, strict=True)
    }
    color, roughness, metallic = _LOOKS[params.made_of]
    surface = Surface(base_color=color, roughness=roughness, metallic=metallic, uv_in_metres=True)
    return assemble(
        patch, {"body": surface}, points=points, pieces=_pieces(legs, wall, params.ends == "flange")
    )


def _legs(
    kind: str, radius: float, length: float, leg: float, bend: float, angle: float
) -> list[_Leg]:
    """Axis from the middle to each opening, in the order of `ENDS`."""
    if kind in ("elbow", "bend"):
        tangent = bend * float(np.tan(np.radians(angle / 2)))
        t = np.radians(np.linspace(0, angle, 17))
        arc = np.stack([bend - bend * np.cos(t), 0 * t, bend * np.sin(t) + leg - tangent], axis=1)
        ahead = np.array([np.sin(t[-1]), 0.0, np.cos(t[-1])])
        middle = len(arc) // 2
        low = np.concatenate([arc[: middle + 1][::-1], [[0, 0, 0]]])
        high = np.concatenate([arc[middle:], [arc[-1] + ahead * (leg - tangent)]])
        return [_Leg(low, radius), _Leg(high, radius)]
    centre = np.array([0.0, 0.0, length / 2])
    ends = {"bottom": (0, 0, 0), "top": (0, 0, length), "side": (leg, 0, length / 2),
            "other_side": (-leg, 0, length / 2)}  # fmt: skip
    return [_Leg(np.array([centre, ends[name]], np.float64), radius) for name in ENDS[kind]]


def _runs(legs: list[_Leg]) -> list[Array]:
    """Axes from opening to opening; a branch without an opposite starts in the middle."""
    first = np.concatenate([legs[0].path[::-1], legs[1].path[1:]])
    if len(legs) == 4:
        return [first, np.concatenate([legs[2].path[::-1], legs[3].path[1:]])]
    return [first, *(leg.path for leg in legs[2:])]


def _longer(run: Array, by: float) -> Array:
    """An axis drawn out at its openings, or cut short; a branch starts in the middle."""
    path = run.copy()
    branch = len(run) == 2
    path[0] += 0 if branch else (run[0] - run[1]) / np.linalg.norm(run[0] - run[1]) * by
    path[-1] += (run[-1] - run[-2]) / np.linalg.norm(run[-1] - run[-2]) * by
    return path


def _round(run: Array, radius: float) -> Solid:
    return solid(tube(run, (radius, radius), _SEGMENTS))


def _reducer(
    radius: float, small: float, length: float, wall: float
) -> tuple[list[_Leg], Solid, Solid]:
    line = [(radius, 0.0), (radius, 0.3 * length), (small, 0.7 * length), (small, length)]
    curve = rounded(line, 0.25 * length, 8)
    body = lathe([Band([(0, 0), *curve, (0, length)])], _SEGMENTS)
    inner = curve - [wall, 0]
    inner[0, 1], inner[-1, 1] = -length, 2 * length
    bore = lathe([Band([(0, -length), *inner, (0, 2 * length)])], _SEGMENTS)
    middle = np.array([0.0, 0.0, length / 2])
    legs = [
        _Leg(np.array([middle, (0, 0, 0)]), radius),
        _Leg(np.array([middle, (0, 0, length)]), small),
    ]
    return legs, solid(body), solid(bore)


def _united(bodies: list[Solid]) -> Solid:
    whole = bodies[0]
    for body in bodies[1:]:
        whole += body
    return whole


def _end(kind: str, leg: _Leg, wall: float) -> Solid:
    """Collar or flange at an opening, flush with it."""
    r = leg.radius
    if kind == "socket":
        line = [(0, -r), (0.9 * r, -r), (r + wall, -0.9 * r), (r + wall, 0), (0, 0)]
        shape = rounded(line, [0, 0.1 * r, 0.25 * wall], 4)
    else:
        line = [(0, -0.3 * r), (1.9 * r, -0.3 * r), (1.9 * r, 0), (0, 0)]
        shape = rounded(line, 0.03 * r, 3)
    return _placed(solid(lathe([Band(shape)], _SEGMENTS)), leg, 0.0)


def _bolt_holes(leg: _Leg, wall: float) -> Solid:
    r = leg.radius
    holes = []
    for angle in np.arange(4) * np.pi / 2 + np.pi / 4:
        at = (1.5 * r * np.cos(angle), 1.5 * r * np.sin(angle), -0.5 * r)
        holes.append(cylinder(0.16 * r, r, 20).moved(at))
    return _placed(_united(holes), leg, 0.0)


def _placed(body: Solid, leg: _Leg, along: float) -> Solid:
    """A body about +z put at an opening, its z outwards."""
    z = leg.out
    x = np.array([0.0, 1.0, 0.0])
    frame = np.stack([x, np.cross(z, x), z], axis=1)
    return body.moved(leg.path[-1] + z * along, frame)


def _pieces(legs: list[_Leg], wall: float, flanged: bool) -> tuple[Array, ...]:
    """Eight staves a leg, in up to three stretches; flanges in eight."""
    out = []
    for leg in legs:
        steps = np.linspace(0, len(leg.path) - 1, min(4, len(leg.path))).round().astype(int)
        for a, b in pairwise(np.unique(steps)):
            out += _staves(leg.path[a], leg.path[b], leg.radius, leg.radius - wall)
        if flanged:
            back = leg.path[-1] - leg.out * 0.3 * leg.radius
            out += _staves(back, leg.path[-1], 1.9 * leg.radius, leg.radius - wall)
    return tuple(out)


def _staves(start: Array, end: Array, outer: float, inner: float) -> list[Array]:
    z = (end - start) / np.linalg.norm(end - start)
    x = np.array([0.0, 1.0, 0.0])
    y = np.cross(z, x)
    out = []
    for k in range(8):
        angles = (k + np.array([0, 0.5, 1])) * np.pi / 4
        ring = np.cos(angles)[:, None] * x + np.sin(angles)[:, None] * y
        rings = np.concatenate([ring * outer, ring * inner])
        out.append(np.concatenate([rings + start, rings + end]))
    return out
