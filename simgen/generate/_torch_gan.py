"""A conditional GAN: DCGAN's shape (Radford et al. 2016), hinge loss, spectral normalisation
and projection of the category (Miyato and Koyama 2018)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from simgen.generate.job import GeneratorJob


def build(params: dict[str, Any], job: GeneratorJob) -> nn.Module:
    """The network of a job."""
    return Gan(params, job.channels, len(job.categories))


class Gan(nn.Module):
    """Generator and critic, trained at the same time by one optimiser.

    Args:
        params: `GanParams`, plain.
        channels: of the pictures.
        categories: number of them.
    """

    betas = (0.5, 0.9)
    """Of the optimiser: long memory makes the two chase each other."""

    def __init__(self, params: dict[str, Any], channels: int, categories: int) -> None:
        super().__init__()
        widths = [int(width) for width in params["channels"]]
        self.latent = int(params["latent"])
        self.generator = _Generator(widths, self.latent, channels, categories)
        self.critic = _Critic(widths[::-1], channels, categories)

    def loss(self, pictures: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Hinge losses of both; gradients of one do not reach the other.

        Args:
            pictures: [B, C, H, W] in [-1, 1].
            labels: int64[B].
        """
        noise = torch.randn(len(pictures), self.latent, device=pictures.device)
        made = self.generator(noise, labels)
        real = torch.relu(1 - self.critic(pictures, labels)).mean()
        fake = torch.relu(1 + self.critic(made.detach(), labels)).mean()
        self.critic.requires_grad_(False)
        generator = -self.critic(made, labels).mean()
        self.critic.requires_grad_(True)
        return {"critic": real + fake, "generator": generator}

    def sample(self, labels: Tensor, noise: Callable[[tuple[int, ...]], Tensor]) -> Tensor:
        """Pictures [B, C, H, W] in [-1, 1].

        Args:
            labels: int64[B].
            noise: standard normal numbers of a shape, without its batch.
        """
        out: Tensor = self.generator(noise((self.latent,)), labels)
        return out


class _Generator(nn.Module):
    def __init__(self, widths: list[int], latent: int, channels: int, categories: int) -> None:
        super().__init__()
        self.told = nn.Embedding(categories, latent)
        layers: list[nn.Module] = [
            nn.Linear(2 * latent, widths[0] * 16),
            nn.Unflatten(1, (widths[0], 4, 4)),
        ]
        for before, after in zip(widths, [*widths[1:], widths[-1]], strict=True):
            # Nearest neighbours and a convolution leave no checkerboard (Odena et al. 2016).
            layers += [
                nn.GroupNorm(1, before),
                nn.ReLU(),
                nn.Upsample(scale_factor=2),
                nn.Conv2d(before, after, 3, 1, 1),
            ]
        layers += [nn.GroupNorm(1, widths[-1]), nn.ReLU(), nn.Conv2d(widths[-1], channels, 3, 1, 1)]
        self.body = nn.Sequential(*layers, nn.Tanh())

    def forward(self, noise: Tensor, labels: Tensor) -> Tensor:
        out: Tensor = self.body(torch.cat([noise, self.told(labels)], dim=1))
        return out


class _Critic(nn.Module):
    def __init__(self, widths: list[int], channels: int, categories: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in zip([channels, *widths], widths, strict=False):
            layers += [spectral_norm(nn.Conv2d(before, after, 4, 2, 1)), nn.LeakyReLU(0.2)]
        self.body = nn.Sequential(*layers)
        self.head = spectral_norm(nn.Linear(widths[-1], 1))
        self.told = spectral_norm(nn.Embedding(categories, widths[-1]))

    def forward(self, pictures: Tensor, labels: Tensor) -> Tensor:
        features = self.body(pictures).mean(dim=(2, 3))
        projected = (self.told(labels) * features).sum(dim=1, keepdim=True)
        out: Tensor = self.head(features) + projected
        return out
