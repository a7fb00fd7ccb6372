"""A conditional variational autoencoder (Kingma and Welling 2014; Sohn et al. 2015)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from simgen.generate.job import GeneratorJob


def build(params: dict[str, Any], job: GeneratorJob) -> nn.Module:
    """The network of a job."""
    return Vae(params, job.channels, job.view.side, len(job.categories))


class Vae(nn.Module):
    """Encoder to a Gaussian, decoder back; both are told the category.

    Args:
        params: `VaeParams`, plain.
        channels: of the pictures.
        side: of the pictures, pixels.
        categories: number of them; one is none.
    """

    def __init__(self, params: dict[str, Any], channels: int, side: int, categories: int) -> None:
        super().__init__()
        self.latent, self.beta = int(params["latent"]), float(params["beta"])
        self.categories = categories if categories > 1 else 0
        hidden = [int(width) for width in params["hidden"]]
        shape = (channels, side, side)
        make = _convolutional if params["convolutional"] else _dense
        self.encoder, self.decoder = make(hidden, shape, self.categories, self.latent)

    def loss(self, pictures: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """Negative evidence bound in nats a picture: reconstruction and prior.

        Args:
            pictures: [B, C, H, W] in [-1, 1]; as [0, 1] they are the Bernoulli's means.
            labels: int64[B].
        """
        wanted = (pictures + 1) / 2
        mean, log_variance = self.encoder(pictures, self._told(labels)).chunk(2, dim=1)
        log_variance = log_variance.clamp(-20, 20)
        latent = mean + torch.randn_like(mean) * torch.exp(log_variance / 2)
        logits = self.decoder(latent, self._told(labels))
        loss = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
        prior = (mean**2 + log_variance.exp() - 1 - log_variance) / 2
        return {
            "reconstruction": loss.flatten(1).sum(dim=1).mean(),
            "prior": self.beta * prior.sum(dim=1).mean(),
        }

    def sample(self, labels: Tensor, noise: Callable[[tuple[int, ...]], Tensor]) -> Tensor:
        """Pictures [B, C, H, W] in [-1, 1]: the means that the decoder gives.

        Args:
            labels: int64[B].
            noise: standard normal numbers of a shape, without its batch.
        """
        logits: Tensor = self.decoder(noise((self.latent,)), self._told(labels))
        return torch.sigmoid(logits) * 2 - 1

    def _told(self, labels: Tensor) -> Tensor:
        return functional.one_hot(labels, max(self.categories, 1))[:, : self.categories].float()


class _Encoder(nn.Module):
    def __init__(self, body: nn.Module, features: int, told: int, latent: int) -> None:
        super().__init__()
        self.body, self.head = body, nn.Linear(features + told, 2 * latent)

    def forward(self, pictures: Tensor, told: Tensor) -> Tensor:
        out: Tensor = self.head(torch.cat([self.body(pictures), told], dim=1))
        return out


class _Decoder(nn.Module):
    def __init__(self, body: nn.Module, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.body, self.shape = body, shape

    def forward(self, latent: Tensor, told: Tensor) -> Tensor:
        out: Tensor = self.body(torch.cat([latent, told], dim=1))
        return out.reshape(-1, *self.shape)


def _dense(
    hidden: list[int], shape: tuple[int, int, int], told: int, latent: int
) -> tuple[nn.Module, nn.Module]:
    """`hidden` of 512, 256, 128 on 28 x 28 pixels is 784-512-256-128-20."""
    pixels = math.prod(shape)
    down: list[nn.Module] = [nn.Flatten()]
    for before, after in zip([pixels, *hidden], hidden, strict=False):
        down += [nn.Linear(before, after), nn.ReLU()]
    widths, up = hidden[::-1], list[nn.Module]()
    for before, after in zip([latent + told, *widths], widths, strict=False):
        up += [nn.Linear(before, after), nn.ReLU()]
    up.append(nn.Linear(widths[-1], pixels))
    encoder = _Encoder(nn.Sequential(*down), hidden[-1], told, latent)
    return encoder, _Decoder(nn.Sequential(*up), shape)


def _convolutional(
    hidden: list[int], shape: tuple[int, int, int], told: int, latent: int
) -> tuple[nn.Module, nn.Module]:
    channels, side = shape[0], shape[1] // 2 ** len(hidden)
    down: list[nn.Module] = []
    for before, after in zip([channels, *hidden], hidden, strict=False):
        down += [nn.Conv2d(before, after, 4, 2, 1), nn.GroupNorm(1, after), nn.SiLU()]
    small = hidden[-1] * side * side
    up: list[nn.Module] = [
        nn.Linear(latent + told, small),
        nn.Unflatten(1, (hidden[-1], side, side)),
    ]
    widths = hidden[::-1]
    for before, after in zip(widths, [*widths[1:], widths[-1]], strict=True):
        up += [nn.ConvTranspose2d(before, after, 4, 2, 1), nn.GroupNorm(1, after), nn.SiLU()]
    up.append(nn.Conv2d(widths[-1], channels, 3, 1, 1))
    encoder = _Encoder(nn.Sequential(*down, nn.Flatten()), small, told, latent)
    return encoder, _Decoder(nn.Sequential(*up), shape)
