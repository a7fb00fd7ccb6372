"""How the pixels of a batch come to the device: sent ready, or made there from images it holds.

Sixteen cores make some 2,000 crops a second, and one GPU learns from more. Where all images fit
into its memory, only the numbers of each crop are sent, and cutting, turning and recolouring are a
few dozen kernels on the whole batch, which may be part of a CUDA graph. Pixels then differ a
little from those that the CPU makes (filters, noise); labels do not.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from simgen.detect._torch_batch import VALUES, Batch
from simgen.detect._torch_jpeg import compressed
from simgen.detect._torch_pyramid import Pyramid
from simgen.detect._torch_samples import Samples
from simgen.learn.schedule import Machine

_BYTES_A_PIXEL = 4
_LARGEST_SHARE = 0.5  # of the free memory; the network needs some, too
_REACH_PX = 2  # of the blur, as in `colours`


class Feed(Protocol):
    """From batches to pixels on the device.

    Args:
        planned: whether batches come without pixels.
        generator: what `pixels` draws from on the device, to be seeded before each step.
    """

    planned: bool
    generator: torch.Generator | None

    def numbers(self, batch: Batch) -> dict[str, Tensor]:
        """What has to be sent, on the CPU; shapes depend on the length of the batch only."""

    def pixels(self, sent: dict[str, Tensor]) -> Tensor:
        """float32[B, 3, S, S] in [0, 1] on the device."""


class HostFeed:
    """Pixels made on the CPU."""

    planned = False
    generator: torch.Generator | None = None

    def numbers(self, batch: Batch) -> dict[str, Tensor]:
        """uint8[B, 3, S, S]."""
        return {"images": batch.images}

    def pixels(self, sent: dict[str, Tensor]) -> Tensor:
        """The same, as floats."""
        return sent["images"].float() / 255


class DeviceFeed:
    """Pixels made on the device from images that lie in its memory.

    Args:
        samples: all of whose images are in memory.
        pyramid: of these samples.
        device: where images are kept and crops are made.
    """

    planned = True

    def __init__(self, samples: Samples, pyramid: Pyramid, device: torch.device) -> None:
        # A CUDA graph has to know the generator.
        self.generator: torch.Generator | None = torch.Generator(device)
        self._pool = pyramid.filled(samples.cache).to(device)
        steps = torch.arange(samples.view.crop, device=device) + 0.5
        self._x, self._y = torch.meshgrid(steps, steps, indexing="xy")

    def numbers(self, batch: Batch) -> dict[str, Tensor]:
        """As `PlannedBatch`: a few hundred bytes a crop."""
        return {"places": torch.from_numpy(batch.places), "values": torch.from_numpy(batch.values)}

    def pixels(self, sent: dict[str, Tensor]) -> Tensor:
        """Cut, turned and recoloured in the order of `colours.recolour`."""
        parts = dict(
            zip(VALUES, torch.split(sent["values"], list(VALUES.values()), dim=1), strict=True)
        )
        out = self._cut(sent["places"], parts["map"].reshape(-1, 2, 3), parts["fill"])
        mixed = torch.einsum("bij,bjhw->bihw", parts["matrix"].reshape(-1, 3, 3), out)
        factor, noise = (parts[name][..., None, None] for name in ("mean_factor", "noise"))
        out = mixed + out.mean(dim=(1, 2, 3), keepdim=True) * factor
        out = _blurred(out.clamp(0, 255), _taps(parts["blur_sigma"][:, 0]))
        grain = torch.randn(out.shape, device=out.device, generator=self.generator)
        out = out + grain * noise * 255
        return compressed(out.clamp(0, 255), parts["jpeg"][:, 0]).clamp(0, 255).round() / 255

    def _cut(self, places: Tensor, maps: Tensor, fill: Tensor) -> Tensor:
        """float32[B, 3, S, S], bilinear."""
        m = maps[..., None, None]
        x = m[:, 0, 0] * self._x + m[:, 0, 1] * self._y + m[:, 0, 2]
        y = m[:, 1, 0] * self._x + m[:, 1, 1] * self._y + m[:, 1, 2]
        first, width, height = places[..., None, None].unbind(1)
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        left, part_x = _split(x - 0.5)
        top, part_y = _split(y - 0.5)
        rows = []
        for n in (0, 1):
            start = first + torch.minimum((top + n).clamp(min=0), height - 1) * width
            rows.append(self._row(start, left, width, part_x))
        out = rows[0] + (rows[1] - rows[0]) * part_y[..., None]
        out = torch.where(inside[..., None], out, fill[:, None, None, :])
        return out.permute(0, 3, 1, 2).contiguous()

    def _row(self, start: Tensor, left: Tensor, width: Tensor, part: Tensor) -> Tensor:
        """float32[B, S, S, 3] between neighbours of one row of each image."""
        one, two = (
            _channels(self._pool[start + torch.minimum((left + n).clamp(min=0), width - 1)])
            for n in (0, 1)
        )
        return one + (two - one) * part[..., None]


def open_feed(samples: Samples, device: torch.device, machine: Machine) -> Feed:
    """The device makes the crops if it is a GPU with room for all images, or if it is told to.

    Args:
        samples: of the training.
        device: that trains.
        machine: settings.
    """
    wanted = machine.crops == "device" or (machine.crops == "auto" and device.type == "cuda")
    if not wanted or not samples.cache.complete:
        return HostFeed()
    pyramid = Pyramid(samples)
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        if pyramid.pixels * _BYTES_A_PIXEL > free * _LARGEST_SHARE:
            return HostFeed()
    return DeviceFeed(samples, pyramid, device)


def _channels(pixels: Tensor) -> Tensor:
    """float32[..., 3] of packed pixels."""
    return pixels[..., None].view(torch.uint8)[..., :3].float()


def _split(value: Tensor) -> tuple[Tensor, Tensor]:
    """Whole part int64 and rest in [0, 1)."""
    floor = value.floor()
    return floor.long(), value - floor


def _taps(sigma: Tensor) -> Tensor:
    """float32[B, 5] of a Gaussian; a single one where sigma is 0."""
    taps = torch.arange(-_REACH_PX, _REACH_PX + 1, dtype=sigma.dtype, device=sigma.device)
    weights = torch.exp(-taps.square() / (2 * sigma.clamp(min=1e-3)[:, None].square()))
    return weights / weights.sum(dim=1, keepdim=True)


def _blurred(images: Tensor, taps: Tensor) -> Tensor:
    size = images.shape[2], images.shape[3]
    padded = functional.pad(images, (_REACH_PX,) * 4, mode="reflect")
    rows = [padded[..., n : n + size[1]] * taps[:, n, None, None, None] for n in range(5)]
    across = torch.stack(rows).sum(dim=0)
    rows = [across[:, :, n : n + size[0]] * taps[:, n, None, None, None] for n in range(5)]
    return torch.stack(rows).sum(dim=0)
