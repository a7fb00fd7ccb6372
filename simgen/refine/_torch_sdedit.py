"""SDEdit (Meng et al. 2022, "SDEdit: guided image synthesis and editing with SDEs")."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from diffusers import DDIMScheduler, UNet2DModel
from numpy.typing import NDArray
from torch import Tensor

from simgen.errors import DataError, Fault
from simgen.learn._torch_machine import open_machine
from simgen.learn.schedule import Machine
from simgen.plugin.protocols import Stream
from simgen.records.sample import Sample
from simgen.refine._torch_memory import out_of_memory, torch_seed
from simgen.refine.sdedit import SdEditParams
from simgen.refine.workplace import OneByOne, Workplace

Rgb = NDArray[np.uint8]


class SdEditSession(OneByOne):
    """An open model; works on one picture at a time, each with noise of its own.

    Raises:
        DataError: no such model, damaged, or one that wants categories.
    """

    def __init__(self, params: SdEditParams, data: Workplace) -> None:
        super().__init__("sdedit", self._change)
        machine = Machine(device=data.device, precision="float32", threads=data.threads)
        self._params, self._device = params, open_machine(machine).device
        self._unet, self._scheduler = _load(params.model.location)
        self._unet.to(self._device).eval()
        self._step = 2 ** (len(self._unet.config["block_out_channels"]) - 1)

    def _change(self, sample: Sample, rng: Stream, strength: float) -> tuple[Rgb, dict[str, Any]]:
        share = float(rng.draw(self._params).strength) * strength
        height, width = sample.rgb.shape[:2]
        work = sample.rgb
        if self._params.scale != 1:
            size = (round(width * self._params.scale), round(height * self._params.scale))
            work = np.asarray(cv2.resize(work, size, interpolation=cv2.INTER_AREA), np.uint8)
        with out_of_memory("sdedit", "lower `scale`, or use a machine with more memory"):
            made = self._edited(work, share, torch_seed(rng.child("noise")))
        if self._params.scale != 1:
            # What changed is laid over the picture, whose own detail stays.
            change = made.astype(np.float32) - work
            change = cv2.resize(change, (width, height), interpolation=cv2.INTER_CUBIC)
            made = np.asarray(np.clip(np.round(sample.rgb + change), 0, 255), np.uint8)
        return made, {"share": share}

    def _edited(self, rgb: Rgb, share: float, seed: int) -> Rgb:
        height, width = rgb.shape[:2]
        below, right = -height % self._step, -width % self._step
        wide = np.pad(rgb, ((0, below), (0, right), (0, 0)), mode="edge")
        picture = torch.from_numpy(wide).permute(2, 0, 1)[None].float() / 127.5 - 1
        noise = torch.randn(picture.shape, generator=torch.Generator().manual_seed(seed))
        with torch.inference_mode():
            out = self._denoised(picture.to(self._device), noise.to(self._device), share)
        scaled = ((out[0].clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
        return scaled.permute(1, 2, 0)[:height, :width].contiguous().cpu().numpy()

    def _denoised(self, picture: Tensor, noise: Tensor, share: float) -> Tensor:
        scheduler = self._scheduler
        scheduler.set_timesteps(self._params.steps)
        taken = min(self._params.steps, round(self._params.steps * share))
        times = scheduler.timesteps[self._params.steps - taken :].to(self._device)
        if not len(times):
            return picture
        mixed = scheduler.add_noise(picture, noise, times[:1])
        for time in times:
            found = self._unet(mixed, time).sample
            mixed = scheduler.step(found, time, mixed).prev_sample
        out: Tensor = mixed
        return out


def _load(folder: Path) -> tuple[Any, Any]:
    cure = "give a folder of `simgen refine train`"
    for name in ("unet/config.json", "scheduler/scheduler_config.json"):
        if not (folder / name).is_file():
            raise DataError(Fault(str(folder), f"not a diffusion model: there is no {name}", cure))
    if not list((folder / "unet").glob("*.safetensors")):
        what = "the weights are not safetensors; a pickle can run any code when it is loaded"
        raise DataError(Fault(str(folder / "unet"), what, "convert them to safetensors"))
    try:
        unet = UNet2DModel.from_pretrained(
            folder / "unet", use_safetensors=True, local_files_only=True
        )
        scheduler = DDIMScheduler.from_pretrained(folder / "scheduler", local_files_only=True)
    except Exception as error:  # diffusers raises many kinds for damaged files
        what = f"cannot be loaded: {str(error).splitlines()[0]}"
        raise DataError(Fault(str(folder), what, "restore it, or train again")) from None
    if unet.config["num_class_embeds"]:
        what = "this model wants categories, and a whole picture has none"
        raise DataError(Fault(str(folder), what, "train it with `simgen refine train`"))
    if unet.config["in_channels"] != 3:
        what = f"this model makes pictures of {unet.config['in_channels']} channels"
        raise DataError(Fault(str(folder), what, "train it with view.grey: false"))
    return unet, scheduler
