"""Quality presets: found by name or path, validated by their engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.errors import SimgenError
from simgen.pipeline.quality import load_quality, preset_names
from simgen.plugin.registry import Registry


def _load(name: str, base: Path, engine: str = "raycast") -> dict[str, object]:
    return load_quality(name, engine, Registry.installed(), "render.quality", base)


def test_the_presets_of_the_house_are_valid(tmp_path: Path) -> None:
    assert {"draft", "standard", "final"} <= set(preset_names())
    for name in preset_names():
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


def test_an_unknown_preset_suggests(tmp_path: Path) -> None:
    with pytest.raises(SimgenError, match="did you mean 'standard'"):
        _load("standart", tmp_path)
