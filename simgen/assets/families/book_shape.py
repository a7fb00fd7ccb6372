"""Geometry of books: a cover bent around a block of pages; an open one with its curved leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simgen.assets.families.assembly import assemble, check, ink_of
from simgen.assets.painting.covers import cover_art, page_edges, print_pages
from simgen.assets.shaping.convex import bands
from simgen.assets.shaping.patch import Patch, joined
from simgen.assets.shaping.prism import prism
from simgen.records.asset import Asset, Surface

FRONT, BACK, SPINE, PAGES, INSIDE, TEXT = range(6)


@dataclass(frozen=True)
class _Size:
    """Measures of a book, m.

    Args:
        board: thickness of the cover.
        over: how far it stands over the pages.
    """

    width: float
    height: float
    thick: float
    board: float
    over: float


def book_asset(params: Any, kind: str) -> Asset:
    """See `book.Book.build`."""
    w, h, t = (float(v) for v in (params.width_m, params.height_m, params.thickness_m))
    hard = kind == "hardcover"
    unit = h / 0.205
    size = _Size(w, h, t, (0.0026 if hard else 0.0005) * unit, (0.003 if hard else 0.0) * unit)
    check(
        "book",
        (w, h, t),
        (
            t < 4 * size.board,
            "thickness_m leaves no room for pages",
            f"use at least {4 * size.board:.3g}",
        ),
        (t > 0.7 * w, "thickness_m is more than 0.7 of the width", f"use at most {0.7 * w:.3g}"),
        (not 0.2 < h / w < 5, "height_m and width_m are too different", "bring them closer"),
    )
    if params.open:
        patch, corners = _open(size, float(params.open_at))
    else:
        patch = joined(_cover(size, hard), _block(size, hard))
        low, z = size.width / 2, t
        corners = [(-low, h / 2, z), (low, h / 2, z), (low, -h / 2, z), (-low, -h / 2, z)]
    names = ("head_left", "head_right", "foot_right", "foot_left")
    points = dict(zip(names, corners, strict=True))
    parts = {"cover": ("front", "back", "spine", "inside"), "pages": ("pages", "text")}
    pieces = bands(patch, (-0.02 * w, 0.02 * w), axis=0) if params.open else bands(patch, ())
    return assemble(patch, _surfaces(params, size), parts, points, pieces)


def _cover(size: _Size, hard: bool) -> Patch:
    """Back board, spine and front board as one strip, bent twice; seen from the foot."""
    w, t, b = size.width, size.thick, size.board
    left, right = -w / 2, w / 2
    bulge = (0.16 if hard else 0.03) * t
    k = np.linspace(-1, 1, 13)
    round_ = np.column_stack([left + bulge * k**2, t / 2 + k * (t / 2)])
    inner = np.column_stack([left + b + bulge * k[::-1] ** 2, t / 2 + k[::-1] * (t / 2 - b)])
    start = left + bulge
    gutter = (
        [(start + 0.035 * w, t), (start + 0.05 * w, t - 0.35 * b), (start + 0.065 * w, t)]
        if hard
        else []
    )
    below = [(x, t - z) for x, z in gutter]
    outline = [
        *below, (right, 0.0), (right, b),
        *inner[::-1],  # inside of the spine, upwards
        (right, t - b), (right, t), *gutter[::-1],
        *round_[::-1],  # spine, downwards
    ]  # fmt: skip
    bends = len(k) - 1
    slots = [BACK] * len(below) + [INSIDE] * (bends + 4) + [FRONT] * (len(gutter) + 1)
    slots += [SPINE] * bends + [BACK]
    return _printed(prism(outline, size.height, slots, INSIDE))


def _printed(patch: Patch) -> Patch:
    """Each picture the right way round for whoever looks at its side, head up; the spine on its
    side, its head to the left as the front lies up."""
    uv = patch.uv.copy()
    for slot, axes in ((FRONT, (0, 1)), (BACK, (0, 1)), (SPINE, (1, 2))):
        chosen = patch.slot == slot
        at = patch.points[patch.faces[chosen]][:, :, axes]
        low, high = at.min(axis=(0, 1)), at.max(axis=(0, 1))
        place = (at - low) / (high - low)
        if slot == BACK:
            place[..., 0] = 1 - place[..., 0]
        if slot == SPINE:
            place[..., 0] = 1 - place[..., 0]
        uv[chosen] = place
    return Patch(patch.points, patch.faces, patch.normals, uv, patch.slot)


def _block(size: _Size, hard: bool) -> Patch:
    """The pages of a closed book, their fore edge a little hollow."""
    w, t, b, over = size.width, size.thick, size.board, size.over
    left, right = -w / 2 + b + (0.1 if hard else 0.03) * t, w / 2 - over
    gap = 0.02 * b
    z = np.linspace(b + gap, t - b - gap, 9)
    hollow = (0.05 if hard else 0.01) * t * (1 - ((z - t / 2) / (t / 2 - b)) ** 2)
    fore = np.column_stack([right - hollow, z])
    outline = [(left, z[0]), *fore, (left, z[-1])]
    slots = [PAGES] * len(outline)
    return _leaved(prism(outline, size.height - 2 * over, slots, PAGES))


def _leaved(patch: Patch) -> Patch:
    """The cut of the pages: thin lines along it, sheets on top of each other."""
    uv = patch.uv.copy()
    chosen = patch.slot == PAGES
    at = patch.points[patch.faces[chosen]]
    z = at[..., 2]
    uv[chosen] = np.stack(
        [np.zeros(z.shape) + 0.5, (z - z.min()) / max(float(np.ptp(z)), 1e-9)], axis=-1
    )
    return Patch(patch.points, patch.faces, patch.normals, uv, patch.slot)


def _open(size: _Size, share: float) -> tuple[Patch, list[tuple[float, float, float]]]:
    """An open book lying on its cover; its own corners are those of the pages."""
    w, h, t, b, over = size.width, size.height, size.thick, size.board, size.over
    reach = w + t / 2
    outline = [(-reach, b), (-reach, 0), (-t / 2, 0), (t / 2, 0), (reach, 0), (reach, b)]
    slots = [INSIDE, FRONT, SPINE, BACK, INSIDE, INSIDE]
    cover = _flat_printed(prism(outline, h, slots, INSIDE), size)
    total = t - 2 * b
    patches = [cover]
    corners = {}
    for side, part in ((-1, share), (1, 1 - share)):
        tall = total * part
        x = np.linspace(0, 1, 25)
        # Leaves rise steeply out of the fold and lie flat towards the edge.
        rise = b + 0.12 * tall + (0.88 * tall) * (1 - np.exp(-x * 9)) * (1 - 0.10 * x**2)
        edge = w - over
        top = np.column_stack([side * edge * x, rise])
        sides = [PAGES, PAGES, *[TEXT] * (len(top) - 1), PAGES]
        line = np.array([(side * edge, 0.9 * b), (0.0, 0.9 * b), *top])
        if side > 0:  # counter-clockwise on both sides of the fold
            line = line[::-1]
            sides = [*sides[-2::-1], sides[-1]]
        made = _leaved(prism(line, h - 2 * over, sides, PAGES, crease_deg=50))
        patches.append(_paged(made, side, edge, h - 2 * over))
        corners[side] = (float(side * edge), float(rise[-1]))
    y = h / 2 - over
    (lx, lz), (rx, rz) = corners[-1], corners[1]
    return joined(*patches), [(lx, y, lz), (rx, y, rz), (rx, -y, rz), (lx, -y, lz)]


def _paged(patch: Patch, side: int, edge: float, height: float) -> Patch:
    uv = patch.uv.copy()
    chosen = patch.slot == TEXT
    at = patch.points[patch.faces[chosen]]
    uv[chosen] = np.stack(
        [np.clip(0.5 + at[..., 0] / (2 * edge), 0, 1), np.clip(0.5 + at[..., 1] / height, 0, 1)],
        axis=-1,
    )
    return Patch(patch.points, patch.faces, patch.normals, uv, patch.slot)


def _flat_printed(patch: Patch, size: _Size) -> Patch:
    """The cover of an open book, seen from below: front to the left's underside."""
    uv = patch.uv.copy()
    w, t, h = size.width, size.thick, size.height
    for slot, start, wide in ((FRONT, -w - t / 2, w), (SPINE, -t / 2, t), (BACK, t / 2, w)):
        chosen = patch.slot == slot
        at = patch.points[patch.faces[chosen]]
        across = 1 - (at[..., 0] - start) / wide
        along = 0.5 + at[..., 1] / h
        uv[chosen] = np.stack([1 - along, across] if slot == SPINE else [across, along], axis=-1)
    return Patch(patch.points, patch.faces, patch.normals, np.clip(uv, 0, 1), patch.slot)


def _surfaces(params: Any, size: _Size) -> dict[str, Surface]:
    seed = int(params.seed)
    ground = None if params.cover_color is None else ink_of(tuple(params.cover_color))
    aspect = round(size.height / size.width, 2)
    front, back, spine = cover_art(aspect, round(size.thick / size.height, 2), seed, ground)
    rough = float(params.cover_roughness)
    white = (1.0, 1.0, 1.0)
    mean = np.asarray(front[:4].reshape(-1, 3).mean(axis=0) / 255) ** 2.2
    edge = (float(mean[0]), float(mean[1]), float(mean[2]))
    text = print_pages(aspect, seed) if params.open else None
    return {
        "front": Surface(base_color=white, base_color_image=front, roughness=rough),
        "back": Surface(base_color=white, base_color_image=back, roughness=rough),
        "spine": Surface(base_color=white, base_color_image=spine, roughness=rough),
        "pages": Surface(base_color=white, base_color_image=page_edges(), roughness=0.9),
        "inside": Surface(base_color=edge, roughness=0.7),
        "text": Surface(base_color=white, base_color_image=text, roughness=0.85),
    }
