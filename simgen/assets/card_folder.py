"""Faces of cards from a folder of images, in the two naming styles that are around."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simgen.assets.images import Picture, decode_image
from simgen.errors import AssetError, Fault
from simgen.plugin.files import IMAGE_SUFFIXES, list_files, locate, sha256_of
from simgen.records.asset import Image
from simgen.spec.fields import Root

_WORDS = ("ace", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_RANKS = {name: str(i + 1) for i, name in enumerate(_WORDS)}
_LETTERS = {"a": "ace", "t": "ten", "j": "jack", "q": "queen", "k": "king", "1": "ace"}
_LETTERS |= {number: name for name, number in _RANKS.items()}
_SUITS = {"s": "spades", "h": "hearts", "d": "diamonds", "c": "clubs"}
_LONG = re.compile(r"^(?P<rank>\d+|[a-z]+?)[ _-]?of[ _-]?(?P<suit>spades|hearts|diamonds|clubs)$")
_SHORT = re.compile(r"^(?P<rank>10|[2-9atjqk1])[ _-]?(?P<suit>[shdc])$")
_WHITE_MARGIN = 0.04


def faces_of(folder: Root) -> dict[tuple[str, str], str]:
    """File names by (rank, suit); names that are neither style are left aside.

    Raises:
        AssetError: the folder is missing or holds no image.
    """
    out: dict[tuple[str, str], str] = {}
    for name in list_files(folder, IMAGE_SUFFIXES):
        stem = name.rpartition("/")[2].rpartition(".")[0].lower()
        match = _LONG.match(stem) or _SHORT.match(stem)
        if match is None:
            continue
        rank = _LETTERS.get(match["rank"], match["rank"])
        out.setdefault((rank, _SUITS.get(match["suit"], match["suit"])), name)
    return out


def ranks_in_folder(
    folder: Root, wanted: Sequence[str] | None, suits: Sequence[str], known: Sequence[str]
) -> Sequence[str]:
    """The ranks that the folder has in all of these suits, in the order of `known`.

    Raises:
        AssetError: a wanted card has no image, or there is none at all.
    """
    there = faces_of(folder)
    if wanted is None:
        found = [rank for rank in known if all((rank, suit) in there for suit in suits)]
        if not found:
            what = f"no rank has a face for {', '.join(suits)} in {folder.location}"
            cure = "name the files 10_of_spades.png or ts.png"
            raise AssetError(Fault(folder.name or folder.written, what, cure))
        return found
    missing = [f"{r} of {s}" for r in wanted for s in suits if (r, s) not in there]
    if missing:
        what = f"there is no image of the {', '.join(missing[:5])} in {folder.location}"
        raise AssetError(Fault(folder.name or folder.written, what, "leave the rank out"))
    return wanted


def folder_face(
    folder: Root,
    rank: str,
    suit: str,
    fit: tuple[float, float | None, str],
    files: dict[str, str],
) -> Image:
    """The face's image at the card's aspect.

    Args:
        fit: height over width of the card, white margin or None, `keep` or `stretch`.
        files: gets the name and sha256 of what is read.

    Raises:
        AssetError: there is no such file, or it is broken.
    """
    name = faces_of(folder).get((rank, suit))
    if name is None:
        what = f"there is no image of the {rank} of {suit} in {folder.location}"
        raise AssetError(Fault(folder.name or folder.written, what, "leave the rank out"))
    picture = _read(folder, name, files)
    shape, pad, aspect = fit
    if pad is None:
        pad = 0.0 if picture.alpha is not None else _WHITE_MARGIN
    return fitted(picture, shape, pad, aspect)


def folder_back(folder: Root, shape: float, aspect: str, files: dict[str, str]) -> Image | None:
    """The image of the back (`card_back.png`, `back.png`), or None if the folder has none.

    Raises:
        AssetError: it is broken.
    """
    for name in list_files(folder, IMAGE_SUFFIXES):
        stem = name.rpartition("/")[2].rpartition(".")[0].lower()
        if re.match(r"^(card[ _-]?)?back", stem):
            return fitted(_read(folder, name, files), shape, 0.0, aspect)
    return None


def fitted(picture: Picture, shape: float, pad: float, aspect: str) -> Image:
    """The picture on white, with a margin, at the card's aspect (height over width)."""
    import cv2

    rgb: NDArray[np.uint8] = picture.rgb
    if picture.alpha is not None:
        share = picture.alpha[:, :, None].astype(np.float64) / 255
        rgb = (rgb * share + 255 * (1 - share) + 0.5).astype(np.uint8)
    rgb = np.where(_outline(picture)[:, :, None], np.uint8(255), rgb)
    height, width = rgb.shape[:2]
    inner = (shape - 2 * pad) / (1 - 2 * pad)
    if aspect == "stretch":
        rgb = cv2.resize(rgb, (width, max(round(width * inner), 1)), interpolation=cv2.INTER_AREA)
        height = rgb.shape[0]
    room_w = max(width, height / inner) / (1 - 2 * pad)
    out_w, out_h = round(room_w), round(room_w * shape)
    out_w, out_h = max(out_w, width), max(out_h, height)
    out = np.full((out_h, out_w, 3), 255, np.uint8)
    x, y = (out_w - width) // 2, (out_h - height) // 2
    out[y : y + height, x : x + width] = rgb
    return out


def _outline(picture: Picture) -> NDArray[np.bool_]:
    """The drawn outline of the card and what lies outside, bool[H, W].

    Such a line marks where the card ends; our mesh ends there itself, and the line would show
    as a second edge inside it. The inside is what the alpha channel says, or what white filled
    in from the corners cannot reach; if that runs into the picture there is no outline.
    """
    import cv2

    height, width = picture.rgb.shape[:2]
    if picture.alpha is not None:
        inside = (picture.alpha > 127).astype(np.uint8)
    else:
        filled = np.zeros((height + 2, width + 2), np.uint8)
        image = picture.rgb.copy()
        for corner in ((0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)):
            cv2.floodFill(image, filled, corner, 0, (12, 12, 12), (12, 12, 12), 4)
        inside = (filled[1:-1, 1:-1] == 0).astype(np.uint8)
    if not 0 < (inside == 0).mean() < 0.02:
        return np.zeros((height, width), bool)
    reach = 2 * max(round(0.008 * width), 2) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    kept = cv2.erode(inside, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(kept == 0, bool)


def _read(folder: Root, name: str, files: dict[str, str]) -> Picture:
    path = locate(folder, name)
    files[name] = sha256_of(path)
    return decode_image(path.read_bytes(), str(path))
