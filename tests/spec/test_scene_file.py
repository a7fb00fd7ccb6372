"""Bad scene files: each fault with file, line, dotted path and cure, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from simgen.errors import Fault
from simgen.spec.document import parse_document
from simgen.spec.faults import faults_of
from simgen.spec.scene_file import SceneFile

HEAD = "simgen: 1\nscene: {type: tabletop}\n"


def _faults(text: str) -> list[Fault]:
    document = parse_document(HEAD + text, "s.yaml", Path("/"))
    with pytest.raises(ValidationError) as caught:
        SceneFile.model_validate(document.data)
    return faults_of(caught.value, document, SceneFile)


@pytest.mark.parametrize(
    ("text", "where", "what", "cure"),
    [
        ("cammera: {}", "s.yaml:3:1 cammera", "unknown setting 'cammera'", "did you mean 'camera'"),
        ("camera: {distanse_m: 1}", "s.yaml:3:10 camera.distanse_m", "unknown", "'distance_m'"),
        ("camera: {distance_m: -1}", "camera.distance_m", "greater than 0, got -1", ""),
        ("camera: {distance_m: far}", "camera.distance_m", "expected a number, got text", ""),
        ("camera: {lens: {fx: 1, fy: 1, cx: 1}}", "camera.lens.cy", "required", ""),
        ("camera: {fov_deg: 30, lens: {fx: 1, fy: 1, cx: 1, cy: 1}}", "camera", "not both", ""),
        ("camera: {depth_of_field: {}}", "depth_of_field.f_number", "required", ""),
        (
            "camera: {depth_of_field: {f_number: 2, focus: near}}",
            "camera.depth_of_field.focus",
            "expected 'target', got 'near'",
            "",
        ),
        (
            "camera: {depth_of_field: {f_number: 2, focus: {uniform: [-1, 1]}}}",
            "camera.depth_of_field.focus",
            "can give -1: expected greater than 0",
            "",
        ),
        ("camera: {motion_blur: {shutter_s: 0}}", "motion_blur.shutter_s", "got 0", ""),
        ("render: {size: [-640, 480]}", "render.size.0", "16, got -640", ""),
        ("render: {size: [640]}", "render.size", "at least 2 values", ""),
        ("render: {size: [100000, 480]}", "render.size.0", "8192, got 100000", ""),
        ("render: {max_points: 1e12}", "render.max_points", "50000000", ""),
        ("objects: {p: {asset: box, count: 1000000000}}", "objects.p.count", "1000", ""),
        ("objects: {p: {asset: box, count: {randint: [0, 99999]}}}", "objects.p.count", "1000", ""),
        ("objects: {p: {count: 1}}", "objects.p.asset", "required", ""),
        ("objects: [a]", "objects", "mapping", ""),
        ("objects: {'a b': {asset: box}}", "objects.a b", "letters", ""),
        ("views_per_world: 0", "views_per_world", "1, got 0", ""),
        ("frames: 99999999999", "frames", "100000000", ""),
        ("frames: true", "frames", "boolean", ""),
        ("empty_fraction: 1.5", "empty_fraction", "1, got 1.5", ""),
        ("outputs: [rgb, video]", "outputs.1", "'rgb', 'depth'", ""),
        ("outputs: []", "outputs", "expected a list with rgb", ""),
        ("outputs: [depth]", "outputs", "expected a list with rgb, got [depth]", ""),
        ("outputs: [rgb, depth, rgb]", "outputs", "written twice: rgb", ""),
        ("objects: {p: null}", "objects.p", "expected a mapping of settings, got None", ""),
        ("objects: {p: {asset: 3}}", "objects.p.asset", "expected text, got 3", ""),
        ("objects: {p: {asset: box, category: ''}}", "objects.p.category", "template", ""),
        ("objects: {p: {asset: box, category: {template: ' '}}}", ".template", "write null", ""),
        ("render: {size: [640, 480, 3]}", "render.size", "expected at most 2 values", ""),
        ("labels: {min_pixels: 0}", "labels.min_pixels", "1, got 0", ""),
    ],
)  # fmt: skip
def test_one_fault(text: str, where: str, what: str, cure: str) -> None:
    faults = _faults(text)
    assert any(where in f.where and what in f.what and cure in f.cure for f in faults), faults
    assert all(f.where.startswith("s.yaml:") for f in faults)


def test_all_faults_at_once() -> None:
    faults = _faults("cammera: {}\nviews_per_world: 0\nrender: {size: [1, 1]}\nfoo: 1\n")
    assert len(faults) == 5
    assert {f.where.split()[0] for f in faults} >= {"s.yaml:3:1", "s.yaml:4:1", "s.yaml:6:1"}


def test_another_format_version_is_refused() -> None:
    document = parse_document("simgen: 2\nscene: {type: x}\n", "s.yaml", Path("/"))
    with pytest.raises(ValidationError) as caught:
        SceneFile.model_validate(document.data)
    (fault,) = faults_of(caught.value, document, SceneFile)
    assert "expected 1, got 2" in fault.what
