"""SDEdit itself (Meng et al. 2022): noise is added to a picture and taken away by a model.

Needs torch, diffusers and OpenCV alone, so that a bare GPU machine can do it, too.
"""

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

Rgb = NDArray[np.uint8]


class Denoiser:
    """A diffusion model in the layout of diffusers (`unet/`, `scheduler/`).

    Args:
        folder: of the model.
        device: to work on.
        steps: denoising steps of the whole way.
        scale: magnification at which it works; what changed is laid over the picture.

    Raises:
        DataError: no such model, damaged, or one that wants categories.
    """

    def __init__(self, folder: Path, device: torch.device, steps: int, scale: float = 1.0) -> None:
        self._unet, self._scheduler = _load(folder)
        self._unet.to(device).eval()
        self._device, self._steps, self._scale = device, steps, scale
        self._multiple = 2 ** (len(self._unet.config["block_out_channels"]) - 1)

    def edited(self, rgb: Rgb, share: float, seed: int) -> Rgb:
        """The picture after `share` of the noise was added and taken away again.

        Args:
            rgb: uint8[H, W, 3] sRGB.
            share: in [0, 1].
            seed: of the noise.
        """
        if self._scale == 1:
            return self.worked(rgb, share, seed)
        height, width = rgb.shape[:2]
        size = (round(width * self._scale), round(height * self._scale))
        work = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        change = self.worked(work, share, seed).astype(np.float32) - work
        change = cv2.resize(change, (width, height), interpolation=cv2.INTER_CUBIC)
        return np.asarray(np.clip(np.round(rgb + change), 0, 255), np.uint8)

    def worked(self, rgb: Rgb, share: float, seed: int) -> Rgb:
        """The same at the picture's own size."""
        height, width = rgb.shape[:2]
        below, right = -height % self._multiple, -width % self._multiple
        wide = np.pad(rgb, ((0, below), (0, right), (0, 0)), mode="edge")
        picture = torch.from_numpy(wide).permute(2, 0, 1)[None].float() / 127.5 - 1
        # On the CPU, whose generator is the same everywhere.
        noise = torch.randn(picture.shape, generator=torch.Generator().manual_seed(seed))
        with torch.inference_mode():
            out = self._denoised(picture.to(self._device), noise.to(self._device), share)
        scaled = ((out[0].clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
        return scaled.permute(1, 2, 0)[:height, :width].contiguous().cpu().numpy()

    def _denoised(self, picture: Tensor, noise: Tensor, share: float) -> Tensor:
        self._scheduler.set_timesteps(self._steps)
        taken = min(self._steps, round(self._steps * share))
        times = self._scheduler.timesteps[self._steps - taken :].to(self._device)
        if not len(times):
            return picture
        mixed = self._scheduler.add_noise(picture, noise, times[:1])
        for time in times:
            found = self._unet(mixed, time).sample
            mixed = self._scheduler.step(found, time, mixed).prev_sample
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
