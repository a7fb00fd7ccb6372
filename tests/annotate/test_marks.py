"""Keypoints and parts become columns; what has none writes what it always wrote."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

sys.path.insert(0, str(Path(__file__).parents[1] / "render"))
from worlds import FakeLibrary, camera, spec, thing, world_of

from simgen.annotate.labels import annotate
from simgen.records.annotations import Annotations
from simgen.records.marks import Keypoint
from simgen.records.masks import decode
from simgen.records.pose import Pose
from simgen.records.serial import from_json, to_json
from simgen.render.raycast import Raycast
from simgen.spec.scene_file import LabelRules


@pytest.fixture(scope="module")
def marked():
    """A cube with marks before a ball without any."""
    library = FakeLibrary()
    cube = library.put("cube", trimesh.creation.box((0.1,) * 3))
    ball = library.put("ball", trimesh.creation.icosphere(3, 0.1))
    asset = library.assets["cube"]
    height = asset.mesh.vertices_m[asset.mesh.faces].mean(axis=1)[:, 2]
    part = np.where(height > 0.049, 0, np.where(height < -0.049, 1, -1)).astype(np.int32)
    points = (Keypoint("top", (0.0, 0.0, 0.05)), Keypoint("bottom", (0.0, 0.0, -0.05)))
    library.assets["cube"] = replace(asset, keypoints=points, parts=("lid", "foot"), part=part)
    world = world_of([thing(1, cube, Pose()), thing(2, ball, Pose((-0.2, 0.2, 0.0)))])
    with Raycast().open(Raycast.Params(edge_samples=0, sky_rays=1), library, 1) as session:
        (frame,) = session.render(world, [spec(camera(width=320, height=240))])
    return world, frame


def test_columns(marked) -> None:
    world, frame = marked
    labels, _ = annotate(frame, world, LabelRules())
    assert labels.keypoints is not None
    assert labels.parts is not None
    assert [(p.name, p.visibility) for p in labels.keypoints[0]] == [("top", 2), ("bottom", 1)]
    assert labels.keypoints[1] == ()
    assert list(labels.parts[0]) == ["lid"]  # the foot looks down
    assert labels.parts[1] == {}
    lid, whole = decode(labels.parts[0]["lid"]), decode(labels.mask[0])
    assert (lid <= whole).all()
    assert 0.2 < lid.sum() / whole.sum() < 0.8
    u, v = labels.keypoints[0][0].xy_px
    assert lid[int(v), int(u)]
    again = from_json(Annotations, to_json(labels))
    assert again == labels
    assert to_json(again) == to_json(labels)


def test_marks_can_be_left_out(marked) -> None:
    world, frame = marked
    labels, _ = annotate(frame, world, LabelRules(keypoints=False, parts=False))
    assert labels.keypoints is None
    assert labels.parts is None


def test_labels_without_marks_keep_their_bytes(marked) -> None:
    world, frame = marked
    labels, _ = annotate(frame, world, LabelRules(keypoints=False, parts=False))
    data = to_json(labels)
    assert b"keypoints" not in data
    assert b"parts" not in data
    assert from_json(Annotations, data) == labels  # an old record reads as a new one
    assert to_json(Annotations()) == to_json(from_json(Annotations, to_json(Annotations())))


def test_columns_of_marks_have_a_row_per_instance() -> None:
    with pytest.raises(ValueError, match="different length"):
        Annotations(keypoints=((),))
