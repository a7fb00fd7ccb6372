"""Refining with an open diffusers pipeline; every picture has a generator of its own."""

from __future__ import annotations

import inspect
import math
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from simgen.errors import DataError, Fault
from simgen.imaging.blending import composited, feathered
from simgen.plugin.protocols import Stream
from simgen.records.sample import Sample
from simgen.refine._torch_memory import out_of_memory, torch_seed
from simgen.refine._torch_pipelines import open_pipeline
from simgen.refine.controls import control_image
from simgen.refine.diffusion import DiffusionParams
from simgen.refine.prompts import prompt_of
from simgen.refine.workplace import OneByOne, Workplace

Rgb = NDArray[np.uint8]


class DiffusersSession(OneByOne):
    """An open pipeline.

    Pictures go through it one by one: a batch would change their last bits with its size, and
    the law of refiners is that it must not.

    Raises:
        DataError: see `open_pipeline`.
    """

    def __init__(self, params: DiffusionParams, data: Workplace) -> None:
        super().__init__("diffusers", self._change)
        self._params = params
        self._pipeline, self._device = open_pipeline(params, data)
        self._takes = set(inspect.signature(self._pipeline.__call__).parameters)
        self._step = _step_of(self._pipeline)

    def _change(self, sample: Sample, rng: Stream, strength: float) -> tuple[Rgb, dict[str, Any]]:
        drawn = rng.draw(self._params)
        share = drawn.strength * strength
        size = self._size(sample)
        # A pipeline must take one step at least.
        if round(drawn.steps * share) < 1:
            return sample.rgb, {"share": 0.0}
        call = {
            "prompt": prompt_of(drawn.prompt, sample),
            "negative_prompt": prompt_of(drawn.negative_prompt, sample),
            "image": _picture(sample.rgb, size),
            "strength": share,
            "num_inference_steps": drawn.steps,
            "guidance_scale": drawn.guidance,
            "width": size[0],
            "height": size[1],
            "generator": torch.Generator().manual_seed(torch_seed(rng.child("noise"))),
            "output_type": "np",
        }
        call |= self._controls(drawn, sample, size)
        background = _background(sample) if drawn.mode == "background" else None
        if background is not None:
            call["mask_image"] = Image.fromarray(background * np.uint8(255)).resize(size, 0)
        known = {name: value for name, value in call.items() if name in self._takes}
        made = self._run(known)
        rgb = _bytes(made, sample.size)
        if background is not None:
            alpha = feathered(background == 0, drawn.feather_px)
            rgb = composited(rgb, sample.rgb, alpha)
        return rgb, {"share": share, "prompt": call["prompt"]}

    def _run(self, call: dict[str, Any]) -> NDArray[np.float32]:
        cure = "set a smaller `side`, offload: model, or precision: fp16"
        try:
            with out_of_memory("diffusers", cure):
                made: NDArray[np.float32] = self._pipeline(**call).images[0]
        except (ValueError, TypeError) as error:
            what = f"the pipeline refuses: {str(error).splitlines()[0]}"
            cure = "use a ControlNet and a mode that belong to this model"
            raise DataError(Fault("diffusers", what, cure)) from None
        if not np.isfinite(made).all():
            cure = "set precision: bf16 or float32"
            raise DataError(Fault("diffusers", "the picture is not finite", cure))
        return made

    def _size(self, sample: Sample) -> tuple[int, int]:
        """Width and height at which it works: near the picture's, in steps that fit."""
        width, height = sample.size
        scale = self._params.side / max(width, height) if self._params.side else 1.0
        step = self._step
        return max(step, round(width * scale / step) * step), max(
            step, round(height * scale / step) * step
        )

    def _controls(self, drawn: Any, sample: Sample, size: tuple[int, int]) -> dict[str, Any]:
        if not drawn.controls:
            return {}
        shown = [_picture(control_image(kind, sample), size) for kind in drawn.controls]
        weights = [float(section.weight) for section in drawn.controls.values()]
        one = len(shown) == 1
        return {
            "control_image": shown[0] if one else shown,
            "controlnet_conditioning_scale": weights[0] if one else weights,
        }


def _step_of(pipeline: Any) -> int:
    """What sides must be a multiple of: latent pixels, halved by each level of the network.

    Pipelines ask for eights, even where their own networks would not.
    """
    latent = int(getattr(pipeline, "vae_scale_factor", 8))
    net = getattr(pipeline, "unet", None)
    if net is not None:
        return math.lcm(8, latent * 2 ** (len(net.config["block_out_channels"]) - 1))
    config = getattr(getattr(pipeline, "transformer", None), "config", {})
    return math.lcm(8, latent * int(config.get("patch_size", 1)))


def _picture(rgb: Rgb, size: tuple[int, int]) -> Image.Image:
    if (rgb.shape[1], rgb.shape[0]) == size:
        return Image.fromarray(rgb)
    smaller = rgb.shape[1] > size[0]
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return Image.fromarray(np.asarray(cv2.resize(rgb, size, interpolation=way), np.uint8))


def _bytes(made: NDArray[np.float32], size: tuple[int, int]) -> Rgb:
    rgb: Rgb = np.round(np.clip(made, 0, 1) * 255).astype(np.uint8)
    if (rgb.shape[1], rgb.shape[0]) == size:
        return rgb
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def _background(sample: Sample) -> NDArray[np.uint8]:
    """1 where no instance is; unlabelled things count as background."""
    if sample.instances is None:
        what = f"frame {sample.frame} has no instances, so nobody knows what the background is"
        cure = "render with the output `instances`, or set mode: image"
        raise DataError(Fault("diffusers", what, cure))
    labelled = np.isin(sample.instances, sample.annotations.instance)
    return (~labelled).astype(np.uint8)
