"""Scene data that travels: paths by name and back, hashes that see what matters."""

from __future__ import annotations

import json
from pathlib import Path

from simgen.pipeline.portable import canonical_hash, differences, with_paths, without_paths
from simgen.spec.fields import Root

DATA = {
    "objects": {
        "parts": {"asset": "meshes", "path": "m", "note": "m"},
        "more": {"path": {"choice": ["a", "b"]}},
    },
    "scene": {"surface": {"texture": {"path": "t.png"}}},
}
ROOTS = {
    "objects.parts.path": Root("m", Path("/x/m"), "objects.parts.path"),
    "objects.more.path": Root("a", Path("/x/a"), "objects.more.path"),
    "objects.more.path#2": Root("b", Path("/x/b"), "objects.more.path#2"),
    "scene.surface.texture.path": Root("t.png", Path("/x/t.png"), "scene.surface.texture.path"),
}


def test_only_paths_are_replaced_and_come_back_absolute() -> None:
    plain = without_paths(DATA, ROOTS)
    assert plain["objects"]["parts"]["path"] == "<objects.parts.path>"
    assert plain["objects"]["parts"]["note"] == "m"
    assert plain["objects"]["more"]["path"]["choice"][1] == "<objects.more.path#2>"
    back = with_paths(
        json.loads(json.dumps(plain)), {name: str(root.path) for name, root in ROOTS.items()}
    )
    assert back["objects"]["parts"]["path"] == "/x/m"
    assert back["objects"]["more"]["path"]["choice"] == ["/x/a", "/x/b"]


def test_values_of_weighted_stay_numbers_through_json() -> None:
    plain = json.loads(json.dumps(without_paths({"count": {"weighted": {1: 3, 2: 1}}}, {})))
    assert plain == {"count": {"weighted": [[1, 3], [2, 1]]}}


def test_the_hash_sees_values_and_the_order_of_objects_only() -> None:
    one = {"objects": {"a": {"x": 1, "y": 2}, "b": {}}, "camera": {"p": 1, "q": 2}}
    same = {"camera": {"q": 2, "p": 1}, "objects": {"a": {"y": 2, "x": 1}, "b": {}}}
    turned = {"objects": {"b": {}, "a": {"x": 1, "y": 2}}, "camera": {"p": 1, "q": 2}}
    other = {"objects": {"a": {"x": 1, "y": 3}, "b": {}}, "camera": {"p": 1, "q": 2}}
    assert canonical_hash(one) == canonical_hash(same)
    assert canonical_hash(one) != canonical_hash(turned)
    assert canonical_hash(one) != canonical_hash(other)
    assert differences(one, other) == [("objects.a.y", 2, 3)]
    assert differences(one, turned)[0][0].startswith("objects")
    assert differences({"a": 1}, {"b": 1}) == [("a", 1, None), ("b", None, 1)]
