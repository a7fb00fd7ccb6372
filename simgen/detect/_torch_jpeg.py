"""What JPEG does to pixels, as tensor operations: for augmentation on a GPU.

Baseline JPEG (ITU-T T.81) with the example tables of its annex K, colours at half resolution, as
cameras and OpenCV write it. Entropy coding loses nothing and is left out.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

_LUMA_TABLE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
_CHROMA_TABLE = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
    *(((99,) * 8),) * 4,
)
# JFIF: full-range ITU-R BT.601.
_TO_YCC = (
    (0.299, 0.587, 0.114),
    (-0.168736, -0.331264, 0.5),
    (0.5, -0.418688, -0.081312),
)
_TO_RGB = ((1.0, 0.0, 1.402), (1.0, -0.344136, -0.714136), (1.0, 1.772, 0.0))
# Orthonormal cosine transform (DCT-II), and that of a whole block, row by row: one large product
# with it is faster than thousands of 8 x 8 ones.
_DCT = tuple(
    tuple(
        (math.sqrt(1 / 8) if k == 0 else 0.5) * math.cos(math.pi * (2 * n + 1) * k / 16)
        for n in range(8)
    )
    for k in range(8)
)
_DCT_2D = tuple(
    tuple(_DCT[k][m] * _DCT[n][o] for m in range(8) for o in range(8))
    for k in range(8)
    for n in range(8)
)


def compressed(images: Tensor, quality: Tensor) -> Tensor:
    """Images after compression, each at its own quality.

    Args:
        images: float32[B, 3, H, W] in [0, 255].
        quality: float32[B], 1 to 100 as libjpeg counts; 0 leaves an image alone.
    """
    height, width = images.shape[2:]
    pad = (0, -width % 16, 0, -height % 16)
    whole = functional.pad(images, pad, mode="replicate") if any(pad) else images
    ycc = torch.einsum("ij,bjhw->bihw", _constant(_TO_YCC, images.device), whole)
    scale = _scale(quality)
    luma = _quantised(ycc[:, :1] - 128, _LUMA_TABLE, scale) + 128
    chroma = _quantised(functional.avg_pool2d(ycc[:, 1:], 2), _CHROMA_TABLE, scale)
    chroma = functional.interpolate(chroma, scale_factor=2.0, mode="bilinear")  # as libjpeg
    back = torch.einsum(
        "ij,bjhw->bihw", _constant(_TO_RGB, images.device), torch.cat([luma, chroma], 1)
    )
    back = back[:, :, :height, :width]
    return torch.where((quality > 0)[:, None, None, None], back, images)


@lru_cache
def _constant(rows: tuple[tuple[float, ...], ...], device: torch.device) -> Tensor:
    """Sent once: inside a CUDA graph nothing can be sent from Python."""
    return torch.tensor(rows, dtype=torch.float32, device=device)


def _scale(quality: Tensor) -> Tensor:
    """Percent by which libjpeg multiplies its tables."""
    sure = quality.clamp(1, 100)
    return torch.where(sure < 50, 5000 / sure, 200 - 2 * sure)


def _quantised(planes: Tensor, table: tuple[tuple[float, ...], ...], scale: Tensor) -> Tensor:
    """Planes after rounding their coefficients, float32[B, C, H, W]; sides are multiples of 8."""
    batch, count, height, width = planes.shape
    steps = _constant(table, planes.device).flatten()
    steps = ((steps * scale[:, None] + 50) / 100).floor().clamp(1, 255)[:, None]
    dct = _constant(_DCT_2D, planes.device)
    blocks = planes.reshape(batch, count, height // 8, 8, width // 8, 8).transpose(3, 4)
    coefficients = (blocks.reshape(batch, -1, 64) @ dct.T / steps).round() * steps
    out = (coefficients @ dct).reshape(batch, count, height // 8, width // 8, 8, 8)
    return out.transpose(3, 4).reshape(batch, count, height, width)
