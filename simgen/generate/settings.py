"""Settings of a generator's config, with bounds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from simgen.learn.sections import MachineSection, ScheduleSection
from simgen.spec.fields import Integer, Number, Params, Positive, Root, Unit

Width = Annotated[Integer, Field(ge=1, le=4096)]


class PicturesSection(Params):
    """`pictures:` what is learnt from."""

    path: Root = Field(
        description="folder of pictures (its sub-folders are categories), simgen dataset, or "
        "COCO file"
    )
    images: Root | None = Field(
        None, description="folder of the images of a COCO file; default: `images` beside it"
    )
    what: Literal["whole", "crops"] = Field(
        "whole", description="whole pictures, or the boxes of a labelled set"
    )
    categories: tuple[str, ...] = Field((), description="only these; default: all")
    margin: Annotated[Number, Field(ge=0, le=4)] = Field(
        0.1, description="around boxes, as part of their longer side"
    )
    min_px: Positive = Field(16, description="shorter sides below this are left out, pixels")
    held_out: Annotated[Number, Field(ge=0, lt=1)] = Field(
        0.1, description="part that is not learnt from, to judge samples by"
    )


class ViewSection(Params):
    """`view:` how pictures reach the network."""

    side: Annotated[Integer, Field(ge=8, le=1024)] = Field(
        32, description="of the network's square pictures, pixels"
    )
    grey: bool = Field(False, description="one channel for three")
    windows: bool = Field(
        False, description="random windows of `side` pixels; otherwise whole pictures, squeezed"
    )
    scale: tuple[Positive, Positive] = Field(
        (1.0, 1.0), description="smallest and largest magnification before a window is cut"
    )
    flip: bool = Field(False, description="mirror half of them; not where text matters")

    @model_validator(mode="after")
    def _ordered(self) -> Any:
        if self.scale[0] > self.scale[1]:
            raise ValueError("expected scale: [smallest, largest]")
        return self


class VaeParams(Params):
    """`network:` of a VAE, conditional on the category."""

    hidden: tuple[Width, ...] = Field(
        (512, 256, 128), min_length=1, description="widths of the encoder; the decoder mirrors it"
    )
    latent: Width = Field(20, description="numbers that a picture becomes")
    convolutional: bool = Field(
        False, description="`hidden` are channels of strided convolutions, not of dense layers"
    )
    beta: Positive = Field(1.0, description="weight of the prior (Higgins et al. 2017)")


class GanParams(Params):
    """`network:` of a GAN, conditional on the category."""

    channels: tuple[Width, ...] = Field(
        (128, 64, 32), min_length=1, description="of the generator, from 4 x 4 pixels on"
    )
    latent: Width = Field(64, description="numbers that a picture is made from")


class DiffusionParams(Params):
    """`network:` of a diffusion model on diffusers' UNet2DModel."""

    channels: tuple[Width, ...] = Field(
        (32, 64, 96), min_length=2, description="of each level; each halves the picture"
    )
    layers: Annotated[Integer, Field(ge=1, le=8)] = Field(2, description="blocks of a level")
    attention: bool = Field(False, description="in the middle; makes large pictures slow")
    noise_steps: Annotated[Integer, Field(ge=10, le=10_000)] = Field(
        1000, description="of the forward process"
    )
    dropout: Unit = Field(0.0, description="in the blocks")


NETWORKS: dict[str, type[Params]] = {
    "vae": VaeParams,
    "gan": GanParams,
    "diffusion": DiffusionParams,
}


class GeneratorFile(Params):
    """A generator's config."""

    generate: Literal[1] = Field(description="format version")
    kind: Literal["vae", "gan", "diffusion"] = Field(description="what learns")
    network: dict[str, Any] = Field(default_factory=dict, description="its settings")
    pictures: PicturesSection
    view: ViewSection = Field(default_factory=ViewSection)
    schedule: ScheduleSection
    machine: MachineSection = Field(default_factory=MachineSection)
    seed: Annotated[Integer, Field(ge=0, lt=2**63)] = Field(
        0, description="of everything that is drawn"
    )

    @model_validator(mode="after")
    def _sides(self) -> Any:
        step = _step(self)
        if self.view.side % step:
            raise ValueError(f"expected view.side to be a multiple of {step} for this network")
        return self


def _step(file: GeneratorFile) -> int:
    """What the side must be a multiple of; 1 where the network's settings are wrong anyway."""
    try:
        network = NETWORKS[file.kind].model_validate(file.network)
    except ValueError:
        return 1
    if isinstance(network, DiffusionParams):
        return int(2 ** (len(network.channels) - 1))
    if isinstance(network, GanParams):
        return int(4 * 2 ** len(network.channels))
    if isinstance(network, VaeParams) and network.convolutional:
        return int(2 ** len(network.hidden))
    return 1
