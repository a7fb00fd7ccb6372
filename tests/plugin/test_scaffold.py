"""New plugins: packages that work as they are, all or nothing."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from simgen.errors import PluginError
from simgen.plugin.conformance import LawBroken, laws
from simgen.plugin.registry import Registry
from simgen.plugin.scaffold import new_plugin, offered

ROOT = Path(__file__).parents[2]
KINDS = [kind.word for kind in offered()]
FOREIGN = re.compile(r"^\s*(?:from|import)\s+simgen\.(?!plugin\b|records\b)", re.M)


@pytest.mark.parametrize("word", KINDS)
def test_a_new_package_keeps_the_laws_as_it_is(word: str, tmp_path: Path) -> None:
    if word == "detector" and importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    name = f"fresh_{word.replace('-', '_')}"
    made = new_plugin(word, name, tmp_path)
    broken = []
    for law in laws(word, name, made.folder):
        if law.alone:
            continue
        try:
            law.check()
        except LawBroken as error:
            broken.append(f"{law}: {error}")
    assert not broken
    code = [path.read_text() for path in made.folder.rglob("src/**/*.py")]
    assert len(code) >= 2
    assert not [text for text in code if FOREIGN.search(text)]


@pytest.mark.parametrize("word", KINDS)
def test_new_code_is_linted_formatted_and_typed_like_ours(word: str, tmp_path: Path) -> None:
    made = new_plugin(word, f"neat_{word.replace('-', '_')}", tmp_path)
    ruff = str(Path(sys.executable).parent / "ruff")
    config = ("--config", str(ROOT / "pyproject.toml"))
    for command in ("check", "format --check"):
        done = subprocess.run(
            [ruff, *command.split(), *config, str(made.folder)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout


def test_kinds_that_a_person_can_start_from() -> None:
    assert {"scene-type", "asset", "randomizer", "renderer", "detector"} <= set(KINDS)


def test_a_name_is_made_fit(tmp_path: Path) -> None:
    made = new_plugin("scene-type", "glass-shelf", tmp_path)
    assert made.folder.name == "simgen-glass-shelf"
    assert "glass_shelf" in Registry.installed((tmp_path,)).names("scene_types")


@pytest.mark.parametrize(
    ("word", "name", "said"),
    [
        ("scene", "shelf2", "did you mean 'scene-type'"),
        ("scene-type", "tabletop", "already, of simgen"),
        ("scene-type", "Shelf 2", "letters, digits"),
        ("scene-type", "../up", "letters, digits"),
        ("scene-type", "2shelf", "letters, digits"),
        ("scene-type", "class", "letters, digits"),
        ("scene-type", "", "letters, digits"),
    ],
)
def test_wrong_input_writes_nothing(word: str, name: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=said):
        new_plugin(word, name, tmp_path / "plugins")
    assert not list(tmp_path.rglob("*"))


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "simgen-mine").mkdir()
    (tmp_path / "simgen-mine" / "work.py").write_text("mine")
    with pytest.raises(PluginError, match="is there already"):
        new_plugin("asset", "mine", tmp_path)
    assert [p.name for p in tmp_path.rglob("*")] == ["simgen-mine", "work.py"]
    (tmp_path / "file").write_text("")
    with pytest.raises(PluginError, match="cannot be written"):
        new_plugin("asset", "mine", tmp_path / "file")
