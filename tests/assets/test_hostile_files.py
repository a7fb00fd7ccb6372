"""Files made to do harm are refused with the reason, before they take memory or time."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image

from simgen.assets.meshes import Meshes, MeshesParams
from simgen.assets.radiance import read_hdri
from simgen.errors import AssetError
from simgen.spec.fields import Root

TRIANGLE = "v 0 0 0\nv 1 0 0\nv 0 1 0\n"
MEBIBYTE = 1024**2


def _refused(path: Path, reason: str) -> None:
    params = MeshesParams(path=Root(str(path), path, "objects.parts.path"))
    tracemalloc.start()
    try:
        with pytest.raises(AssetError, match=reason) as caught:
            Meshes().build(params, path.stem)
        assert tracemalloc.get_traced_memory()[1] < 64 * MEBIBYTE
    finally:
        tracemalloc.stop()
    assert path.name in caught.value.faults[0].where
    assert caught.value.faults[0].cure


def _glb(tmp_path: Path, change: Any = None, tail: int = 0) -> Path:
    """A box as GLB; `change` edits its JSON, `tail` cuts bytes off."""
    data = trimesh.creation.box().export(file_type="glb")
    length = struct.unpack_from("<I", data, 12)[0]
    head, body = json.loads(data[20 : 20 + length]), data[20 + length :]
    if change is not None:
        change(head)
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 4)
    chunk = struct.pack("<II", len(text), 0x4E4F534A) + text
    whole = struct.pack("<4sII", b"glTF", 2, 12 + len(chunk) + len(body)) + chunk + body
    path = tmp_path / "bad.glb"
    path.write_bytes(whole[: len(whole) - tail])
    return path


@pytest.mark.parametrize("tail", [1, 400])
def test_a_truncated_glb(tmp_path: Path, tail: int) -> None:
    _refused(_glb(tmp_path, tail=tail), "cut off")


def _deep(head: Any) -> None:
    head["nodes"] = [{"children": [i + 1]} for i in range(999)] + [{"mesh": 0}]
    head["scenes"] = [{"nodes": [0]}]


def _many(head: Any) -> None:
    head["nodes"] = [{"mesh": 0} for _ in range(9_000)]
    head["meshes"][0]["primitives"] *= 20


def _often(head: Any) -> None:
    head["nodes"] = [{"mesh": 0} for _ in range(500)]
    head["meshes"][0]["primitives"] *= 30


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda h: h["accessors"][0].update(count=10**6), "accessor 0 needs"),
        (lambda h: h["accessors"][0].update(count=-1), "expected a whole number, got -1"),
        (lambda h: h["accessors"][0].update(componentType=9), "unknown type 9"),
        (lambda h: h["accessors"][0].update(bufferView=77), "names a buffer view 77"),
        (lambda h: h["bufferViews"][0].update(byteOffset=10**9), "reaches beyond its buffer"),
        (lambda h: h["bufferViews"][0].update(byteLength="x"), "expected a whole number"),
        (lambda h: h["meshes"][0]["primitives"][0].update(indices=50), "names an accessor 50"),
        (lambda h: h["accessors"].append(
            {"componentType": 5126, "type": "VEC3", "count": 4 * 10**9}), "accessors claim"),
        (lambda h: h["accessors"].extend([h["accessors"][1]] * 50_000), "50002 accessors"),
        (lambda h: h["nodes"][0].update(children=[0]), "more than one place, or inside itself"),
        (lambda h: h.update(nodes=[{"children": [1]}, {"children": [0], "mesh": 0}]),
            "2 of its nodes contain themselves"),
        (lambda h: h.update(nodes=[{"children": [7]}]), "names a node 7"),
        (_deep, "nested deeper"),
        (_many, "2160000 faces, more than max_faces"),
        (_often, "15000 primitives"),
        (lambda h: h.update(nodes=[{}] * 10_001), "10001 nodes"),
        (lambda h: h.update(nodes=[{"mesh": 0, "scale": [float("nan")] * 3}]),
            "expected a number, got NaN"),
        (lambda h: h.update(meshes=3), "malformed"),
        (lambda h: h.update(extensionsUsed=["KHR_draco_mesh_compression"]), "KHR_draco"),
        (lambda h: h.update(extensionsRequired=["KHR_texture_basisu"]), "KHR_texture_basisu"),
        (lambda h: h.update(extensionsRequired=["EXT_meshopt_compression"]), "EXT_meshopt"),
        (lambda h: h["buffers"][0].update(uri="../../etc/passwd"), "not inside"),
        (lambda h: h["buffers"][0].update(uri="/etc/passwd"), "not inside"),
    ],
)  # fmt: skip
def test_a_glb_that_lies(tmp_path: Path, change: Any, reason: str) -> None:
    _refused(_glb(tmp_path, change), reason)


def test_a_glb_whose_json_nests_deeper_than_the_parser(tmp_path: Path) -> None:
    (tmp_path / "bad.gltf").write_bytes(b'{"a":' * 200_000)
    _refused(tmp_path / "bad.gltf", "cannot be read as glTF")


def test_infinite_numbers_in_json(tmp_path: Path) -> None:
    path = _glb(tmp_path, lambda h: h["nodes"][0].update(translation=[7.125, 0, 0]))
    path.write_bytes(path.read_bytes().replace(b"7.125", b"1e999"))
    _refused(path, "expected a number, got 1e999")


def test_ten_million_faces(tmp_path: Path) -> None:
    stl = struct.pack("<80xI", 10**7)
    with (tmp_path / "bomb.stl").open("wb") as stream:
        stream.write(stl)
        stream.truncate(84 + 50 * 10**7)
    params = MeshesParams(path=Root("b", tmp_path / "bomb.stl", "objects.parts.path"))
    with pytest.raises(AssetError, match="10000000 faces, more than max_faces"):
        Meshes().build(params, "bomb")
    header = "ply\nformat binary_little_endian 1.0\nelement vertex 3\nproperty float x\n"
    header += "element face 10000000\nproperty list uchar int vertex_indices\nend_header\n"
    (tmp_path / "bomb.ply").write_bytes(header.encode() + bytes(100))
    _refused(tmp_path / "bomb.ply", "claims 10000000 of 'face', the file has")
    (tmp_path / "bomb.obj").write_bytes(TRIANGLE.encode() + b"f 1 2 3\n" * 2_000_001)
    _refused(tmp_path / "bomb.obj", "2000001 faces")
    (tmp_path / "dust.obj").write_bytes(b"v 0 0 0\n" * 200_000 + b"f 1 2 3\n")
    params = MeshesParams(path=Root("b", tmp_path / "dust.obj", "x"), max_faces=10)
    with pytest.raises(AssetError, match="200000 vertices, far more than"):
        Meshes().build(params, "dust")


def test_a_zip_bomb_is_no_mesh(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mug.obj", bytes(50 * MEBIBYTE))
    for suffix in ("obj", "ply", "stl", "glb"):
        (tmp_path / f"bad.{suffix}").write_bytes(packed.getvalue())
        _refused(tmp_path / f"bad.{suffix}", "cannot be read|no faces")


def _png(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_image_bombs(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(_png(50_000, 50_000))
    (tmp_path / "m.mtl").write_text("newmtl a\nmap_Kd bomb.png\n")
    (tmp_path / "bad.obj").write_text(f"mtllib m.mtl\nusemtl a\n{TRIANGLE}f 1 2 3\n")
    with pytest.raises(AssetError, match="2500000000 pixels"):
        Meshes().build(MeshesParams(path=Root("b", tmp_path / "bad.obj", "x")), "bad")
    ply = "ply\nformat ascii 1.0\ncomment TextureFile bomb.png\nelement vertex 3\n"
    ply += "".join(f"property float {name}\n" for name in "xyzuv") + "element face 1\n"
    ply += "property list uchar int vertex_indices\nend_header\n"
    (tmp_path / "bad.ply").write_text(ply + "0 0 0 0 0\n1 0 0 1 0\n0 1 0 0 1\n3 0 1 2\n")
    with pytest.raises(AssetError, match="2500000000 pixels"):
        Meshes().build(MeshesParams(path=Root("b", tmp_path / "bad.ply", "x")), "bad")


def test_one_picture_named_a_thousand_times_is_decoded_once(tmp_path: Path) -> None:
    Image.fromarray(np.full((512, 512, 3), 9, np.uint8)).save(tmp_path / "p.png")
    (tmp_path / "m.mtl").write_text("".join(f"newmtl a{i}\nmap_Kd p.png\n" for i in range(1000)))
    (tmp_path / "ok.obj").write_text(f"mtllib m.mtl\n{TRIANGLE}" + "".join(
        f"usemtl a{i}\nf 1 2 3\n" for i in range(1000)))  # fmt: skip
    params = MeshesParams(path=Root("b", tmp_path / "ok.obj", "x"))
    tracemalloc.start()
    asset = Meshes().build(params, "ok")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(asset.slots) == 1000
    assert peak < 128 * MEBIBYTE


def test_panorama_bombs_are_refused_by_their_headers() -> None:
    hdr = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 30000 +X 30000\n" + bytes(100)
    window = b"dataWindow\0box2i\0" + struct.pack("<5i", 16, 0, 0, 29999, 29999)
    exr = b"v/1\x01\x02\0\0\0" + window + bytes(100)
    for data in (hdr, exr, _png(30_000, 30_000)):
        with pytest.raises(AssetError, match=r"30000 x 30000 pixels|900000000 pixels"):
            read_hdri(data, "bomb")
    with pytest.raises(AssetError, match="cannot be read"):
        read_hdri(hdr[:40], "cut")


def test_a_ktx_texture_names_the_cure(tmp_path: Path) -> None:
    (tmp_path / "t.png").write_bytes(b"\xabKTX 20\xbb\r\n\x1a\n" + bytes(64))
    (tmp_path / "m.mtl").write_text("newmtl a\nmap_Kd t.png\n")
    (tmp_path / "bad.obj").write_text(f"mtllib m.mtl\nusemtl a\n{TRIANGLE}f 1 2 3\n")
    with pytest.raises(AssetError, match="KTX") as caught:
        Meshes().build(MeshesParams(path=Root("b", tmp_path / "bad.obj", "x")), "bad")
    assert "PNG" in caught.value.faults[0].cure
