"""Finding plugins: unknown, claimed twice, broken, from the future; the others unharmed."""

from __future__ import annotations

import re
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from door_plugins import Pieces, registry

from simgen.errors import MissingExtraError, PluginError
from simgen.plugin.registry import Registry


def test_a_good_plugin_is_an_instance() -> None:
    assert isinstance(registry().get("assets", "pieces"), Pieces)


def test_unknown_names_the_nearest_and_the_place() -> None:
    with pytest.raises(PluginError) as caught:
        registry().get("assets", "peices", "s.yaml:3:5 objects.a.asset")
    text = str(caught.value)
    assert "s.yaml:3:5 objects.a.asset" in text
    assert "unknown asset source 'peices'" in text
    assert "did you mean 'pieces'" in text


def test_unknown_with_nothing_near_lists_what_there_is() -> None:
    with pytest.raises(PluginError, match="known asset sources: pieces"):
        registry().get("assets", "zzz")


def test_two_claimants_are_both_named() -> None:
    two = registry()
    two.points["assets"].append(EntryPoint("pieces", "elsewhere:Pieces", "simgen.assets"))
    with pytest.raises(PluginError) as caught:
        two.get("assets", "pieces")
    assert "door_plugins" in str(caught.value)
    assert "elsewhere" in str(caught.value)


def test_the_same_entry_found_twice_is_one_claim() -> None:
    # An editable install beside a wheel lists the same entry point twice.
    twice = registry()
    twice.points["assets"] *= 2
    assert isinstance(twice.get("assets", "pieces"), Pieces)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("no_such_module:Thing", "cannot be imported"),
        ("door_plugins:Missing", "cannot be imported"),
        ("door_plugins:FromTheFuture", "api = 99"),
        ("door_plugins:NoParams", "no `Params` class"),
        ("door_plugins:not_a_class", "is not a class"),
        ("door_plugins:Mute", r"has no method build\(params, variant\)"),
        ("door_plugins:Idle", r"has no method build\(params, variant\)$"),
        ("door_plugins:Stateless", "marks.*; deriving from simgen.plugin.AssetSource gives"),
        ("door_plugins:Deaf", r"build that cannot be called as build\(params, variant\)"),
    ],
)
def test_a_broken_plugin_says_why_and_harms_no_other(target: str, said: str) -> None:
    broken = registry(bad=target)
    with pytest.raises(PluginError, match=said):
        broken.get("assets", "bad")
    entries = {entry.name: entry for entry in broken.entries()}
    assert re.search(said, entries["bad"].problem)
    assert entries["pieces"].problem == ""
    assert entries["pieces"].summary.startswith("Chess pieces, drawn in the mind.")


def test_a_missing_extra_gives_the_install_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wants_blender.py").write_text("import bpy\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(sys.modules, "bpy", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'simgen\[cycles\]'"):
        registry(blender="wants_blender:Thing").get("assets", "blender")


def test_every_installed_plugin_of_ours_loads() -> None:
    ours = [entry for entry in Registry.installed().entries() if entry.package == "simgen"]
    assert ours
    assert {entry.name: entry.problem for entry in ours if entry.problem} == {}
    assert all(entry.summary for entry in ours)
