"""Oriented boxes: of turned rectangles they are the rectangle, of anything they hold all."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays

from simgen.annotate.oriented import oriented_box
from simgen.records.masks import Mask


@given(arrays(bool, (9, 12)).filter(lambda m: bool(m.any())))
def test_it_holds_every_pixel_and_none_is_smaller(mask: Mask) -> None:
    box = oriented_box(mask)
    sides = np.roll(box, -1, axis=0) - box
    assert sides[0] @ sides[1] == pytest.approx(0, abs=1e-9)
    ys, xs = np.nonzero(mask)
    corners = np.concatenate([np.stack([xs + dx, ys + dy], -1) for dx in (0, 1) for dy in (0, 1)])
    for start, side in zip(box, sides, strict=True):
        turned = (corners - start) @ np.array([-side[1], side[0]])
        assert (turned >= -1e-9).all()  # on the inner side of every edge: clockwise
    area = math.dist(box[0], box[1]) * math.dist(box[1], box[2])
    other = cv2.minAreaRect(corners.astype(np.float32))[1]
    assert area == pytest.approx(other[0] * other[1], rel=1e-4)


@pytest.mark.parametrize("angle", [0, 10, 37, 45, 80])
def test_a_turned_rectangle_has_its_size_and_angle(angle: float) -> None:
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    y, x = np.indices((200, 200)) + 0.5 - 100
    mask = (abs(c * x + s * y) < 60) & (abs(c * y - s * x) < 20)
    box = oriented_box(mask)
    lengths = sorted([math.dist(box[0], box[1]), math.dist(box[1], box[2])])
    assert lengths == pytest.approx([40, 120], abs=2)
    sides = [box[1] - box[0], box[2] - box[1]]
    along = max(sides, key=lambda v: float(np.linalg.norm(v)))
    found = math.degrees(math.atan2(along[1], along[0])) % 180
    assert found == pytest.approx(angle, abs=1)


def test_one_pixel_and_nothing() -> None:
    mask = np.zeros((5, 6), bool)
    with pytest.raises(ValueError, match="empty"):
        oriented_box(mask)
    mask[2, 3] = True
    assert sorted(map(tuple, oriented_box(mask))) == [(3, 2), (3, 3), (4, 2), (4, 3)]
