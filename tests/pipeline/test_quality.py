"""Quality presets: found by name or path, validated by their engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.errors import SimgenError
from simgen.pipeline.quality import load_quality
from simgen.plugin.registry import Registry
from simgen.spec.document import parse_document
from simgen.spec.presets import preset_names


def _load(name: str, base: Path, engine: str = "raycast") -> dict[str, object]:
    return load_quality(name, engine, Registry.installed(), "render.quality", base).portable


def test_the_presets_of_the_house_are_valid(tmp_path: Path) -> None:
    assert {"draft", "standard", "final"} <= set(preset_names("quality"))
    for name in preset_names("quality"):
        assert _load(name, tmp_path)


def test_a_file_may_extend_a_preset_and_defaults_are_filled_in(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("raycast: {}\n")
    assert _load("mine.yaml", tmp_path) == _load("mine.yaml", tmp_path)
    assert len(_load("mine.yaml", tmp_path)) > 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("raycast: {shadow_rayz: 3}", "unknown setting 'shadow_rayz'"),
        ("raycasst: {}", "unknown engine 'raycasst'"),
        ("raycast: {reflections: [1]}", "got"),
        ("[1, 2]", "expected a mapping"),
        ("raycast: [1]", "got"),
    ],
)
def test_faults_in_a_preset_have_a_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(SimgenError) as caught:
        _load("mine.yaml", tmp_path)
    assert said in str(caught.value)
    assert "mine.yaml:1:" in str(caught.value)


def test_settings_of_the_scene_lie_over_the_preset_and_machine_settings_stand_apart(
    tmp_path: Path,
) -> None:
    over = parse_document("cycles: {samples: 5, timeout_s: 7.5}", "scene.yaml", tmp_path)
    found = load_quality("draft", "cycles", Registry.installed(), "quality", tmp_path, over)
    below = load_quality("draft", "cycles", Registry.installed(), "quality", tmp_path)
    assert found.portable == {**below.portable, "samples": 5}
    assert found.machine == {**below.machine, "timeout_s": 7.5}
    assert not set(found.machine) & set(found.portable)
    assert {"python", "device", "device_ids", "threads"} <= set(found.machine)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cycles: {samplez: 5}", "did you mean 'samples'"),
        ("cycle: {}", "did you mean 'cycles'"),
        ("cycles: {samples: 0}", "greater than or equal to 1"),
    ],
)
def test_faults_in_the_scenes_settings_have_a_place(tmp_path: Path, text: str, said: str) -> None:
    over = parse_document(text, "scene.yaml", tmp_path)
    with pytest.raises(SimgenError) as caught:
        load_quality("draft", "cycles", Registry.installed(), "quality", tmp_path, over)
    assert said in str(caught.value)
    assert "scene.yaml:1:" in str(caught.value)


def test_an_unknown_preset_suggests(tmp_path: Path) -> None:
    with pytest.raises(SimgenError, match="did you mean 'standard'"):
        _load("standart", tmp_path)
