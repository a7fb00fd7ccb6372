"""glTF 2.0 materials to surfaces; geometry is left to trimesh.

trimesh drops images that it cannot find and rounds colour factors to bytes, both in silence.
So the materials are read here, and the file is handed on with materials named by their
index and without images.
"""

from __future__ import annotations

import base64
import json
import math
import struct
from typing import Any
from urllib.parse import unquote

import numpy as np

from simgen.assets.folder import AssetFolder
from simgen.assets.gltf_checks import check_claims
from simgen.assets.images import Picture
from simgen.errors import AssetError, Fault
from simgen.records.asset import Image, Surface

_JSON, _BIN = 0x4E4F534A, 0x004E4942
_AGAIN = "the file is damaged: export it again"
_CURES = {
    "KHR_draco_mesh_compression": "let Blender decode it: simgen assets import FILE --out LIBRARY",
    "KHR_texture_basisu": "save its KTX textures as PNG or JPEG: export without texture "
    "compression, or `ktx extract` them",
    "EXT_meshopt_compression": "export without mesh compression (gltfpack without -c)",
}


def read_gltf_materials(
    data: bytes, folder: AssetFolder, name: str, max_faces: int
) -> tuple[bytes, list[tuple[str, Surface]]]:
    """The file without looks, and (name, surface) of each of its materials.

    Raises:
        AssetError: not glTF 2.0, a compressed form we cannot read, an image is missing, or it
            claims more than there is or than `max_faces` allows.
    """
    where = str(folder.path / name)
    try:
        head, binary = _split(data)
    except (ValueError, struct.error, KeyError, RecursionError) as error:
        raise AssetError(Fault(where, f"cannot be read as glTF: {error}", _AGAIN)) from None
    _check_extensions(head, where)
    try:
        check_claims(head, max_faces)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        text = str(error) if isinstance(error, ValueError) else f"{type(error).__name__} {error}"
        raise AssetError(Fault(where, f"its structure is malformed: {text}", _AGAIN)) from None
    try:
        found = _Materials(head, binary, folder, name).read()
        plain = _without_looks(head, binary, data)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        what = f"its materials are malformed: {type(error).__name__} {error}"
        raise AssetError(Fault(where, what, _AGAIN)) from None
    return plain, found


def _check_extensions(head: dict[str, Any], where: str) -> None:
    """Compression is refused by name, also where the file does not say that it is required."""
    known = {"KHR_texture_transform", "KHR_materials_emissive_strength"}
    needed = [str(e) for e in head.get("extensionsRequired", []) if e not in known]
    needed = [e for e in needed if not e.startswith("KHR_materials_")]
    needed += [str(e) for e in head.get("extensionsUsed", []) if e in _CURES and e not in needed]
    for name in needed:
        what = f"needs the glTF extension {name}"
        raise AssetError(Fault(where, what, _CURES.get(name, "export without compression")))


def _split(data: bytes) -> tuple[dict[str, Any], bytes]:
    if data[:4] != b"glTF":
        return _parsed(data), b""
    says = struct.unpack_from("<I", data, 8)[0]
    if says > len(data):
        raise ValueError(f"it is cut off: {says} bytes long, it says, and has {len(data)}")
    parts: dict[int, bytes] = {}
    at = 12
    while at + 8 <= len(data):
        length, kind = struct.unpack_from("<II", data, at)
        if at + 8 + length > len(data):
            raise ValueError(f"a chunk of {length} bytes reaches beyond its end")
        parts.setdefault(kind, data[at + 8 : at + 8 + length])
        at += 8 + length
    if _JSON not in parts:
        raise ValueError("it has no JSON chunk")
    return _parsed(parts[_JSON]), parts.get(_BIN, b"")


def _parsed(text: bytes) -> dict[str, Any]:
    """JSON whose numbers are numbers: Python reads NaN, and 1e999 as infinity."""

    def refuse(word: str) -> float:
        raise ValueError(f"expected a number, got {word}")

    def finite(word: str) -> float:
        value = float(word)
        return value if math.isfinite(value) else refuse(word)

    head = json.loads(text, parse_constant=refuse, parse_float=finite)
    if not isinstance(head, dict):
        raise ValueError("its JSON is no object")
    return head


def _without_looks(head: dict[str, Any], binary: bytes, data: bytes) -> bytes:
    plain = {k: v for k, v in head.items() if k not in ("images", "textures", "samplers")}
    if "materials" in head:
        plain["materials"] = [{"name": str(i)} for i in range(len(head["materials"]))]
    text = json.dumps(plain).encode()
    if data[:4] != b"glTF":
        return text
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    body = struct.pack("<II", len(text), _JSON) + text
    if binary:
        body += struct.pack("<II", len(binary), _BIN) + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


class _Materials:
    def __init__(self, head: dict[str, Any], binary: bytes, folder: AssetFolder, name: str) -> None:
        self.head, self.binary, self.folder, self.name = head, binary, folder, name
        self.pictures: dict[int, Picture] = {}

    def read(self) -> list[tuple[str, Surface]]:
        out = []
        for i, material in enumerate(self.head.get("materials", [])):
            out.append((str(material.get("name") or f"material_{i}"), self.surface(material)))
        return out

    def surface(self, material: dict[str, Any]) -> Surface:
        pbr = material.get("pbrMetallicRoughness", {})
        factor = [float(v) for v in pbr.get("baseColorFactor", (1, 1, 1, 1))]
        color = self.picture(pbr.get("baseColorTexture"))
        packed = self.picture(pbr.get("metallicRoughnessTexture"))
        normal = self.picture(material.get("normalTexture"))
        glow = self.picture(material.get("emissiveTexture"))
        alpha, alpha_image = _alpha(material, factor[3], color)
        more = material.get("extensions", {})
        strength = more.get("KHR_materials_emissive_strength", {}).get("emissiveStrength", 1.0)
        emission = [float(v) * float(strength) for v in material.get("emissiveFactor", (0, 0, 0))]
        return Surface(
            base_color=(factor[0], factor[1], factor[2]),
            base_color_image=color.rgb if color else None,
            alpha=alpha,
            alpha_image=alpha_image,
            roughness=float(pbr.get("roughnessFactor", 1.0)),
            roughness_image=_channel(packed, 1),
            metallic=float(pbr.get("metallicFactor", 1.0)),
            metallic_image=_channel(packed, 2),
            emission=(emission[0], emission[1], emission[2]),
            emission_image=glow.rgb if glow else None,
            normal_image=normal.rgb if normal else None,
            transmission=float(
                more.get("KHR_materials_transmission", {}).get("transmissionFactor", 0.0)
            ),
            ior=float(more.get("KHR_materials_ior", {}).get("ior", 1.5)),
        )

    def picture(self, reference: dict[str, Any] | None) -> Picture | None:
        if reference is None:
            return None
        index = self.head["textures"][int(reference["index"])].get("source")
        if index is None:
            what = f"texture {reference['index']} has no PNG or JPEG source"
            raise AssetError(Fault(str(self.folder.path / self.name), what, "export as PNG"))
        if index not in self.pictures:
            image = self.head["images"][index]
            where = f"{self.folder.path / self.name} image {index}"
            self.pictures[index] = self.folder.picture(self._image_bytes(image), where)
        return self.pictures[index]

    def _image_bytes(self, image: dict[str, Any]) -> bytes:
        if "uri" in image:
            return self._uri(image["uri"])
        view = self.head["bufferViews"][image["bufferView"]]
        buffer = self.head["buffers"][view["buffer"]]
        data = self._uri(buffer["uri"]) if "uri" in buffer else self.binary
        start = int(view.get("byteOffset", 0))
        return data[start : start + int(view["byteLength"])]  # `check_claims` has seen these

    def _uri(self, uri: str) -> bytes:
        if uri.startswith("data:"):
            return base64.b64decode(uri.partition(",")[2], validate=True)
        return self.folder.read(unquote(uri), self.name)


def _channel(picture: Picture | None, index: int) -> Image | None:
    return None if picture is None else np.ascontiguousarray(picture.rgb[:, :, index])


def _alpha(
    material: dict[str, Any], factor: float, color: Picture | None
) -> tuple[float, Image | None]:
    """Our rule is a hole below 0.5, so a MASK with its own cutoff is decided here."""
    mode = material.get("alphaMode", "OPAQUE")
    image = color.alpha if color is not None else None
    if mode == "OPAQUE":
        return 1.0, None
    if mode == "BLEND":
        return factor, image
    cutoff = float(material.get("alphaCutoff", 0.5))
    if image is None:
        return (1.0 if factor >= cutoff else 0.0), None
    return 1.0, np.where(image / 255.0 * factor >= cutoff, 255, 0).astype(np.uint8)
