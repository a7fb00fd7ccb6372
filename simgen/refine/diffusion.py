"""`diffusers`: any image-to-image, inpainting or ControlNet pipeline that diffusers can load."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from simgen.plugin import Integer, NonNegative, Number, Params, Refiner, Root, Sampled, Unit
from simgen.refine.models import need
from simgen.refine.workplace import Workplace

Control = Literal["depth", "canny", "segmentation", "normals"]


class ModelSection(Params):
    """A model: by id, or on this machine."""

    model: str | None = Field(
        None,
        pattern=r"^[\w.-]+/[\w.-]+$",
        description="id (owner/name) on the hub or in its cache",
        examples=["stable-diffusion-v1-5/stable-diffusion-v1-5"],
    )
    folder: Root | None = Field(None, description="local folder that `save_pretrained` wrote")

    @model_validator(mode="after")
    def _one(self) -> Any:
        if (self.model is None) == (self.folder is None):
            raise ValueError("expected exactly one of `model` (an id) and `folder`")
        return self


class ControlSection(ModelSection):
    """`controls.KIND:` a ControlNet and what it is shown."""

    weight: Sampled[Annotated[Number, Field(ge=0, le=4)]] = Field(
        1.0, description="how strongly it holds the picture to the ground truth"
    )


class LoraSection(Params):
    """`loras.NAME:` a low-rank adapter."""

    path: Root = Field(description=".safetensors file")
    weight: Annotated[Number, Field(ge=-4, le=4)] = Field(1.0, description="its strength")


class DiffusionParams(ModelSection):
    """Settings; prompt, strength, guidance and weights are drawn anew for every picture."""

    mode: Literal["image", "background"] = Field(
        "image", description="all of the picture, or by inpainting what no instance covers"
    )
    controls: dict[Control, ControlSection] = Field(
        default_factory=dict, description="ControlNets by what they are shown"
    )
    prompt: Sampled[str] = Field(
        "a photo of {objects}, photorealistic",
        description="words; {objects}, {categories}, {count} and facts of the frame are filled in",
    )
    negative_prompt: Sampled[str] = Field(
        "render, cartoon, drawing", description="what it should not look like"
    )
    strength: Sampled[Unit] = Field(
        0.35, description="how much noise is added before it is taken away again"
    )
    steps: Annotated[Integer, Field(ge=1, le=1000)] = Field(30, description="denoising steps")
    guidance: Sampled[NonNegative] = Field(6.0, le=50, description="how closely to the prompt")
    scheduler: Literal["own", "ddim", "euler", "dpm", "unipc"] = Field(
        "own", description="instead of the model's"
    )
    side: Annotated[Integer, Field(ge=8, le=4096)] | None = Field(
        None, description="longer side at which it works, pixels; default: the picture's own"
    )
    precision: Literal["auto", "float32", "fp16", "bf16"] = Field(
        "auto", description="`auto` is fp16 on GPUs, float32 on CPUs"
    )
    offload: Literal["none", "model", "sequential"] = Field(
        "none", description="keep parts on the CPU while they wait; slower, for small GPUs"
    )
    loras: dict[str, LoraSection] = Field(default_factory=dict, description="adapters by name")
    download: bool = Field(False, description="fetch models that are not on this machine")
    feather_px: NonNegative = Field(
        4.0, description="of `background`: how softly instances are put back, pixels"
    )


class Diffusion(Refiner):
    """Image-to-image, background inpainting and ControlNets by diffusers; safetensors alone."""

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = DiffusionParams

    def open(self, params: DiffusionParams, data: Workplace) -> Any:
        """Load the pipeline.

        Raises:
            MissingExtraError: torch, diffusers or transformers is missing.
            DataError: a model is not there, is a pickle, or damaged.
        """
        need("diffusers", "torch", "diffusers", "transformers", "safetensors")
        from simgen.refine._torch_diffusers import DiffusersSession

        return DiffusersSession(params, data)
