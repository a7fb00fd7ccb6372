"""Cameras: blenderproc's K matrix, OSL cameras for other lenses; all may have a focus."""

from __future__ import annotations

import hashlib
import math
import os
from typing import Any

import bpy
import numpy as np
from blenderproc.python.camera import CameraUtility as camera
from mathutils import Matrix

_NEAR_M, _FAR_M = 1e-3, 1e5
# What every lens does: from the pixel to image coordinates in focal lengths, through the model
# to the pinhole's ray, whose unit is depth; then from a point of the round aperture to where
# that ray is sharp.
_HEAD = """
#include "stdcycles.h"
shader lens(output point position = 0.0, output vector direction = 0.0,
            output color throughput = 1.0)
{{
  point at = camera_shader_raster_position();
  float tx = (at.x * {width} - {cx}) / {fx};
  float ty = ((1.0 - at.y) * {height} - {cy}) / {fy};
  vector ray = vector(0.0, 0.0, 1.0);
"""
_TAIL = """
  vector lot = camera_shader_random_sample();
  float radius = {aperture} * sqrt(lot[0]);
  float angle = M_2PI * lot[1];
  position = point(radius * cos(angle), radius * sin(angle), 0.0);
  direction = normalize({distance} * ray - vector(position));
}}
"""
# Newton's method on the Brown-Conrady model, as `simgen.records.brown_conrady` inverts it.
_BROWN_CONRADY = """
  float x = tx;
  float y = ty;
  for (int i = 0; i < 12; i++) {{
    float r2 = x * x + y * y;
    float g = 1 + r2 * ({k1} + r2 * ({k2} + r2 * {k3}));
    float dg = 2 * ({k1} + r2 * (2 * {k2} + 3 * {k3} * r2));
    float ex = x * g + 2 * {p1} * x * y + {p2} * (r2 + 2 * x * x) - tx;
    float ey = y * g + {p1} * (r2 + 2 * y * y) + 2 * {p2} * x * y - ty;
    float a = g + x * x * dg + 2 * {p1} * y + 6 * {p2} * x;
    float b = x * y * dg + 2 * {p1} * x + 2 * {p2} * y;
    float c = g + y * y * dg + 6 * {p1} * y + 2 * {p2} * x;
    float det = a * c - b * b;
    x -= (c * ex - b * ey) / det;
    y -= (a * ey - b * ex) / det;
  }}
  ray = vector(x, -y, 1.0);
"""
# As `simgen.records.kannala_brandt`: the radius grows up to the last angle, so the root stays
# between two bounds. No light arrives from beyond.
_KANNALA_BRANDT = """
  float r = hypot(tx, ty);
  float low = 0.0;
  float high = {reach};
  float t = min(r, high);
  for (int i = 0; i < 24; i++) {{
    float t2 = t * t;
    float e = t * (1 + t2 * ({k1} + t2 * ({k2} + t2 * ({k3} + t2 * {k4})))) - r;
    float slope = 1 + t2 * (3 * {k1} + t2 * (5 * {k2} + t2 * (7 * {k3} + t2 * 9 * {k4})));
    if (e > 0)
      high = t;
    else
      low = t;
    float next = t - e / slope;
    if (!(next > low && next < high))
      next = 0.5 * (low + high);
    t = next;
  }}
  if (r > {edge})
    throughput = 0.0;
  float share = 1.0;
  if (r > 1e-7)
    share = sin(t) / r;
  ray = vector(tx * share, -ty * share, cos(t));
"""


def add_camera() -> Any:
    """A camera object, made the scene's."""
    scene = bpy.context.scene
    thing = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(thing)
    scene.camera = thing
    return thing


def aim(thing: Any, view: dict[str, Any], folder: str) -> None:
    """Set pose and lens.

    Args:
        thing: the camera object.
        view: `matrix` camera to world with OpenCV axes, `lens` and `focus` as
            `records.camera.Intrinsics` and `Focus` (or None).
        folder: for the compiled shader of a lens that Blender does not have.
    """
    lens = view["lens"]
    thing.matrix_world = blender_pose(view["matrix"])
    custom = any(lens["distortion"]) or lens["fisheye"] is not None
    thing.data.type = "CUSTOM" if custom else "PERSP"
    # blenderproc counts pixel centres at whole numbers
    matrix = [[lens["fx"], 0, lens["cx"] - 0.5], [0, lens["fy"], lens["cy"] - 0.5], [0, 0, 1]]
    camera.set_intrinsics_from_K_matrix(matrix, lens["width"], lens["height"], _NEAR_M, _FAR_M)
    if custom:
        render = bpy.context.scene.render
        render.pixel_aspect_x = render.pixel_aspect_y = 1.0  # the shader has fx and fy
        thing.data.shift_x = thing.data.shift_y = 0.0
        _set_shader(thing.data, lens, view["focus"], folder)
    _set_focus(thing.data, view["focus"])


def blender_pose(matrix: Any) -> Any:
    """Blender's matrix of a camera whose matrix has OpenCV axes."""
    flip = np.diag([1.0, -1.0, -1.0, 1.0])  # Blender looks along -z with y up
    return Matrix((np.asarray(matrix) @ flip).tolist())


def _set_focus(data: Any, focus: dict[str, float] | None) -> None:
    # Of Blender's own lens; the shader of an OSL camera has these numbers in its text.
    data.dof.use_dof = focus is not None
    if focus is not None:
        data.dof.focus_distance = focus["distance_m"]
        # Cycles' aperture is lens / (2 f-stop), whatever the sensor's width
        data.dof.aperture_fstop = data.lens * 1e-3 / (2 * focus["aperture_radius_m"])
        data.dof.aperture_blades, data.dof.aperture_ratio = 0, 1.0


def _set_shader(
    data: Any, lens: dict[str, Any], focus: dict[str, float] | None, folder: str
) -> None:
    import _cycles  # part of bpy, there once it is loaded

    model, numbers = _model(lens)
    numbers |= {name: lens[name] for name in ("width", "height", "fx", "fy", "cx", "cy")}
    numbers["aperture"] = focus["aperture_radius_m"] if focus else 0.0
    numbers["distance"] = focus["distance_m"] if focus else 1.0
    # Negative numbers in brackets: `- -0.1` is fine, `--0.1` is not.
    written = {name: f"({value!r})" for name, value in numbers.items()}
    text = f"{_HEAD}{model}{_TAIL}".format(**written)
    if data.get("simgen_lens") == text:
        return
    source, compiled = os.path.join(folder, "lens.osl"), os.path.join(folder, "lens.oso")
    with open(source, "w", encoding="ascii") as stream:
        stream.write(text)
    if not _cycles.osl_compile(source, compiled):
        raise RuntimeError("the lens shader does not compile; see the worker's log")
    with open(compiled, encoding="ascii") as stream:
        bytecode = stream.read()
    data.custom_mode = "INTERNAL"
    data.custom_bytecode = bytecode
    data.custom_bytecode_hash = hashlib.sha256(text.encode()).hexdigest()
    data["simgen_lens"] = text


def _model(lens: dict[str, Any]) -> tuple[str, dict[str, float]]:
    """The shader's part for the kind of lens, and its numbers."""
    fisheye = lens["fisheye"]
    if fisheye is None:
        names = ("k1", "k2", "p1", "p2", "k3")
        return _BROWN_CONRADY, dict(zip(names, lens["distortion"], strict=True))
    numbers = {name: fisheye[name] for name in ("k1", "k2", "k3", "k4")}
    reach = math.radians(fisheye["max_angle_deg"])
    edge = reach
    for power, name in ((3, "k1"), (5, "k2"), (7, "k3"), (9, "k4")):
        edge += fisheye[name] * reach**power
    return _KANNALA_BRANDT, {**numbers, "reach": reach, "edge": edge}
