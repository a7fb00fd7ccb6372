"""Wavefront MTL materials to surfaces, with the PBR extension's keys."""

from __future__ import annotations

import math
from typing import Any

from simgen.assets.folder import AssetFolder
from simgen.assets.images import Picture
from simgen.records.asset import Surface

# Map options and how many values each takes at most (MTL specification, "Options for maps").
_OPTIONS = {"-blendu": 1, "-blendv": 1, "-boost": 1, "-bm": 1, "-cc": 1, "-clamp": 1}
_OPTIONS |= {"-imfchan": 1, "-mm": 2, "-o": 3, "-s": 3, "-t": 3, "-texres": 1, "-type": 1}


def read_mtl(folder: AssetFolder, name: str, named_by: str) -> dict[str, Surface]:
    """Surfaces by material name.

    Raises:
        AssetError: the file or a texture that it names is missing, outside or broken.
    """
    text = folder.read(name, named_by).decode("utf-8", "replace")
    out: dict[str, Surface] = {}
    block: dict[str, str] = {}
    title = None
    for line in [*text.splitlines(), "newmtl"]:
        key, _, rest = line.strip().partition(" ")
        if key.lower() == "newmtl":
            if title is not None:
                out[title] = _surface(block, folder, name)
            title, block = rest.strip(), {}
        elif key and not key.startswith("#"):
            block[key.lower()] = rest.strip()
    return out


def _surface(block: dict[str, str], folder: AssetFolder, mtl: str) -> Surface:
    def image(*keys: str) -> Picture | None:
        written = next((block[k] for k in keys if block.get(k)), None)
        if written is None:
            return None
        name = _file_name(written)
        return folder.picture(folder.read(name, mtl), str(folder.path / name))

    color, alpha = image("map_kd"), image("map_d")
    rough, metal, normal = image("map_pr"), image("map_pm"), image("norm")
    glow = image("map_ke")
    cut = alpha.grey if alpha is not None else color.alpha if color is not None else None
    fields: dict[str, Any] = {}
    if "ni" in block:
        fields["ior"] = min(max(_numbers(block["ni"], 1.45)[0], 1.0), 3.0)
    return Surface(
        # Many exporters write Kd 0 beside a map; like Blender's importer, the map stands alone.
        base_color=(1.0, 1.0, 1.0) if color else _triple(block.get("kd"), 0.8),
        base_color_image=color.rgb if color else None,
        alpha=_alpha(block),
        alpha_image=cut,
        roughness=1.0 if rough else _roughness(block),
        roughness_image=rough.grey if rough else None,
        metallic=1.0 if metal else _unit(block.get("pm"), 0.0),
        metallic_image=metal.grey if metal else None,
        emission=(1.0, 1.0, 1.0) if glow else _triple(block.get("ke"), 0.0),
        emission_image=glow.rgb if glow else None,
        normal_image=normal.rgb if normal else None,
        **fields,
    )


def _roughness(block: dict[str, str]) -> float:
    if "pr" in block:
        return _unit(block["pr"], 0.5)
    if "ns" in block:
        # Blender's mapping of the Phong exponent, 0 .. 1000.
        return 1.0 - math.sqrt(min(max(_numbers(block["ns"], 250.0)[0], 0.0), 1000.0) / 1000.0)
    return 0.5


def _alpha(block: dict[str, str]) -> float:
    if "d" in block:
        return _unit(block["d"].replace("-halo", ""), 1.0)
    return 1.0 - _unit(block.get("tr"), 0.0)


def _numbers(text: str | None, default: float) -> list[float]:
    try:
        found = [float(word) for word in (text or "").split()]
    except ValueError:
        found = []
    return found if found and all(map(math.isfinite, found)) else [default]


def _unit(text: str | None, default: float) -> float:
    return min(max(_numbers(text, default)[0], 0.0), 1.0)


def _triple(text: str | None, default: float) -> tuple[float, float, float]:
    found = [max(v, 0.0) for v in _numbers(text, default)]
    r, g, b = found[:3] if len(found) >= 3 else found[:1] * 3
    return (r, g, b)


def _file_name(written: str) -> str:
    """The name after the options; it may hold spaces."""
    words = written.split(" ")
    while words and words[0].lower() in _OPTIONS:
        left = _OPTIONS[words.pop(0).lower()]
        while left and len(words) > 1:
            if not _is_option_value(words[0]):
                break
            words.pop(0)
            left -= 1
    return " ".join(words).strip().strip('"')


def _is_option_value(word: str) -> bool:
    if word.lower() in ("on", "off", "r", "g", "b", "m", "l", "z", "sphere", "cube_top"):
        return True
    try:
        float(word)
    except ValueError:
        return False
    return True
