"""Geometry of bottles: turned glass with a printed band, a lip or thread, and caps."""

from __future__ import annotations

from typing import Any

import numpy as np

from simgen.assets.families.assembly import assemble, check, ink_of, measured
from simgen.assets.families.bottle_caps import cap_patch
from simgen.assets.families.bottle_forms import FORMS, Form, outline
from simgen.assets.painting.labels import wrap_label
from simgen.assets.shaping.convex import bands, turned_pieces, wall_cells
from simgen.assets.shaping.lathe import Band, lathe
from simgen.assets.shaping.patch import Array, Patch, joined
from simgen.assets.shaping.profile import rounded, shifted
from simgen.records.asset import Asset, Surface

BODY, LABEL, CAP = range(3)
_SEGMENTS = 72


def bottle_asset(params: Any, kind: str) -> Asset:
    """See `bottle.Bottle.build`."""
    form = FORMS[kind]
    height = measured(params.height_m, form.height)
    radius = measured(params.diameter_m, form.diameter) / 2
    unit = 2 * radius / form.diameter
    neck_room = _lip_m(form, unit) / (1 - form.neck) + _above(form, unit)
    least = max(form.height / form.diameter * radius, 1.02 * neck_room)
    check(
        "bottle",
        (2 * radius, 2 * radius, height),
        (height < least, "height_m is too small for its diameter", f"use at least {least:.3g}"),
    )
    mouth_z = height - _above(form, unit)
    line = outline(form, mouth_z, radius)
    opened = bool(params.open)
    body = _body(form, line, unit, bool(params.label), opened)
    patch = body if opened else joined(body, cap_patch(form, line[-1], height, unit, CAP))
    neck = np.interp(form.neck * mouth_z, line[:, 1], line[:, 0])
    middle = sum(form.label) / 2 * mouth_z
    wide = np.interp(middle, line[5:, 1], line[5:, 0])
    points = {
        "base": (0.0, 0.0, _punt(form, radius)),
        "neck": (0.0, -float(neck), form.neck * mouth_z),
        # An open mouth has no middle: the point is in the air, and the near rim does not hide it.
        "top": (0.0, 0.0, mouth_z, float(line[-1, 0])) if opened else (0.0, 0.0, height),
        "front": (0.0, -float(wide), middle),
    }
    parts = {"body": ("body",), "label": ("label",), "cap": ("cap",)}
    cuts = [
        share * mouth_z for share in (form.shoulder, (form.shoulder + form.neck) / 2, form.neck)
    ]
    pieces = _pieces(line, form, unit) if opened else bands(patch, cuts)
    return assemble(patch, _surfaces(params, form, mouth_z, radius), parts, points, pieces)


def _above(form: Form, unit: float) -> float:
    """How far the cap stands above the mouth; the height is measured with it."""
    return {"foil": 0.0006, "crown": 0.0012, "screw": 0.0012, "flip": 0.016, "lid": 0.0009}[
        form.cap[0]
    ] * unit


def _lip_m(form: Form, unit: float) -> float:
    """How far down from the mouth the lip, or the collar under a screw cap, reaches."""
    if form.cap[0] in ("foil", "crown"):
        return 0.012 * unit
    return 1.3 * (form.cap[1] * unit - _above(form, unit))


def _punt(form: Form, radius: float) -> float:
    return (0.22 if form.goods == "wine" else 0.06) * radius


def _base(form: Form, line: Array, radius: float) -> Array:
    """Underside from the axis to where the outline begins."""
    punt = _punt(form, radius)
    return rounded([(0, punt), (0.30 * radius, 0.85 * punt), (0.74 * radius, 0.0), line[0]],
                   [0.3 * radius, 0.06 * radius])  # fmt: skip


def _bands(form: Form, line: Array, mouth_z: float, label: bool) -> list[Band]:
    """The outline cut into body, label, body."""
    if not label:
        return [Band(line, BODY)]
    low, high = (share * mouth_z for share in form.label)
    cuts = []
    for z in (low, high):
        cuts.append((float(np.interp(z, line[3:, 1], line[3:, 0])), z))
    below, above = line[line[:, 1] < low - 1e-6], line[line[:, 1] > high + 1e-6]
    inside = line[(line[:, 1] > low + 1e-6) & (line[:, 1] < high - 1e-6)]
    return [
        Band([*below, cuts[0]], BODY),
        Band([cuts[0], *inside, cuts[1]], LABEL),
        Band([cuts[1], *above], BODY),
    ]


def _lip(form: Form, mouth: Array, unit: float) -> Array:
    """From below the mouth's outer edge to it: a ring of glass, or a collar for a screw cap."""
    r, z = mouth
    if form.cap[0] in ("foil", "crown"):
        ring = [(r, z - 0.012 * unit), (r + 0.0018 * unit, z - 0.011 * unit),
                (r + 0.0018 * unit, z - 0.004 * unit), (r + 0.0006 * unit, z - 0.0035 * unit),
                (r + 0.0006 * unit, z), (r - 0.002 * unit, z)]  # fmt: skip
        return rounded(ring, 0.0007 * unit, 4)
    tall = form.cap[1] * unit - _above(form, unit)
    collar = [(r, z - 1.30 * tall), (1.10 * r, z - 1.24 * tall), (1.10 * r, z - 1.12 * tall),
              (r, z - 1.08 * tall), (r, z), (r - 0.0014 * unit, z)]  # fmt: skip
    return rounded(collar, 0.0005 * unit, 3)


def _body(form: Form, line: Array, unit: float, label: bool, opened: bool) -> Patch:
    """The bottle without its cap: solid while it is full, a shell when it is open."""
    radius, mouth_z = float(line[:, 0].max()), float(line[-1, 1])
    lip = _lip(form, line[-1], unit)
    side = np.concatenate([line[line[:, 1] < lip[0, 1] - 1e-6], lip[:1]])
    bands = [
        Band(_base(form, line, radius), BODY, "disc"),
        *_bands(form, side, mouth_z, label),
        Band(lip, BODY),
    ]
    if not opened:
        return lathe([*bands, Band([lip[-1], (0, mouth_z)], BODY, "disc")], _SEGMENTS)
    wall = form.wall * unit
    inner = shifted(side[side[:, 1] > 2.5 * wall], wall)[::-1]
    floor = _punt(form, radius) + wall
    throat = (float(inner[0, 0]), mouth_z - 0.001 * unit)
    bottom = [(0.72 * radius, 1.8 * wall), (0.3 * radius, floor), (0, floor)]
    inside = rounded([lip[-1], throat, *inner, *bottom], 0.0, 4)
    return lathe([*bands, Band(inside, BODY)], _SEGMENTS)


def _pieces(line: Array, form: Form, unit: float) -> tuple[Array, ...]:
    """Walls in wedges between the heights where the outline bends, and the floor."""
    wall = max(form.wall, 0.002) * unit
    top = float(line[-1, 1])
    cuts = [
        3 * wall,
        form.shoulder * top,
        (form.shoulder + form.neck) / 2 * top,
        form.neck * top,
        top,
    ]
    rising = line[line[:, 1] > 0]
    inner = np.column_stack([np.maximum(rising[:, 0] - wall, 1e-4), rising[:, 1]])
    radius = float(line[:, 0].max())
    disc = [(0, 0), (0.85 * radius, 0), (radius, 3 * wall), (0, 3 * wall)]
    return turned_pieces([disc, *wall_cells(rising, inner, cuts)], wedges=8)


def _surfaces(params: Any, form: Form, mouth_z: float, radius: float) -> dict[str, Surface]:
    seed = int(params.seed)
    rng = np.random.Generator(np.random.PCG64(seed + 7))  # not a draw: the seed is a setting
    usual = form.colors[int(rng.integers(len(form.colors)))]
    cap = form.caps[int(rng.integers(len(form.caps)))]
    color = usual if params.color is None else tuple(params.color)
    clear = form.clearness if params.clearness is None else float(params.clearness)
    empty = bool(params.open) and params.color is None and form.cap[0] in ("screw", "lid")
    if empty and clear > 0:
        color, clear = (0.9, 0.93, 0.93), 1.0
    body = Surface(
        base_color=color,
        roughness=float(params.roughness) if clear > 0 else max(float(params.roughness), 0.3),
        transmission=clear,
        ior=1.45 if params.open or form.clearness < 0.6 else 1.36,
    )
    ground = None if params.label_color is None else ink_of(tuple(params.label_color))
    tall = (form.label[1] - form.label[0]) * mouth_z
    rows = int(np.clip(round(1024 * tall / (2 * np.pi * radius)), 96, 1024))
    image = wrap_label(1024, rows, form.goods, seed, ground)
    return {
        "body": body,
        "label": Surface(
            base_color=(1.0, 1.0, 1.0),
            base_color_image=image,
            roughness=float(params.label_roughness),
        ),
        "cap": Surface(
            base_color=cap if params.cap_color is None else tuple(params.cap_color),
            roughness=0.35,
            metallic=0.8 if form.cap[0] in ("foil", "crown", "lid") else 0.0,
        ),
    }
