"""Pixels of a cutout in its new picture: light, edge, shadow, depth."""

from __future__ import annotations

from typing import Any

import numpy as np

from simgen.augment.canvas import Canvas
from simgen.augment.cutout import Laid, light_about
from simgen.augment.region import Region
from simgen.imaging.blending import composited
from simgen.imaging.pasting import poisson, relit, shaded, soft_edge

_SHADOW = (0.06, 0.05)  # how far it falls and how soft it is, as shares of the thing's size


def paint(canvas: Canvas, put: Laid, modal: Region, drawn: Any) -> None:
    """Pixels of what is to be seen of a cutout; its shadow falls on what is there already."""
    window = modal.at()
    top, left = modal.y - put.modal.y, modal.x - put.modal.x
    height, width = modal.patch.shape
    part = (slice(top, top + height), slice(left, left + width))
    rgb = put.rgb[part]
    light = put.cutout.light
    rgb = relit(rgb, light, light_about(canvas.rgb, modal), float(drawn.relight))
    if float(drawn.shadow) > 0:
        _shade(canvas, put, float(drawn.shadow))
    below = canvas.rgb[window]
    if drawn.blending == "poisson":
        mixed = poisson(below, rgb, modal.patch)
    else:
        width_px = float(drawn.feather_px) if drawn.blending == "gaussian" else 0.0
        mixed = composited(below, rgb, soft_edge(modal.patch, width_px))
    canvas.rgb[window] = np.where(modal.patch[..., None], mixed, below)
    if canvas.depth_m is not None:
        depth = put.depth_m
        near = np.zeros_like(below[..., 0], np.float32) if depth is None else depth[part]
        canvas.depth_m[window][modal.patch] = near[modal.patch]


def _shade(canvas: Canvas, put: Laid, strength: float) -> None:
    """Darken what is about the foot of a cutout."""
    x, y, w, h = put.modal.rect
    size = float(np.sqrt(w * h))
    soft, fall = _SHADOW[1] * size, round(_SHADOW[0] * size)
    reach = fall + 3 * int(np.ceil(soft)) + 1
    wide = Region(x - reach, y - reach, np.ones((h + 2 * reach, w + 2 * reach), bool))
    here = wide.inside(canvas.rect)
    if not here.patch.size:
        return
    shape = np.zeros(here.patch.shape, bool)
    fallen = put.modal.moved(0, fall).inside(here.rect)
    if not fallen.patch.size:
        return
    rows, columns = slice(fallen.y - here.y, None), slice(fallen.x - here.x, None)
    shape[rows, columns][: fallen.patch.shape[0], : fallen.patch.shape[1]] = fallen.patch
    canvas.rgb[here.at()] = shaded(canvas.rgb[here.at()], shape, strength, soft)
