"""The house's habits that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = sorted((ROOT / "simgen").rglob("*.py"))
DRAWERS = {"utils", "util", "common", "helpers", "core", "base", "misc"}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def tool(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def test_rooms_import_to_the_right_only():
    done = run(tool("lint-imports"))
    assert done.returncode == 0, done.stdout[-3000:]


def test_types_are_strict():
    done = run(tool("mypy"))
    assert done.returncode == 0, done.stdout[-3000:]


def test_code_is_linted_and_formatted():
    for arguments in (("check", "."), ("format", "--check", ".")):
        done = run(tool("ruff"), *arguments)
        assert done.returncode == 0, done.stdout[-3000:]


def test_no_drawers():
    assert not [p for p in CODE if p.stem in DRAWERS]


def test_files_and_functions_stay_small():
    sizes = sorted(len(p.read_text().splitlines()) for p in CODE)
    assert sizes[len(sizes) // 2] <= 120
    assert sizes[-1] <= 300
    long = []
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > 50:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {lines}")
    assert not long


def test_nothing_draws_from_global_generators():
    pattern = re.compile(
        r"\bnp\.random\.(?!Generator|PCG64|SeedSequence|BitGenerator)|^import random", re.M
    )
    assert not [p for p in CODE if pattern.search(p.read_text())]


def test_public_code_has_docstrings():
    missing = []
    for path in CODE:
        tree = ast.parse(path.read_text())
        if path.read_text().strip() and not ast.get_docstring(tree):
            missing.append(str(path.relative_to(ROOT)))
        for node in tree.body:
            if (
                isinstance(node, (ast.FunctionDef, ast.ClassDef))
                and not node.name.startswith("_")
                and not ast.get_docstring(node)
            ):
                missing.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not missing


def test_no_commit_names_a_registry_host():
    hosts = (
        "py" + "pi.org",
        "pythonhosted" + ".org",
        "deb.debian" + ".org",
        "registry.npmjs" + ".org",
    )
    listed = run("git", "ls-files").stdout.split()
    named = [f for f in listed for host in hosts
             if (ROOT / f).is_file() and host.encode() in (ROOT / f).read_bytes()]  # fmt: skip
    assert not named


def test_plugins_import_lightly():
    code = (
        "import sys; from simgen.plugin.registry import Registry; r = Registry.installed();"
        "bad = [e for e in r.entries() if e.problem]; assert not bad, bad;"
        "heavy = {'open3d', 'mujoco', 'cv2', 'trimesh', 'torch', 'bpy'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    done = run(sys.executable, "-c", code)
    assert done.returncode == 0, done.stderr


def scene_files() -> list[Path]:
    """Those of `scenes/` and those that plugin packages bring."""
    brought = [p for p in (ROOT / "plugins").rglob("*.yaml") if "simgen: 1" in p.read_text()]
    return [*sorted((ROOT / "scenes").glob("*.yaml")), *sorted(brought)]


@pytest.mark.parametrize("scene", scene_files(), ids=lambda p: p.stem)
def test_every_scene_file_validates_without_bpy_and_torch(scene: Path):
    # A name that stands for None cannot be imported and is not found: as if not installed.
    code = (
        "import sys; heavy = ('bpy', 'blenderproc', 'torch', 'torchvision', 'mathutils');"
        "sys.modules.update(dict.fromkeys(heavy)); from simgen.cli import main; main()"
    )
    inside = scene.relative_to(ROOT).parts
    more = ["--plugin-dir", str(ROOT / "plugins" / inside[1])] if inside[0] == "plugins" else []
    done = run(sys.executable, "-c", code, "check", str(scene), *more)
    assert done.returncode == 0, done.stderr


def test_the_makefile_is_what_the_readme_says():
    readme = (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in ("demo", "test"):
        assert f"make {target}" in readme
        assert re.search(rf"^{target}:", makefile, re.M)
    assert "exec make test" in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize(
    "farm", sorted((ROOT / "configs/farm").glob("*.yaml")), ids=lambda p: p.stem
)
def test_every_farm_file_validates(farm: Path):
    from simgen.pipeline.farm.settings import load_farm

    assert load_farm(str(farm)) == load_farm(farm.stem)
