"""Material and texture recipes: what a world says about looks, before any pixel is baked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simgen.records.absent import leave_out

Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class FileRef:
    """A file by content, never by absolute path.

    Args:
        root: dotted scene-file path of the folder or file setting (`objects.parts.path`).
        name: path inside that root, with forward slashes; the root itself if it is a file: "".
        sha256: hex digest of the content.
    """

    root: str
    name: str
    sha256: str


@dataclass(frozen=True)
class Texture:
    """A colour texture as a recipe, baked by the assets room, the same for every engine.

    Args:
        pattern: name of a procedural pattern, or "file".
        params: concrete numbers of the pattern.
        file: image file when the pattern is "file".
        tile_m: edge of one repeat in metres of surface (box-projected coordinates).
        maps: further images of a PBR material by name: roughness, metallic, arm (ambient
            occlusion, roughness and metallic in red, green and blue), normal (OpenGL),
            normal_dx, opacity, emission. None has none.
    """

    pattern: str
    params: dict[str, Any] = field(default_factory=dict)
    file: FileRef | None = None
    tile_m: float = 0.25
    maps: dict[str, FileRef] | None = None

    def __post_init__(self) -> None:
        leave_out(self, "maps")


@dataclass(frozen=True)
class Material:
    """Metallic-roughness material (glTF 2.0, section 3.9).

    Args:
        base_color: linear sRGB; multiplies the texture where there is one.
        texture: base-colour texture, or None.
        roughness, metallic, alpha, transmission: in [0, 1].
        emission: emitted radiance, linear sRGB, W/(m^2 sr).
        ior: index of refraction of the dielectric.
    """

    base_color: Rgb = (0.8, 0.8, 0.8)
    texture: Texture | None = None
    roughness: float = 0.5
    metallic: float = 0.0
    emission: Rgb = (0.0, 0.0, 0.0)
    alpha: float = 1.0
    transmission: float = 0.0
    ior: float = 1.45
