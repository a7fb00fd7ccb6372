"""Motion blur: camera and objects have keys where the shutter opens, half-way, and closes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy
from mathutils import Matrix

from .lens import blender_pose

# Cycles looks at the scene in these frames only, so nothing depends on how keys are joined.
_OPEN, _NOW, _CLOSE = 0.5, 1.0, 1.5
_PLACE = ("location", "rotation_euler", "scale")


@contextmanager
def motion(camera: Any, things: list[Any], moving: dict[str, Any] | None) -> Iterator[None]:
    """The scene with what moves; afterwards everything rests where it was.

    Args:
        camera: placed for the middle of the exposure.
        things: objects by number, so placed too.
        moving: `camera`: [matrix at opening, at closing] with OpenCV axes; `objects`: [number,
            matrix, matrix] each. None: no blur.
    """
    render = bpy.context.scene.render
    render.use_motion_blur = moving is not None
    if moving is None:
        yield
        return
    render.motion_blur_position, render.motion_blur_shutter = "CENTER", _CLOSE - _OPEN
    bpy.context.scene.frame_set(int(_NOW))
    moved = [(camera, [blender_pose(m) for m in moving["camera"]])]
    moved += [(things[n], [Matrix(m) for m in ends]) for n, *ends in moving["objects"]]
    before = [_place(thing) for thing, _ in moved]
    try:
        for thing, (first, last) in moved:
            _set_keys(thing, first, last)
        yield
    finally:
        for (thing, _), place in zip(moved, before, strict=True):
            _rest(thing, place)


def _place(thing: Any) -> list[Any]:
    # Numbers as Blender holds them: through a matrix and back they change in the last digit,
    # and with them the pixels of later frames.
    return [getattr(thing, name).copy() for name in _PLACE]


def _set_keys(thing: Any, first: Any, last: Any) -> None:
    place = _place(thing)
    _key(thing, _NOW)
    for frame, matrix in ((_OPEN, first), (_CLOSE, last)):
        thing.matrix_world = matrix
        _key(thing, frame)
    _put(thing, place)


def _key(thing: Any, frame: float) -> None:
    thing.keyframe_insert("location", frame=frame)
    thing.keyframe_insert("rotation_euler", frame=frame)


def _rest(thing: Any, place: list[Any]) -> None:
    action = thing.animation_data.action if thing.animation_data else None
    thing.animation_data_clear()
    if action is not None:
        bpy.data.actions.remove(action)
    _put(thing, place)


def _put(thing: Any, place: list[Any]) -> None:
    for name, value in zip(_PLACE, place, strict=True):
        setattr(thing, name, value)
