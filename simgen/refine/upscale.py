"""`upscale`: super-resolution by a network from a local weight file, labels scaled exactly."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from simgen.plugin import Integer, Params, Refiner, Root
from simgen.refine.models import need
from simgen.refine.workplace import Workplace


class UpscaleParams(Params):
    """Settings."""

    weights: Root = Field(
        description=".safetensors of any architecture that spandrel knows",
        examples=["RealESRGAN_x2plus.safetensors"],
    )
    factor: Annotated[Integer, Field(ge=1, le=16)] | None = Field(
        None, description="of the result; default: the network's own; smaller ones are averaged"
    )
    tile: Annotated[Integer, Field(ge=0, le=8192)] = Field(
        512, description="largest side that the network sees at once, pixels; 0: all"
    )


class Upscale(Refiner):
    """Super-resolution (Real-ESRGAN and others, by spandrel); masks, boxes and K scale exactly."""

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = UpscaleParams

    def factor(self, params: UpscaleParams) -> int:
        """By how much pictures grow.

        Raises:
            MissingExtraError, DataError: as `open`, where the network has to say it.
        """
        if params.factor is not None:
            return params.factor
        need("upscale", "torch", "spandrel", "safetensors")
        from simgen.refine._torch_upscale import load_upscaler

        return int(load_upscaler(params.weights.location).scale)

    def open(self, params: UpscaleParams, data: Workplace) -> Any:
        """Load the network.

        Raises:
            MissingExtraError: torch or spandrel is missing.
            DataError: there is no such file, it is a pickle, damaged, or of no known network.
        """
        need("upscale", "torch", "spandrel", "safetensors")
        from simgen.refine._torch_upscale import UpscaleSession

        return UpscaleSession(params, data)
