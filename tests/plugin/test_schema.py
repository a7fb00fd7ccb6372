"""The schema that editors use says yes and no where the gate does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from door_plugins import registry

from simgen.plugin.schema import scene_schema


def _refs(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for value in node.values() for ref in _refs(value)]
    return [ref for value in node for ref in _refs(value)] if isinstance(node, list) else []


def test_it_is_json_and_every_reference_leads_somewhere() -> None:
    schema, problems = scene_schema(registry())
    json.dumps(schema)
    assert problems == []
    missing = {ref for ref in _refs(schema) if ref.removeprefix("#/$defs/") not in schema["$defs"]}
    assert missing == set()


def test_each_plugin_is_an_alternative_with_its_own_settings() -> None:
    schema, _ = scene_schema(registry(men="door_plugins:Pieces"))
    section = schema["$defs"]["ObjectSection"]
    assert section["properties"]["asset"]["enum"] == ["men", "pieces"]
    pieces = schema["$defs"]["ObjectSection_pieces"]
    assert pieces["properties"]["asset"]["const"] == "pieces"
    assert {"gloss", "path", "count", "category"} <= set(pieces["properties"])
    assert pieces["additionalProperties"] is False
    assert schema["$defs"]["RenderSetting"]["properties"]["engine"]["enum"] == ["cycles"]


def test_a_broken_plugin_is_left_out_by_name() -> None:
    schema, problems = scene_schema(registry(bad="door_plugins:NoParams"))
    assert "ObjectSection_bad" not in schema["$defs"]
    assert len(problems) == 1
    assert "bad" in problems[0]


def test_a_validator_agrees() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema, _ = scene_schema(registry())
    check = jsonschema.Draft202012Validator(schema)
    good = {"simgen": 1, "scene": {"type": "ground"}, "objects": {"a": {"asset": "pieces"}}}
    assert check.is_valid(good)
    assert check.is_valid({"extends": "other.yaml", "objects": {"a": good["objects"]["a"]}})
    assert check.is_valid({**good, "camera": {"distance_m": {"uniform": [1, 2]}}})
    for bad in (
        {"simgen": 1},
        {**good, "camera": {"distance_m": -1}},
        {**good, "camera": {"distance_m": {"uniform": [1]}}},
        {**good, "cammera": {}},
        {**good, "scene": {"type": "sky"}},
        {**good, "objects": {"a": {"asset": "pieces", "glos": 1}}},
        {**good, "objects": {"a": {"asset": "pieces", "gloss": 3}}},
    ):
        assert not check.is_valid(bad), bad
