"""Plugin folders: read as text, loaded when used, and broken ones harm nobody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from simgen.errors import PluginError
from simgen.plugin.registry import Registry

PLUGIN = """
from simgen.plugin import Params

PLUGINS = {"randomizers": {"NAME": "Thing"}}


class Thing:
    \"\"\"Does nothing at all.\"\"\"

    api = 1

    class Params(Params):
        \"\"\"No settings.\"\"\"

    def apply(self, draft, params, rng):
        return draft
"""
PROJECT = """
[project]
name = "simgen-calm"
version = "2.1"
[project.entry-points."simgen.randomizers"]
calm = "door_calm.inside:Thing"
"""


def plugin(folder: Path, name: str = "calm", file: str = "", text: str = PLUGIN) -> Path:
    path = folder / (file or f"{name}.py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("NAME", name))
    return path


def project(folder: Path, name: str = "simgen-calm") -> Path:
    place = folder / name
    plugin(place, file="src/door_calm/inside.py")
    plugin(place, file="src/door_calm/__init__.py", text="")
    (place / "pyproject.toml").write_text(PROJECT)
    return place


@pytest.fixture(autouse=True)
def _forget_modules():
    """Each test writes a `door_calm` of its own; a process can hold one."""
    yield
    for name in [n for n in sys.modules if n.partition(".")[0] == "door_calm"]:
        del sys.modules[name]


def problems(registry: Registry) -> dict[str, str]:
    return {e.name: e.problem for e in registry.entries() if e.problem}


def test_files_packages_and_projects_lie_side_by_side(tmp_path: Path) -> None:
    plugin(tmp_path, "quiet")
    plugin(tmp_path, "still", "still/__init__.py", "from .part import part\n" + PLUGIN)
    plugin(tmp_path, file="still/part.py", text="part = None\n")
    project(tmp_path)
    registry = Registry.installed((tmp_path,))
    for name in ("quiet", "still", "calm"):
        assert registry.get("randomizers", name).apply(1, None, None) == 1
    found = {e.name: e for e in registry.entries()}
    assert found["quiet"].package == str(tmp_path / "quiet.py")
    assert (found["calm"].package, found["calm"].version) == ("simgen-calm", "2.1")
    assert found["quiet"].summary == "Does nothing at all."
    assert found["tabletop"].problem == ""


@pytest.mark.parametrize("inside", ["simgen-calm", "still"])
def test_the_folder_may_be_the_plugin_itself(tmp_path: Path, inside: str) -> None:
    project(tmp_path)
    plugin(tmp_path, "still", "still/__init__.py")
    name = "calm" if inside == "simgen-calm" else inside
    assert Registry.installed((tmp_path / inside,)).get("randomizers", name)


def test_nothing_runs_until_it_is_used_nor_without_the_folder(tmp_path: Path) -> None:
    plugin(tmp_path, "loud", text="raise RuntimeError('I ran')\n" + PLUGIN)
    registry = Registry.installed((tmp_path,))
    assert "loud" in registry.names("randomizers")
    with pytest.raises(PluginError, match="I ran"):
        registry.get("randomizers", "loud")
    assert "loud" not in Registry.installed().names("randomizers")


def test_a_file_cannot_hide_the_standard_library(tmp_path: Path) -> None:
    plugin(tmp_path, "colorsys")
    code = (
        "import sys; from pathlib import Path; from simgen.plugin.registry import Registry;"
        "Registry.installed((Path(sys.argv[1]),)).get('randomizers', 'colorsys');"
        "import colorsys; print(colorsys.rgb_to_hsv)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def (:", "SyntaxError: "),
        ("x = 1", "declares no PLUGINS"),
        ("PLUGINS = dict(a=1)", "not a plain dict"),
        ("PLUGINS = 3", "is not a dict"),
        ("PLUGINS: dict", "not a plain dict"),
        ("PLUGINS = {'scene_type': {'a': 'A'}}", "did you mean 'scene_types'"),
        ("PLUGINS = {'assets': 'A'}", "not a table"),
        ("PLUGINS = {'assets': {'a': 1}}", "as text"),
        ("x = '\0'", "null bytes"),
    ],
)
def test_a_broken_file_is_listed_and_named_where_a_plugin_is_missed(
    tmp_path: Path, text: str, said: str
) -> None:
    plugin(tmp_path, "good")
    plugin(tmp_path, "bad", text=text)
    registry = Registry.installed((tmp_path,))
    assert list(problems(registry)) == ["bad.py"]
    assert said in problems(registry)["bad.py"]
    assert registry.get("randomizers", "good")
    with pytest.raises(PluginError) as caught:
        registry.get("randomizers", "bad")
    assert f"{tmp_path / 'bad.py'} is broken: " in caught.value.faults[0].cure


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_thing\n" + PLUGIN, "No module named 'no_such_thing'"),
        ("import sys; sys.exit(3)\n" + PLUGIN, "SystemExit"),
        (PLUGIN.replace("class Thing", "class Other"), "has no attribute 'Thing'"),
        (PLUGIN.replace("def apply", "def applies"), "has no method apply(draft, params, rng)"),
        (PLUGIN.replace("api = 1", "api = 2"), "api = 2"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_listed(tmp_path: Path, text: str, said: str) -> None:
    plugin(tmp_path, "bad", text=text)
    plugin(tmp_path, "good")
    found = problems(Registry.installed((tmp_path,)))
    assert list(found) == ["bad"]
    assert said in found["bad"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[project", "cannot be read"),
        ("[project]\nname = 'x'", "has no entry points"),
        ("project = 3", "has no entry points"),
        (PROJECT.replace("door_calm", "door_gone"), "the module door_gone"),
        (PROJECT.replace("door_calm", "json"), "the module json"),
    ],
)
def test_a_broken_project_is_listed(tmp_path: Path, text: str, said: str) -> None:
    (project(tmp_path) / "pyproject.toml").write_text(text)
    assert said in problems(Registry.installed((tmp_path,)))["simgen-calm"]


def test_a_project_cannot_take_the_name_of_a_module_that_is_there(tmp_path: Path) -> None:
    place = project(tmp_path)
    for old, new, said in (
        ("door_calm", "json", "may not be called 'json'"),
        ("json", "pytest", "loaded already"),
    ):
        (place / "src" / old).rename(place / "src" / new)
        (place / "pyproject.toml").write_text(PROJECT.replace("door_calm", new))
        assert said in problems(Registry.installed((tmp_path,)))["simgen-calm"]


def test_two_claimants_are_an_error_for_their_name_alone(tmp_path: Path) -> None:
    plugin(tmp_path, "lights")
    plugin(tmp_path, "good")
    registry = Registry.installed((tmp_path,))
    assert registry.get("randomizers", "good")
    with pytest.raises(PluginError) as caught:
        registry.get("randomizers", "lights")
    assert "claimed by" in str(caught.value)
    assert str(tmp_path / "lights.py") in str(caught.value)
    assert "simgen (simgen.sampling" in str(caught.value)


@pytest.mark.parametrize("kind", ["gone", "empty", "file"])
def test_a_folder_that_holds_nothing_says_so(tmp_path: Path, kind: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "_private.py").write_text("PLUGINS = {}")
    (tmp_path / "file").write_text("")
    said = "holds no plugin" if kind == "empty" else "there is no folder"
    with pytest.raises(PluginError, match=said):
        Registry.installed((tmp_path / kind,))


def test_the_same_folder_twice_is_one(tmp_path: Path) -> None:
    plugin(tmp_path)
    registry = Registry.installed((tmp_path, tmp_path / ".." / tmp_path.name))
    assert registry.folders == (tmp_path,)
    assert registry.get("randomizers", "calm")
