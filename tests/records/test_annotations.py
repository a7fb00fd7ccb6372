"""Columns of labels: rows taken, joined, made; what is not known stays out of JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simgen.records.annotations import Annotations, from_rows, joined
from simgen.records.serial import from_json, to_json

BOXES: list[dict[str, Any]] = [
    {"category": "mug", "box_xywh_px": (1.5, 2, 10, 4)},
    {"category": "can", "box_xywh_px": (0, 0, 3, 3), "ignore": True, "visibility": 0.5},
]


def test_box_only_rows_know_nothing_else() -> None:
    labels = from_rows(BOXES)
    assert labels.instance == (1, 2)
    assert labels.area_px == (40, 9)
    assert labels.mask == labels.T_cam_object == (None, None)
    assert labels.visibility == (None, 0.5)
    assert (labels.ignore, labels.crowd) == ((False, True), None)
    assert [labels.is_ignored(i) for i in range(2)] == [False, True]
    assert from_json(Annotations, to_json(labels)) == labels


def test_columns_that_nobody_has_are_not_written() -> None:
    assert not {"crowd", "ignore", "extra"} & set(json.loads(to_json(from_rows(BOXES[:1]))))
    assert from_rows([]) == Annotations()


def test_rows_are_taken_with_all_their_columns() -> None:
    labels = from_rows(BOXES).with_extra(obb=[[1, 2], [3, 4]])
    second = labels.take([1])
    assert (second.category, second.extra, second.ignore) == (("can",), {"obb": ([3, 4],)}, (True,))
    assert labels.take([1, 0]).take([1, 0]) == labels
    assert labels.with_extra(obb=None).extra is None
    assert from_json(Annotations, to_json(labels)) == labels


def test_joined_rows_fill_what_one_side_lacks() -> None:
    plain = from_rows(BOXES[:1])
    both = joined([plain, from_rows(BOXES).with_extra(obb=[1, 2])])
    assert both.ignore == (False, False, True)
    assert both.extra == {"obb": (None, 1, 2)}
    assert joined([plain, Annotations()]) == plain
    assert joined([]) == Annotations()


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="different length"):
        from_rows(BOXES).with_extra(obb=[1])
    with pytest.raises(ValueError, match="different length"):
        Annotations(instance=(1,))
