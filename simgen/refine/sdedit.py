"""`sdedit`: a diffusion model of real photographs mends what it is shown."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from simgen.plugin import Integer, Number, Params, Refiner, Root, Sampled, Unit
from simgen.refine.models import need
from simgen.refine.workplace import Workplace


class SdEditParams(Params):
    """Settings; `strength` is drawn anew for every picture."""

    model: Root = Field(
        description="folder of `simgen refine train`, or any with `unet/`",
        examples=["out/photographs"],
    )
    strength: Sampled[Unit] = Field(
        0.3, description="how much noise is added before it is taken away again: 1 forgets all"
    )
    steps: Annotated[Integer, Field(ge=1, le=1000)] = Field(
        20, description="denoising steps of the whole way; `strength` of them are taken"
    )
    scale: Annotated[Number, Field(gt=0, le=4)] = Field(
        1.0,
        description="magnification at which it works; below 1 it is faster, and the fine detail "
        "of the picture stays",
    )


class SdEdit(Refiner):
    """Partial noising and denoising by a diffusion model trained on your photographs (SDEdit)."""

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = SdEditParams

    def open(self, params: SdEditParams, data: Workplace) -> Any:
        """Load the model.

        Raises:
            MissingExtraError: torch or diffusers is missing.
            DataError: there is no such model, or it is damaged.
        """
        need("sdedit", "torch", "diffusers", "safetensors")
        from simgen.refine._torch_sdedit import SdEditSession

        return SdEditSession(params, data)
