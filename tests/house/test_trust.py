"""docs/trust.md: every claim has a test that exists, and those that nobody else makes are here."""

from __future__ import annotations

import ast
import json
import os
import pickle
import re
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from simgen.dataset.coco import finalize
from simgen.dataset.layout import Layout
from simgen.dataset.npz import decode_npz
from simgen.dataset.verifying import verify
from simgen.errors import RunFolderError, SceneFileError, SimgenError
from simgen.pipeline import runs
from simgen.pipeline.exporting import export_set
from simgen.pipeline.farm.jobs.job import check_name
from simgen.pipeline.importing import import_set
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.pool import INLINE
from simgen.pipeline.repair import repair
from simgen.pipeline.run import render_dataset
from simgen.pipeline.status import status_of
from simgen.render.cycles.shelving import tidy
from simgen.spec.rig import CameraName
from simgen.spec.scene_file import Key
from simgen.spec.splits import SplitName

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "trust.md").read_text()
SCENE = """\
simgen: 1
scene: {type: flying}
objects:
  blocks: {asset: box, count: 2, category: block}
views_per_world: 2
frames: 4
render: {engine: raycast, size: [48, 32], quality: draft}
splits: {train: 0.5, val: 0.5}
"""
NASTY = ["../evil", "/etc/evil", "..", "a/b", "a\\b", "C:\\evil", "", "a\0b", ".hidden", "a\nb"]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A run folder, as a stranger would hand it over."""
    scene = tmp_path / "scene.yaml"
    scene.write_text(SCENE)
    render_dataset(RenderRequest(scene), tmp_path / "set" / "out")
    return tmp_path / "set" / "out"


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_every_claim_names_a_test_that_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > 15
    rows = [row for row in PAGE.splitlines() if row.startswith("|") and "tests/" not in row]
    assert all(set(row) <= set("|-") or row == "| claim | test |" for row in rows)
    lost = [
        f"{file}::{name}"
        for file, name in named
        if not re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.M)
    ]
    assert not lost


def test_no_unsafe_calls_in_the_code() -> None:
    """Nothing evaluates text, unpickles, goes through a shell, or unpacks archives."""
    banned = {"eval", "exec", "os.system", "os.popen", "yaml.load", "yaml.full_load",
              "yaml.unsafe_load", "pickle.load", "pickle.loads", "marshal.loads", "shelve.open",
              "joblib.load", "dill.loads", "shutil.unpack_archive"}  # fmt: skip
    found = []
    for path in sorted((ROOT / "simgen").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name, words = (
                ast.unparse(node.func),
                {k.arg: ast.unparse(k.value) for k in node.keywords},
            )
            wrong = name in banned or name.endswith(".extractall") or words.get("shell") == "True"
            wrong |= words.get("allow_pickle") == "True" or words.get("trust_remote_code") == "True"
            wrong |= name == "torch.load" and words.get("weights_only") != "True"
            if wrong:
                found.append(f"{path.relative_to(ROOT).as_posix()} {name}")
    # Behind `trust_pickle`.
    assert found == ["simgen/learn/_torch_weights.py torch.load"]


class _Bait:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


def test_arrays_with_objects_are_not_unpickled(tmp_path: Path) -> None:
    mark, file = tmp_path / "mark", tmp_path / "passes.npz"
    np.savez(file, depth=np.array([_Bait(mark)], dtype=object))
    with pytest.raises(RunFolderError, match="allow_pickle"):
        decode_npz(file)
    assert not mark.exists()
    pickle.loads(pickle.dumps(_Bait(mark)))
    assert mark.exists(), "the bait is none"


def test_plugin_folders_in_a_run_log_are_not_loaded(out: Path, tmp_path: Path) -> None:
    mark, folder = tmp_path / "mark", tmp_path / "plugins"
    folder.mkdir()
    (folder / "evil.py").write_text(f"open({str(mark)!r}, 'w').close()\nPLUGINS = {{}}\n")
    for log in (out / "runs").glob("*.json"):
        edit(log, plugin_dirs=[str(folder)])
    Layout(out).output("rgb", 1).unlink()
    assert repair(out, list(verify(out)), INLINE).frames == 1
    assert finalize(out)[0] == 4
    assert status_of(out).done == 4
    assert not mark.exists()


def test_programs_in_a_run_folder_are_not_started(out: Path, tmp_path: Path) -> None:
    """An interpreter for Blender is taken from the command line alone."""
    mark, program = tmp_path / "mark", tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {mark}\nexit 1\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    manifest = json.loads(Layout(out).manifest.read_text())
    edit(Layout(out).manifest, engine="cycles", quality={"samples": 1, "python": str(program)})
    for log in (out / "runs").glob("*.json"):
        edit(log, machine={"python": str(program), "timeout_s": 20, "retries": 0})
    record = Layout(out).record(0)
    words = [sys.executable, "-m", "simgen.cli", "render", "--spec", str(record)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=240)
    assert not mark.exists(), done.stderr
    assert "names a program" in done.stderr
    told = [*words, "--set", f"render.settings.cycles.python={program}"]
    subprocess.run(told, capture_output=True, text=True, timeout=240)
    assert mark.exists(), "the bait is none"
    assert manifest["engine"] == "raycast"


@pytest.mark.parametrize("name", NASTY)
def test_names_in_scene_files_lead_nowhere(name: str) -> None:
    for kind in (Key, CameraName, SplitName):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(name)
    with pytest.raises(SceneFileError):
        check_name(name)


@pytest.mark.parametrize("name", NASTY)
def test_names_of_assets_become_tame_file_names(name: str, tmp_path: Path) -> None:
    tame = tidy(name)
    assert (tmp_path / tame).resolve().parent == tmp_path.resolve()
    assert not tame.startswith(".")
    assert "\0" not in tame


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/../../evil", "instances"])
def test_a_manifest_cannot_name_files_elsewhere(out: Path, tmp_path: Path, name: str) -> None:
    before = everything(tmp_path)
    edit(Layout(out).manifest, splits={"train": 0.5, name: 0.5})
    with pytest.raises(RunFolderError):
        finalize(out)
    assert everything(tmp_path) == before


def test_repair_removes_nothing_elsewhere(out: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("dear reader")
    for number, name in enumerate(("../../secret", str(secret), "images/../../../secret")):
        path = Layout(out).record(number)
        record = json.loads(path.read_text())
        record["files"]["rgb"]["name"] = name
        path.write_text(json.dumps(record))
    assert repair(out, list(verify(out)), INLINE).frames == 3
    assert secret.read_text() == "dear reader"
    assert not list(verify(out))


@pytest.mark.parametrize("writer", ["coco", "yolo", "voc", "kitti", "webdataset", "huggingface"])
def test_categories_named_like_paths_write_nothing_elsewhere(tmp_path: Path, writer: str) -> None:
    source = tmp_path / "labels"
    (source / "images").mkdir(parents=True)
    from PIL import Image

    Image.new("RGB", (40, 30), "red").save(source / "images" / "a.png")
    names = ["../../evil", "/tmp/evil", "a/b"]
    data = {
        "images": [{"id": 1, "file_name": "a.png", "width": 40, "height": 30}],
        "categories": [{"id": i + 1, "name": name} for i, name in enumerate(names)],
        "annotations": [
            {"id": i + 1, "image_id": 1, "category_id": i + 1, "bbox": [1 + 9 * i, 2, 8, 8]}
            for i in range(3)
        ],
    }
    (source / "labels.json").write_text(json.dumps(data))
    import_set(source / "labels.json", tmp_path / "deep" / "set")
    before = everything(tmp_path)
    refused = True
    with suppress(SimgenError):
        export_set(tmp_path / "deep" / "set", tmp_path / "deep" / "export", writer)
        refused = False
    new = everything(tmp_path) - before
    assert refused != bool(new)
    assert all(name.startswith("deep/export/") for name in new), new
    assert not Path("/tmp/evil").exists()


def test_logs_of_strangers_are_read_as_data(out: Path) -> None:
    (out / "runs" / "20990101T000000.000000-ffffff.json").write_text('{"id": {"$ref": "x"}}')
    assert runs.newest(out) is not None
