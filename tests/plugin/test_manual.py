"""Manuals: every setting explained, every example a file that validates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest
import yaml
from door_plugins import registry
from pydantic import Field

from simgen.errors import PluginError
from simgen.plugin import MaterialSetting, Number, Params, Root, Sampled, Unit
from simgen.plugin.describing import settings_of
from simgen.plugin.examples import as_yaml, example_settings
from simgen.plugin.gate import scene_from
from simgen.plugin.manual import as_text, find, manual_of
from simgen.plugin.pages import pages, write_pages
from simgen.plugin.registry import Registry
from simgen.spec.document import parse_document

SCENES = Path(__file__).parents[2] / "scenes"
INSTALLED = Registry.installed()
ALL = [(group, name) for group in INSTALLED.points for name in INSTALLED.names(group)]


class Inner(Params):
    """Settings inside."""

    tilt_deg: Number = Field(3.0, description="how far it leans")


class Everything(Params):
    """One of each."""

    path: Root = Field(description="a folder", examples=["meshes"])
    speed_m_s: Sampled[Unit] = Field(0.5, description="how fast")
    mode: Sampled[Literal["a", "b"]] = Field({"choice": ["a", "b"]}, description="which")
    inner: Inner = Field(Inner(), description="more")
    counts: tuple[int, ...] = Field((1, 2), min_length=2, max_length=4, description="how many")
    look: MaterialSetting | None = Field(None, description="how it looks")
    faces: int = Field(5_000_000, ge=1, le=50_000_000, description="at most")


def test_a_setting_is_what_its_field_says() -> None:
    found, shared = settings_of(Everything)
    rows = {s.name: s for s in found}
    assert list(rows) == ["path", "speed_m_s", "mode", "inner", "inner.tilt_deg", "counts",
                          "look", "faces"]  # fmt: skip
    assert rows["path"].required
    assert rows["path"].kind == "path"
    speed = rows["speed_m_s"]
    assert (speed.unit, speed.bounds, speed.default, speed.sampled) == (
        "m/s",
        "0 to 1",
        "0.5",
        True,
    )
    assert (rows["mode"].kind, rows["mode"].default) == ("a | b", "{choice: [a, b]}")
    assert (rows["inner.tilt_deg"].unit, rows["inner.tilt_deg"].bounds) == ("deg", "")
    assert rows["counts"].bounds == "2 to 4 values"
    assert rows["look"].kind == "material"
    assert rows["look"].default == "none"
    assert rows["faces"].bounds == "1 to 50000000"
    assert shared == ("material",)


@pytest.mark.parametrize(("group", "name"), ALL, ids=lambda v: v)
def test_every_manual_is_whole_and_its_example_validates(group: str, name: str) -> None:
    manual = manual_of(INSTALLED, group, name)
    assert manual.summary.endswith(".")
    assert all(setting.description for setting in manual.settings)
    assert json.loads(json.dumps(manual.as_data()))["example"] == manual.example
    text = as_text(manual)
    assert all(f"  {setting.name}: " in text for setting in manual.settings)
    if not manual.kind.in_scene:
        assert name in manual.example
        plugin = INSTALLED.get(group, name)
        plugin.Params.model_validate(example_settings(plugin.Params))
        return
    scene_from(parse_document(manual.example, "s.yaml", SCENES), SCENES / "s.yaml", INSTALLED)
    assert name in manual.example


def test_names_are_found_with_and_without_their_kind() -> None:
    assert find(INSTALLED, "tabletop") == ("scene_types", "tabletop")
    assert find(INSTALLED, "asset/box") == find(INSTALLED, "assets/box") == ("assets", "box")
    with pytest.raises(PluginError, match="did you mean 'tabletop'"):
        find(INSTALLED, "tabeltop")
    with pytest.raises(PluginError, match="no kind of plugin 'aset'"):
        find(INSTALLED, "aset/box")
    with pytest.raises(PluginError, match="unknown randomizer 'box'"):
        find(INSTALLED, "randomizer/box")
    both = registry()
    both.points["randomizers"].append(both.points["assets"][0])
    with pytest.raises(PluginError, match="say asset/pieces or randomizer/pieces"):
        find(both, "pieces")


def test_yaml_is_written_as_people_write_it() -> None:
    data = {"scene": {"type": "x"}, "objects": {"a": {"b": 1, "c": [1, 2]}, "d": {"e": {"f": 1}}}}
    text = as_yaml(data)
    assert text == ("scene: {type: x}\nobjects:\n  a: {b: 1, c: [1, 2]}\n  d: {e: {f: 1}}\n")
    long = {"objects": {"a": {"words": ["word"] * 30, "n": {"uniform": [0, 1]}}}}
    assert yaml.safe_load(as_yaml(long)) == long


def test_pages_are_written_once_and_pages_of_lost_plugins_go(tmp_path: Path) -> None:
    texts = pages([manual_of(INSTALLED, "assets", "box")])
    assert len(write_pages(texts, tmp_path)) == 3
    assert write_pages(texts, tmp_path) == []
    (tmp_path / "assets" / "mine.md").write_text("# My own page\n")
    die = pages([manual_of(INSTALLED, "assets", "die")])
    changed = {path.name for path in write_pages(die, tmp_path)}
    assert changed == {"README.md", "die.md", "box.md"}
    assert sorted(p.name for p in (tmp_path / "assets").iterdir()) == ["die.md", "mine.md"]
