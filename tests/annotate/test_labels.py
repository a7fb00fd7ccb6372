"""Annotations agree with the instance map pixel by pixel, and say why a thing has no label."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "render"))
from worlds import FakeLibrary, camera, demo_world, spec, thing, world_of

from simgen.annotate.labels import annotate
from simgen.annotate.points import point_cloud
from simgen.records.annotations import Annotations
from simgen.records.masks import decode, tight_box
from simgen.records.pose import Pose
from simgen.records.serial import from_json, to_json
from simgen.render.raycast import Raycast
from simgen.spec.scene_file import LabelRules


@pytest.fixture(scope="module")
def crowded():
    library = FakeLibrary()
    world = demo_world(library)
    ball = library.put("small", __import__("trimesh").creation.icosphere(2, 0.004))
    extra = [
        thing(4, ball, Pose((0.12, -0.12, 0.004))),
        thing(5, ball, Pose((-0.1, -0.2, 0.004)), role="distractor", category=None),
        thing(6, ball, Pose((0.2, 0.1, 0.004)), category=None),
    ]
    world = world_of([*world.objects, *extra], world.lights)
    with Raycast().open(Raycast.Params(edge_samples=0, sky_rays=1), library, 1) as session:
        (frame,) = session.render(world, [spec(camera(width=320, height=240))])
    return world, frame


def test_every_column_agrees_with_the_instance_map(crowded):
    world, frame = crowded
    labels, unlabelled = annotate(frame, world, LabelRules(min_pixels=1))
    instances = frame.geometry.instances
    for row in range(len(labels)):
        mask = decode(labels.mask[row])
        assert (mask == (instances == labels.instance[row])).all()
        assert labels.box_xywh_px[row] == tight_box(mask)
        assert labels.area_px[row] == mask.sum() > 0
        amodal = decode(labels.amodal_mask[row])
        assert (amodal | mask == amodal).all()
        assert labels.amodal_box_xywh_px[row] == tight_box(amodal)
        assert labels.visibility[row] == mask.sum() / amodal.sum()
        assert 0 <= labels.truncation[row] <= 1
    listed = set(labels.instance) | {u.instance for u in unlabelled}
    assert listed == set(np.unique(instances)) - {0}


def test_reasons_for_unlabelled_instances(crowded):
    world, frame = crowded
    small = int((frame.geometry.instances == 4).sum())
    labels, unlabelled = annotate(frame, world, LabelRules(min_pixels=small + 1))
    assert {u.instance: u.reason for u in unlabelled} == {
        4: "below min_pixels",
        5: "distractor",
        6: "no category",
    }
    assert set(labels.instance) == {1, 2, 3}
    _, strict = annotate(frame, world, LabelRules(min_pixels=1, min_visibility=1.0))
    assert any(u.reason == "below min_visibility" for u in strict)


def test_poses_map_the_object_into_the_camera(crowded):
    world, frame = crowded
    labels, _ = annotate(frame, world, LabelRules())
    for row, ident in enumerate(labels.instance):
        item = world.instances[ident - 1]
        point = np.array([[0.01, 0.02, 0.03]])
        expected = frame.spec.camera.to_camera(item.pose.apply(point))
        assert np.allclose(labels.T_cam_object[row].apply(point), expected, atol=1e-9)
        assert labels.distance_m[row] == pytest.approx(
            np.linalg.norm(labels.T_cam_object[row].position_m)
        )


def test_annotations_survive_json_byte_for_byte(crowded):
    world, frame = crowded
    labels, _ = annotate(frame, world, LabelRules())
    data = to_json(labels)
    again = from_json(Annotations, data)
    assert again == labels
    assert to_json(again) == data


def test_point_clouds_reproject_onto_their_pixels_and_are_thinned(crowded):
    _, frame = crowded
    cloud = point_cloud(frame, 10**9)
    surface = frame.geometry.depth_m > 0
    assert len(cloud.xyz_m) == surface.sum()
    local = frame.spec.camera.to_camera(cloud.xyz_m)
    pixels = frame.spec.camera.intrinsics.project(local)
    rows, cols = np.nonzero(surface)
    assert np.abs(pixels - np.stack([cols + 0.5, rows + 0.5], -1)).max() < 0.01
    assert (cloud.instance == frame.geometry.instances[surface]).all()
    assert np.allclose(np.linalg.norm(cloud.normals, axis=1), 1, atol=1e-5)
    few = point_cloud(frame, 1000)
    assert len(few.xyz_m) == 1000
    assert set(map(tuple, few.xyz_m)) <= set(map(tuple, cloud.xyz_m))


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="different length"):
        Annotations(instance=(1,))
