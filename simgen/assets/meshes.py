"""Asset source `meshes`: a user's own mesh files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from simgen.assets.catalogue import Entry, catalogue
from simgen.assets.orientation import Oriented, OrientedSource
from simgen.plugin import Integer, Marks, Params, Positive, Root, Sampled, Variant
from simgen.plugin.files import locate
from simgen.records.asset import Asset

SUFFIXES = (".obj", ".ply", ".stl", ".gltf", ".glb")


class Fit(Params):
    """Scale so that one measure of the mesh, z up, has this length; exactly one is given."""

    height_m: Sampled[Positive] | None = Field(None, description="extent along z, m")
    longest_m: Sampled[Positive] | None = Field(None, description="longest extent, m")
    width_m: Sampled[Positive] | None = Field(None, description="larger of the x, y extents, m")

    @model_validator(mode="after")
    def _one_measure(self) -> Fit:
        given = [n for n in type(self).model_fields if getattr(self, n) is not None]
        if len(given) != 1:
            raise ValueError("expected exactly one of `height_m`, `longest_m` and `width_m`")
        return self


class MeshesParams(Oriented):
    """Where the meshes are and how to read them."""

    path: Root = Field(
        description="mesh file, or folder with a category per folder", examples=["meshes"]
    )
    fit: Fit | None = Field(None, description="scale to a known length; default: as `unit` says")
    unit: Literal["m", "cm", "mm", "inch"] | None = Field(
        None, description="unit of the files; default: mm for models of a BOP folder, else m"
    )
    up: Literal["x", "y", "z", "-x", "-y", "-z"] | None = Field(
        None, description="axis that points up in the files; default: y for glTF, else z"
    )
    origin: Literal["base", "centre", "as_is"] = Field(
        "base", description="base: centred in x and y, lowest point at z = 0"
    )
    uv: Literal["own", "box"] = Field(
        "own", description="box: ignore the files' UVs and project textures in metres"
    )
    tile_m: Positive = Field(
        0.25, description="repeat of the files' textures where UVs are box-projected, m"
    )
    max_faces: Annotated[Integer, Field(ge=1, le=50_000_000)] = Field(
        2_000_000, description="a mesh with more faces is refused"
    )
    crease_deg: Annotated[Positive, Field(le=180)] = Field(
        40.0, description="sharper edges stay sharp where a file has no normals"
    )
    include: tuple[str, ...] = Field(
        (), description="patterns of files below the folder, such as '*/textured.obj'; default: all"
    )
    names: dict[str, str] = Field(
        default_factory=dict, description="file or folder below `path` -> name for categories"
    )


class Meshes(OrientedSource):
    """Textured meshes from files: OBJ, PLY, STL, glTF, GLB; a folder is one source.

    State `orientation`: upright, lying or upside_down, by the tilt of its z. Keypoints, skeleton
    and parts: in the notes beside the mesh, `mug.asset.yaml` of `mug.glb`.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = MeshesParams

    def variants(self, params: Any) -> Sequence[Variant]:
        """A variant per mesh file, sorted by path.

        Raises:
            AssetError: there are none, or two share a name.
        """
        entries = self._catalogue(params).values()
        return [Variant(e.variant, {"name": e.name}, e.file) for e in entries]

    def marks(self, params: Any, variant: str) -> Marks:
        """Keypoints and skeleton that the notes beside the mesh declare.

        Raises:
            AssetError: the notes are malformed.
        """
        from simgen.assets.sidecar import declared_marks

        return declared_marks(self.file_of(params, variant))

    def build(self, params: Any, variant: str) -> Asset:
        """Read, check and normalise one mesh file; origin as `origin` says, z up, metres.

        Raises:
            AssetError: the file, or one that it names, cannot be used; the reason is given.
        """
        from simgen.assets.mesh_builder import build_mesh

        return build_mesh(self.file_of(params, variant), params)

    def file_of(self, params: Any, variant: str) -> Path:
        """The mesh file of a variant.

        Raises:
            AssetError: there is no such variant (any more).
        """
        from simgen.errors import AssetError, Fault

        entry = self._catalogue(params).get(variant)
        if entry is None:
            what = f"there is no mesh {variant!r} in {params.path.location}"
            raise AssetError(Fault(params.path.name or params.path.written, what))
        return locate(params.path, entry.file)

    def _catalogue(self, params: Any) -> dict[str, Entry]:
        return catalogue(params.path, SUFFIXES, params.include, params.names)
