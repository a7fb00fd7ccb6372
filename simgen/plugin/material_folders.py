"""PBR materials as image files: folders as ambientCG, Poly Haven and most others name them."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from simgen.errors import AssetError, Fault
from simgen.plugin.files import IMAGE_SUFFIXES, list_files
from simgen.spec.fields import Root

# What the last words of a file name say. Height and ambient occlusion are known, so that they
# are not taken for something else, and not used: geometry and light make both.
_WORDS = {
    "color": "color|col|basecolor|base_color|diffuse|diff|albedo",
    "roughness": "roughness|rough",
    "metallic": "metalness|metallic|metal",
    "arm": "arm|orm",
    "normal": "normalgl|nor_gl|normal_gl|normal_opengl|normal|nor|nrm",
    "normal_dx": "normaldx|nor_dx|normal_dx|normal_directx",
    "opacity": "opacity|alpha|mask",
    "emission": "emission|emissive|emit",
    "": "displacement|displace|disp|height|bump|ambientocclusion|ambient_occlusion|ao|spec|gloss",
}
_CHANNEL = {word: name for name, words in _WORDS.items() for word in words.split("|")}
# `Bricks001_1K-JPG_Color`, `brick_wall_nor_gl_2k`: the size and the format name no map.
_SIZE = re.compile(r"[_-](\d{1,2}k|\d{3,4}px)([_-](jpe?g|png|exr))?(?=[_-]|$)", re.I)
_ANY = "|".join(sorted(_CHANNEL, key=len, reverse=True))
_MAP = re.compile(rf"^(.+?)[_-]({_ANY})(_?\d+)?$", re.I)
DATA_SUFFIX = ".exr"  # as Poly Haven gives normals and roughness


def material_sets(root: Root) -> dict[str, dict[str, str]]:
    """Materials below a folder, sorted by name: what each map (`color`, `roughness`, `metallic`,
    `arm`, `normal`, `normal_dx`, `opacity`, `emission`) is called below `root`.

    A material needs a colour map; of several sizes of one map the first by name is taken.

    Raises:
        AssetError: there are no images, or none that makes up a material.
    """
    found: dict[str, dict[str, str]] = {}
    files = list_files(root, (*IMAGE_SUFFIXES, DATA_SUFFIX))
    for file in sorted(files, key=lambda f: (f.lower().endswith(DATA_SUFFIX), f)):
        path = PurePosixPath(file)
        match = _MAP.match(_SIZE.sub("", path.stem))
        if match is None:
            continue
        channel = _CHANNEL[match[2].lower()]
        if channel and (channel != "color" or path.suffix.lower() != DATA_SUFFIX):
            found.setdefault((path.parent / match[1]).as_posix(), {}).setdefault(channel, file)
    sets = {name: maps for name, maps in sorted(found.items()) if "color" in maps}
    if not sets:
        what = f"no PBR material in {root.location}: no image is called like a colour map"
        cure = "expected names such as Bricks001_1K_Color.jpg or brick_wall_diff_1k.jpg"
        raise AssetError(Fault(root.name or root.written, what, cure))
    return sets
