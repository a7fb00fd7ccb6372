"""docs/farm.md: its recipes are copied and carried out, smaller; the container's recipe holds."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from simgen.pipeline.farm.settings import load_farm
from tests.cli.test_farm import SBATCH

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "farm.md").read_text()
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text()
SMALL = "--frames 4 --renderer raycast --quality draft --set render.size=[64,48] --jobs 1"


def recipe(title: str) -> str:
    """The commands below a heading."""
    section = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return re.search(r"```sh\n(.*?)```", section, re.S).group(1)  # type: ignore[union-attr]


def contents(out: Path) -> dict[str, bytes]:
    files = (p for p in out.rglob("*") if p.is_file() and "runs" not in p.relative_to(out).parts)
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in files}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with the scenes, `simgen` on the path and a stand-in for `sbatch`."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "scenes").symlink_to(ROOT / "scenes")
    tools = folder / "bin"
    tools.mkdir()
    (tools / "simgen").write_text(f'#!/bin/sh\nexec {sys.executable} -m simgen.cli "$@"\n')
    (tools / "sbatch").write_text(SBATCH.format(python=sys.executable, log=str(folder / "log")))
    for tool in tools.iterdir():
        tool.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def carry_out(place: Path) -> Callable[[str], str]:
    """Runs lines of the page, with few small frames, until one fails."""

    def run(lines: str) -> str:
        small = lines.replace("--frames 2000", SMALL).replace("--shards 16", "--shards 2")
        path = f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", "-e"], input=small, cwd=place, env=os.environ | {"PATH": path},
            capture_output=True, text=True, timeout=500,
        )  # fmt: skip
        assert done.returncode == 0, f"{small}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


@pytest.fixture(scope="module")
def local(place: Path, carry_out: Callable[[str], str]) -> dict[str, bytes]:
    """What the recipe for this machine makes."""
    lines = recipe("Recipe: this machine")
    assert lines.count("--frames 2000") == 2
    told = carry_out(lines)
    assert "4 of 4 done" in told
    return contents(place / "out" / "dice")


def test_the_recipe_for_this_machine(local: dict[str, bytes]) -> None:
    assert sum(name.startswith("frames/") for name in local) == 4


def test_the_recipe_for_a_slurm_array(
    local: dict[str, bytes], place: Path, carry_out: Callable[[str], str]
) -> None:
    lines = recipe("Recipe: a Slurm array")
    told = carry_out(lines.replace("out/dice", "out/array"))
    assert "shards: job" in told
    assert "4 of 4 done" in told
    assert contents(place / "out" / "array") == local


@pytest.fixture
def ray_address() -> Iterator[str]:
    """Two nodes on this machine; never `ray stop`, which would end other people's, too."""
    pytest.importorskip("ray", reason="ray (extra `farm`) is not installed")
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 1, "object_store_memory": 80 << 20, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    cluster.add_node(num_cpus=1, object_store_memory=80 << 20)
    yield cluster.address
    cluster.shutdown()


def test_the_recipe_for_a_ray_cluster(
    local: dict[str, bytes], place: Path, carry_out: Callable[[str], str], ray_address: str
) -> None:
    lines = recipe("Recipe: a Ray cluster").splitlines(keepends=True)
    setup = [line for line in lines if not line.startswith("simgen")]
    assert [line.split()[:2] for line in setup] == [
        ["pip", "install"],
        ["ray", "start"],
        ["ray", "start"],
    ]
    ours = "".join(line for line in lines if line.startswith("simgen"))
    ours = ours.replace("/shared/dice", str(place / "out" / "ray"))
    told = carry_out(ours.replace("head:6379", ray_address))
    assert "4 of 4 done" in told
    assert contents(place / "out" / "ray") == local


def test_the_kubernetes_file_of_the_page(place: Path, carry_out: Callable[[str], str]) -> None:
    lines = [line for line in recipe("Kubernetes").splitlines() if not line.startswith("kubectl")]
    carry_out("\n".join(lines))
    shards, index = yaml.safe_load_all((place / "dice.yaml").read_text())
    assert shards["spec"]["completions"] == 2
    assert "--wait" in index["spec"]["template"]["spec"]["containers"][0]["command"][2]


def test_the_settings_of_the_page_are_settings(tmp_path: Path) -> None:
    text = re.search(r"```yaml\n(.*?)```", PAGE, re.S).group(1)  # type: ignore[union-attr]
    (tmp_path / "farm.yaml").write_text(text)
    farm = load_farm(str(tmp_path / "farm.yaml"))
    assert (farm.jobs, farm.price_per_hour) == (8, 0.35)


def test_what_the_container_copies_makes_a_whole_wheel(tmp_path: Path) -> None:
    """As far as it goes without a container: the copied files alone are built and looked into."""
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for line in re.findall(r"^COPY (.*)$", DOCKERFILE, re.M):
        *sources, target = line.split()
        for name in sources:
            assert f"!{name}" in ignored, f"{name} does not reach the build"
            if target.startswith("/tmp"):
                continue
            if (ROOT / name).is_dir():
                skip = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / name, tmp_path / "src" / target, ignore=skip)
            else:
                (tmp_path / "src").mkdir(exist_ok=True)
                shutil.copy(ROOT / name, tmp_path / "src")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=tmp_path / "src", check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"simgen/scenes/dice.yaml", "simgen/configs/farm/local.yaml"} <= names
    assert "simgen/cli/farm.py" in names
    assert 'pip install --no-cache-dir --constraint constraints.txt ".[${EXTRAS}]"' in DOCKERFILE
    extras = re.search(r"^ARG EXTRAS=(.*)$", DOCKERFILE, re.M).group(1)  # type: ignore[union-attr]
    project = (ROOT / "pyproject.toml").read_text()
    assert all(re.search(rf"^{extra} = \[", project, re.M) for extra in extras.split(","))
