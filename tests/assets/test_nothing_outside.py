"""Nothing outside an asset's folder is opened, whatever its files name: every open is watched.

Python's audit hooks see each `open` of the interpreter, links resolved or not; they cannot be
taken off again, so the reading happens in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

TRIANGLE = "v 0 0 0\nv .1 0 0\nv 0 .1 0\nvt 0 0\nvt 1 0\nvt 0 1\n"
PLY = "ply\nformat ascii 1.0\ncomment TextureFile {}\nelement vertex 3\n" + "".join(
    f"property float {name}\n" for name in "xyzuv"
) + "element face 1\nproperty list uchar int vertex_indices\nend_header\n"  # fmt: skip
PLY += "0 0 0 0 0\n1 0 0 1 0\n0 1 0 0 1\n3 0 1 2\n"

WATCH = """
import json, os, sys
from pathlib import Path
import cv2, numpy, scipy.spatial, trimesh, trimesh.exchange.load, yaml, PIL.PngImagePlugin
import scipy.sparse.csgraph, trimesh.visual.texture
from simgen.assets.lint.lint import lint
from simgen.assets.meshes import Meshes, MeshesParams
from simgen.errors import AssetError
from simgen.plugin.material_folders import material_sets
from simgen.plugin.files import file_ref
from simgen.spec.fields import Root

inside, opened = Path(sys.argv[1]).resolve(), set()

def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        opened.add(os.path.realpath(os.fsdecode(arguments[0])))

sys.addaudithook(watch)
told = {}
for folder in sorted(inside.iterdir()):
    root = Root(str(folder), folder, "objects.parts.path")
    params = MeshesParams(path=root)
    try:
        for variant in Meshes().variants(params):
            Meshes().build(params, variant.name)
        told[folder.name] = ""
    except AssetError as error:
        told[folder.name] = str(error)
    for look in (lambda: lint(folder), lambda: material_sets(root)):
        try:
            look()
        except AssetError:
            pass
ours = [p for p in opened if Path(p).is_relative_to(inside.parent)]
bad = [p for p in ours if not Path(p).is_relative_to(inside)]
system = [p for p in opened if p.startswith("/etc/")]
print(json.dumps({"told": told, "bad": bad, "system": system, "seen": len(ours)}))
"""


def _gltf(folder: Path, uri: str) -> None:
    for name, data in trimesh.creation.box().export(file_type="gltf").items():
        (folder / name).write_bytes(data)
    path = folder / "model.gltf"
    tree = json.loads(path.read_text())
    tree["images"], tree["textures"] = [{"uri": uri}], [{"source": 0}]
    tree["materials"] = [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]
    tree["meshes"][0]["primitives"][0]["material"] = 0
    path.write_text(json.dumps(tree))


def _gltf_buffer(folder: Path, uri: str) -> None:
    for name, data in trimesh.creation.box().export(file_type="gltf").items():
        (folder / name).write_bytes(data)
    path = folder / "model.gltf"
    tree = json.loads(path.read_text())
    tree["buffers"][0]["uri"] = uri
    path.write_text(json.dumps(tree))


def _obj(folder: Path, mtllib: str, texture: str = "") -> None:
    (folder / "a.obj").write_text(f"mtllib {mtllib}\nusemtl p\n{TRIANGLE}f 1/1 2/2 3/3\n")
    (folder / "m.mtl").write_text(f"newmtl p\nmap_Kd {texture}\n" if texture else "newmtl p\n")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """Folders that each try another way to a file beside them; and one that is sound."""
    secret, picture = tmp_path / "secret.mtl", tmp_path / "secret.png"
    secret.write_text("newmtl p\nKd 1 0 0\n")
    Image.fromarray(np.full((4, 4, 3), 9, np.uint8)).save(picture)
    (tmp_path / "secret.bin").write_bytes(bytes(4096))
    top = tmp_path / "assets"

    def folder(name: str) -> Path:
        (top / name).mkdir(parents=True)
        return top / name

    _obj(folder("mtl_up"), "../../secret.mtl")
    _obj(folder("mtl_absolute"), str(secret))
    _obj(folder("mtl_backslash"), "..\\..\\secret.mtl")
    _obj(folder("texture_up"), "m.mtl", "../../secret.png")
    _obj(folder("texture_absolute"), "m.mtl", str(picture))
    for name, uri in (
        ("up", "../../secret.png"),
        ("absolute", str(picture)),
        ("escaped", "%2e%2e/%2e%2e/secret.png"),
        ("scheme", f"file://{picture}"),
    ):
        _gltf(folder(f"gltf_{name}"), uri)
    _gltf_buffer(folder("gltf_buffer"), "../../secret.bin")
    (folder("ply_up") / "a.ply").write_text(PLY.format("../../secret.png"))
    linked = folder("link")
    _obj(linked, "m.mtl", "p.png")
    (linked / "p.png").symlink_to(picture)
    around = folder("link_folder")
    (around / "sub").symlink_to(tmp_path, target_is_directory=True)
    _obj(around, "m.mtl", "sub/secret.png")
    whole = folder("link_mesh")
    (tmp_path / "secret.obj").write_text(f"{TRIANGLE}f 1 2 3\n")
    (whole / "a.obj").symlink_to(tmp_path / "secret.obj")
    notes = folder("notes")
    trimesh.creation.box().export(notes / "a.glb")
    (notes / "a.asset.yaml").write_text(
        "cycles_original: true\nblend: ../../secret.png\nmaterials: {default: x}\n"
    )
    ledger = folder("ledger")
    (tmp_path / "secret.json").write_text("{}")
    (ledger / "a.obj").write_text(f"{TRIANGLE}f 1 2 3\n")
    (ledger / "ledger.json").symlink_to(tmp_path / "secret.json")
    (ledger / "LICENSE").symlink_to(secret)
    maps = folder("maps")
    (maps / "a.obj").write_text(f"{TRIANGLE}f 1 2 3\n")
    (maps / "Bricks_Color.png").symlink_to(picture)
    sound = folder("sound")
    _obj(sound, "m.mtl", "p.png")
    Image.fromarray(np.full((4, 4, 3), 9, np.uint8)).save(sound / "p.png")
    return top


def test_nothing_outside_is_opened(hostile: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WATCH, str(hostile)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout.splitlines()[-1])
    assert facts["bad"] == []
    assert facts["system"] == []
    assert facts["seen"] > 20  # the hook saw the files that may be read
    told = facts["told"]
    allowed = {"sound", "ledger", "maps"}  # a mesh that can be read; what is linked is left alone
    assert {name for name, text in told.items() if not text} == allowed
    for name, text in told.items():
        if name not in allowed:
            # `file:///x` is taken for a name inside the folder, where there is none of it.
            reasons = ("not inside", "leads out", "lead out", "'file:///")
            assert any(reason in text for reason in reasons), f"{name}: {text}"
