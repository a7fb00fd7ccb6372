"""Asset: one object's geometry and looks as arrays, ready for physics, labels and engines."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simgen.records.marks import Keypoint
from simgen.records.material import Rgb

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Mesh:
    """Triangles in metres, in the asset's own frame (z up).

    Args:
        vertices_m: float32[V, 3].
        faces: int32[F, 3], counter-clockwise seen from outside.
        normals: float32[F, 3, 3], unit shading normals per corner.
        uv: float32[F, 3, 2] per corner, v up (glTF's v is flipped on load), or None.
        slot: int32[F], index into the asset's slots.
        rest_m: float32[V, 3], where the vertices were before the asset was deformed; textures
            in metres lie there. None: never deformed.
    """

    vertices_m: NDArray[np.float32]
    faces: NDArray[np.int32]
    normals: NDArray[np.float32]
    uv: NDArray[np.float32] | None
    slot: NDArray[np.int32]
    rest_m: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        faces = len(self.faces)
        shapes = {
            "vertices_m": (self.vertices_m.shape, (len(self.vertices_m), 3)),
            "faces": (self.faces.shape, (faces, 3)),
            "normals": (self.normals.shape, (faces, 3, 3)),
            "slot": (self.slot.shape, (faces,)),
        }
        if self.rest_m is not None:
            shapes["rest_m"] = (self.rest_m.shape, self.vertices_m.shape)
        if self.uv is not None:
            shapes["uv"] = (self.uv.shape, (faces, 3, 2))
        for name, (got, expected) in shapes.items():
            if got != expected:
                raise ValueError(f"Mesh.{name}: expected shape {expected}, got {got}")

    def bounds(self) -> NDArray[np.float64]:
        """Smallest and largest corner, float64[2, 3]."""
        v = self.vertices_m.astype(np.float64)
        return np.stack([v.min(axis=0), v.max(axis=0)])


@dataclass(frozen=True)
class Original:
    """A Blender material that only Cycles can show; other engines use the rest of the surface.

    Args:
        path: .blend file that holds it.
        sha256: of that file.
        material: its name there.
        matrix: from the frame of the source to that of the asset, 4 rows of 4.
    """

    path: str
    sha256: str
    material: str
    matrix: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Wear:
    """A layer over an object's surfaces, with texture coordinates of its own.

    Args:
        color: uint8[H, W, 3], sRGB.
        cover: uint8[H, W, 3], linear: the layer's share in base colour (and against
            transmission), in roughness, and against metallic.
        roughness: uint8[H, W], linear.
        uv: float32[F, 3, 2] per corner, v up; no face reaches beyond its images.
    """

    color: Image
    cover: Image
    roughness: Image
    uv: NDArray[np.float32]


@dataclass(frozen=True)
class Surface:
    """A realised material: numbers and images that an engine can use as they are.

    Images are uint8, row 0 at the top (v = 1), repeating. Base colour and emission images
    are sRGB, the others linear.

    Args:
        base_color, emission: linear sRGB, multiply the images.
        base_color_image: uint8[H, W, 3] or None.
        alpha_image: uint8[H, W] or None; multiplied by `alpha`; below 0.5 is a hole.
        roughness_image, metallic_image: uint8[H, W] or None; multiply the numbers.
        normal_image: uint8[H, W, 3] tangent-space (OpenGL convention) or None.
        uv_in_metres: True: images repeat every `tile_m` over box-projected coordinates;
            False: they lie on the mesh's own `uv`.
        tile_m: width of one repeat of the images, where `uv_in_metres`.
        tile_aspect: height over width of one repeat; a picture that is not square keeps its
            shape: it is `tile_m * tile_aspect` metres high.
        original: what Cycles shows instead, on the mesh's own `uv`.
        tint: 3 x 3, row by row: linear base colour, texture included, before it is clipped to
            [0, 1]; None changes nothing.
        wear: what lies on all surfaces of the object; None: nothing.
    """

    base_color: Rgb = (0.8, 0.8, 0.8)
    base_color_image: Image | None = None
    alpha: float = 1.0
    alpha_image: Image | None = None
    roughness: float = 0.5
    roughness_image: Image | None = None
    metallic: float = 0.0
    metallic_image: Image | None = None
    emission: Rgb = (0.0, 0.0, 0.0)
    emission_image: Image | None = None
    normal_image: Image | None = None
    transmission: float = 0.0
    ior: float = 1.45
    uv_in_metres: bool = False
    tile_m: float = 1.0
    tile_aspect: float = 1.0
    original: Original | None = None
    tint: tuple[float, ...] | None = None
    wear: Wear | None = None


@dataclass(frozen=True)
class Credit:
    """Whose work a file is and on what terms; goes into every dataset that shows it.

    Args:
        name: of the asset.
        licence: SPDX expression or short text; `unknown`.
        sha256: of the file; "" where no ledger knows it.
        source, author, attribution: as the ledger says.
    """

    name: str
    licence: str
    sha256: str = ""
    source: str = ""
    author: str = ""
    attribution: str = ""


@dataclass(frozen=True)
class Asset:
    """What an asset source builds.

    Args:
        mesh: geometry; the origin is where the object is put down or turned about.
        slots: names of the material slots, unique.
        surfaces: one per slot.
        files: (name, sha256) of every file that was read; goes into the digest.
        licence: SPDX identifier or short text.
        pieces_m: convex pieces float64[N, 3] for physics, if the source knows them; otherwise
            the library computes hull or decomposition and caches them.
        notes: what was changed or looks odd, one sentence each, for people; not in the digest.
        credit: its row in a licence ledger, if there is one.
        keypoints: named points, all or some of those that the source declares.
        parts: names of parts, unique.
        part: int32[F], index into `parts`, -1 for faces of no part; None without parts.
    """

    mesh: Mesh
    slots: tuple[str, ...]
    surfaces: tuple[Surface, ...]
    files: tuple[tuple[str, str], ...] = ()
    licence: str = "unknown"
    pieces_m: tuple[NDArray[np.float64], ...] = field(default=())
    notes: tuple[str, ...] = ()
    credit: Credit | None = None
    keypoints: tuple[Keypoint, ...] = ()
    parts: tuple[str, ...] = ()
    part: NDArray[np.int32] | None = None

    def __post_init__(self) -> None:
        if len(self.slots) != len(self.surfaces) or len(set(self.slots)) != len(self.slots):
            raise ValueError(f"Asset: {len(self.surfaces)} surfaces for the slots {self.slots}")
        faces = (len(self.mesh.faces),)
        if (self.part.shape if self.part is not None else faces) != faces:
            raise ValueError(f"Asset.part: expected shape {faces}")
        if bool(self.parts) != (self.part is not None):
            raise ValueError(f"Asset: the parts {self.parts} need `part`, and `part` needs them")
