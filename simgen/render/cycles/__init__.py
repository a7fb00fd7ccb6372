"""Photorealistic images: Cycles in a worker process, labels from the ray caster.

bpy and blenderproc (GPL) are imported by the worker alone, which talks to this process over
pipes; the worker may have its own interpreter. A world is sent once (arrays in a temporary
folder, by content) and all its views are rendered in the loaded scene with persistent data.

One render call a frame gives colour, depth, normals and object index: Blender writes them as
one uncompressed multilayer EXR, which numpy reads as it lies. Depth, normals and index are
taken at pixel centres (Cycles' first sample is not jittered), so the index pass can be held
against the ray caster's instance map: below 95 % agreement a frame fails.

Depth of field is Blender's thin lens, or the same one inside the OSL camera; for motion blur,
camera and objects get keys where the shutter opens and closes, and lose them after the frame.
Labels stay those of the sharp instant, and are checked on pixels that blur cannot change: the
rule is in `blur`. On request the same render gives albedo (a pass of our own, see
`worker.albedo`) and other layers (`passes`); the denoiser works on the picture alone, so that
in strongly blurred frames they show their few samples.

What remains between index pass and labels are single pixels on silhouettes, where the two
engines' rays, in float32, pass on either side of an edge; the more of an object is edge (cards
seen from the side, wires, things of 20 pixels), the lower its IoU. Pictures repeat bit for bit on
a CPU with the same build, with any number of threads.

What differs from the ray caster: light bounces, glass refracts, normal maps work, cut-out
holes cast their own shadow. What is the same: geometry, lens (distortion included, by an OSL
camera), lamps, environment, exposure (metered by the ray caster), sRGB as view transform.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from simgen.plugin.protocols import Library
from simgen.records.needs import Needs
from simgen.render.cycles.passes import PassName
from simgen.spec.fields import Integer, MachineSetting, Number
from simgen.spec.fields import Params as BaseParams

if TYPE_CHECKING:
    from simgen.render.cycles.session import CyclesSession


class Cycles:
    """Path tracing with Blender's Cycles: photorealistic, slower (extra `cycles`)."""

    api: ClassVar[int] = 1
    outputs: ClassVar[frozenset[str]] = frozenset({"albedo", "passes"})

    class Params(BaseParams):
        """How hard to try, and on what machine."""

        samples: Integer = Field(32, ge=1, le=65536, description="paths per pixel, at most")
        noise_threshold: Number = Field(
            0.02, ge=0, le=1, description="noise at which a pixel is done; 0 takes all samples"
        )
        max_bounces: Integer = Field(6, ge=0, le=128, description="of any kind together")
        diffuse_bounces: Integer = Field(3, ge=0, le=128, description="on matt surfaces")
        glossy_bounces: Integer = Field(3, ge=0, le=128, description="on shiny surfaces")
        transmission_bounces: Integer = Field(6, ge=0, le=128, description="through glass")
        transparent_bounces: Integer = Field(16, ge=1, le=128, description="through holes")
        clamp_indirect: Number = Field(
            10.0,
            ge=0,
            le=1e6,
            description="brightest indirect light of a path, against fireflies; 0: off",
        )
        denoiser: Literal["none", "oidn"] = Field("oidn", description="Intel Open Image Denoise")
        guides: Literal["none", "albedo", "albedo_normal"] = Field(
            "albedo_normal", description="what the denoiser sees besides the colour"
        )
        prefilter: Literal["none", "fast", "accurate"] = Field(
            "accurate",
            description="denoising of the guides themselves; `fast` left specks on textures",
        )
        denoiser_quality: Literal["high", "balanced", "fast"] = Field(
            "high", description="size of the denoiser's network"
        )
        passes: tuple[PassName, ...] = Field(
            ("linear",),
            min_length=1,
            description="layers that the output `passes` holds; `linear` is the HDR picture",
        )
        light_tree: bool = Field(False, description="pays off with many lamps only")
        view_transform: Literal["srgb"] = Field("srgb", description="plain sRGB, clipped")
        device: Annotated[Literal["cpu", "cuda", "optix", "hip", "metal"], MachineSetting()] = (
            Field("cpu", description="what Cycles computes on")
        )
        device_ids: Annotated[tuple[Annotated[Integer, Field(ge=0)], ...], MachineSetting()] = (
            Field((), description="GPUs by number; empty is all")
        )
        threads: Annotated[Integer, MachineSetting()] = Field(
            0, ge=0, le=1024, description="of the worker; 0 is the share of this job"
        )
        python: Annotated[str, MachineSetting(program=True)] = Field(
            "", description="interpreter that has bpy; empty is this one"
        )
        worlds_per_worker: Annotated[Integer, MachineSetting()] = Field(
            50, ge=1, description="worlds after which a fresh worker takes over"
        )
        memory_limit_mib: Annotated[Integer, MachineSetting()] = Field(
            6144, ge=512, description="MiB above which a fresh worker takes over"
        )
        timeout_s: Annotated[Number, MachineSetting()] = Field(
            900.0, gt=0, description="seconds a frame, or loading a world, may take"
        )
        retries: Annotated[Integer, MachineSetting()] = Field(
            1, ge=0, le=5, description="fresh workers for a world that fails"
        )

    def needs(self, params: Params) -> Needs:
        """Path tracing fills cores well; Blender's copy of a scene fills memory."""
        return Needs(threads=4, memory_mib=2560, gpu=params.device != "cpu")

    def open(
        self, params: Params, library: Library, threads: int = 0, outputs: Collection[str] = ()
    ) -> CyclesSession:
        """An engine whose worker starts with the first world.

        Raises:
            MissingExtraError: bpy is not installed.
        """
        from simgen.render.cycles.session import CyclesSession

        return CyclesSession(params, library, threads, outputs)
