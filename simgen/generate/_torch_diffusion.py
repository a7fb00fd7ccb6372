"""A diffusion model (Ho et al. 2020) on diffusers' UNet2DModel and schedulers."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMScheduler, DDPMScheduler, UNet2DModel
from torch import Tensor, nn
from torch.nn import functional

from simgen.generate.job import GeneratorJob

_STEPS = 50


def build(params: dict[str, Any], job: GeneratorJob) -> nn.Module:
    """The network of a job."""
    return Diffusion(params, job.channels, job.view.side, len(job.categories))


class Diffusion(nn.Module):
    """Learns to name the noise in a picture; makes pictures by taking noise away.

    Args:
        params: `DiffusionParams`, plain.
        channels: of the pictures.
        side: of the pictures in training, pixels.
        categories: number of them; one is none.
    """

    def __init__(self, params: dict[str, Any], channels: int, side: int, categories: int) -> None:
        super().__init__()
        widths = tuple(int(width) for width in params["channels"])
        self.shape = (channels, side, side)
        self.conditional = categories > 1
        self.unet = UNet2DModel(
            sample_size=side,
            in_channels=channels,
            out_channels=channels,
            block_out_channels=widths,
            layers_per_block=int(params["layers"]),
            down_block_types=("DownBlock2D",) * len(widths),
            up_block_types=("UpBlock2D",) * len(widths),
            norm_num_groups=math.gcd(8, *widths),
            add_attention=bool(params["attention"]),
            dropout=float(params["dropout"]),
            num_class_embeds=categories if self.conditional else None,
        )
        self.scheduler = DDPMScheduler(
            num_train_timesteps=int(params["noise_steps"]),
            beta_schedule="squaredcos_cap_v2",
        )

    def loss(self, pictures: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Mean squared error of the noise that was added.

        Args:
            pictures: [B, C, H, W] in [-1, 1].
            labels: int64[B].
        """
        noise = torch.randn_like(pictures)
        last = self.scheduler.config["num_train_timesteps"]
        times = torch.randint(0, last, (len(pictures),), device=pictures.device)
        mixed = self.scheduler.add_noise(pictures, noise, times)
        told = self._told(labels)
        return {"noise": functional.mse_loss(self.unet(mixed, times, told).sample, noise)}

    def sample(self, labels: Tensor, noise: Callable[[tuple[int, ...]], Tensor]) -> Tensor:
        """Pictures [B, C, H, W] in [-1, 1], by DDIM (Song et al. 2021), which draws once.

        Args:
            labels: int64[B].
            noise: standard normal numbers of a shape, without its batch.
        """
        scheduler = DDIMScheduler.from_config(self.scheduler.config)
        scheduler.set_timesteps(min(_STEPS, scheduler.config["num_train_timesteps"]))
        picture, told = noise(self.shape), self._told(labels)
        for time in scheduler.timesteps:
            found = self.unet(picture, time, told).sample
            picture = scheduler.step(found, time, picture).prev_sample
        return picture

    def save(self, folder: Path) -> None:
        """Write `unet/` and `scheduler/` as diffusers reads them."""
        self.unet.save_pretrained(folder / "unet", safe_serialization=True)
        self.scheduler.save_pretrained(folder / "scheduler")

    def _told(self, labels: Tensor) -> Tensor | None:
        return labels if self.conditional else None
