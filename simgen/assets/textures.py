"""Texture recipes to images."""

from __future__ import annotations

from typing import Any

import numpy as np

from simgen.assets.images import decode_image
from simgen.assets.ledger import credit_of
from simgen.assets.patterns import PATTERNS, bake_pattern
from simgen.assets.radiance import EXR_MAGIC, read_hdri
from simgen.errors import AssetError, Fault
from simgen.plugin.files import BUNDLED, bundled_hdris, locate, sha256_of
from simgen.records.asset import Credit, Image
from simgen.records.material import FileRef, Texture
from simgen.spec.fields import Root


def realise_texture(texture: Texture, roots: dict[str, Root]) -> Image:
    """uint8[H, W, 3] of a pattern or an image file, as stored; transparency shows white.

    An EXR file is a map of numbers in [0, 1] (roughness, normals) and stays linear.

    Args:
        roots: the scene's path settings by dotted name.

    Raises:
        AssetError: unknown pattern, missing or changed file, or a broken image.
    """
    if texture.pattern in PATTERNS:
        return bake_pattern(texture.pattern, texture.params)
    if texture.pattern != "file" or texture.file is None:
        what = f"unknown pattern {texture.pattern!r}"
        raise AssetError(Fault("texture", what, f"known: {', '.join(sorted(PATTERNS))}, file"))
    data, where = read_ref(texture.file, roots)
    if data[:4] == EXR_MAGIC:
        numbers = np.clip(read_hdri(data, where), 0, 1)
        return np.asarray(numbers * 255 + 0.5, np.uint8)
    picture = decode_image(data, where)
    if picture.alpha is None:
        return _cut_out(picture.rgb, texture.params)
    share = picture.alpha[:, :, None].astype(float) / 255
    image: Image = (picture.rgb * share + 255 * (1 - share) + 0.5).astype("uint8")
    return _cut_out(image, texture.params)


def _cut_out(image: Image, params: dict[str, Any]) -> Image:
    """The part `crop` (x, y, width, height as shares), mirrored if `flip`."""
    height, width = image.shape[:2]
    x, y, w, h = params.get("crop", (0.0, 0.0, 1.0, 1.0))
    left, top = int(x * width), int(y * height)
    right, bottom = max(left + 1, round((x + w) * width)), max(top + 1, round((y + h) * height))
    part = image[top:bottom, left:right]
    return np.ascontiguousarray(part[:, ::-1] if params.get("flip") else part)


def read_ref(ref: FileRef, roots: dict[str, Root]) -> tuple[bytes, str]:
    """Content of a referenced file and its path for messages, its hash checked.

    Raises:
        AssetError: the setting is gone, the file is missing, or its content has changed.
    """
    path = locate(_root_of(ref, roots), ref.name)
    if sha256_of(path) != ref.sha256:
        what = "the file has changed since the world was drawn"
        raise AssetError(Fault(str(path), what, "restore it, or draw into a new folder"))
    return path.read_bytes(), str(path)


def file_credit(ref: FileRef, roots: dict[str, Root]) -> Credit:
    """Whose work a texture or environment is; without a row in a ledger only its licence.

    Raises:
        AssetError: the setting or the file is gone, or the ledger is malformed.
    """
    root = _root_of(ref, roots)
    path = locate(root, ref.name)
    credit = credit_of(path, root.location if root.location.is_dir() else path.parent)
    return credit if credit.sha256 else Credit("", credit.licence)


def _root_of(ref: FileRef, roots: dict[str, Root]) -> Root:
    root = bundled_hdris() if ref.root == BUNDLED else roots.get(ref.root)
    if root is None:
        what = f"the scene has no path setting {ref.root!r}"
        raise AssetError(Fault(ref.root, what, "use the scene file that made this record"))
    return root
