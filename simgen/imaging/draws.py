"""Arrays of random numbers out of a keyed stream."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.plugin.protocols import Stream


def generator(stream: Stream) -> np.random.Generator:
    """A numpy generator that depends on the stream's key and on draws made from it before.

    Only its uniform doubles are to be used: numpy keeps its right to change how other
    distributions draw (NEP 19).
    """
    words = [int(stream.random() * 2**32) for _ in range(4)]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))


def standard_normal(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """float32 standard normal numbers: the inverse distribution function of uniform ones."""
    from scipy.special import ndtri

    uniform = rng.random(shape, np.float32)
    # 2^-25 is half the step of float32 uniforms and keeps the lower end finite; the largest
    # uniform, 1 - 2^-24, would be rounded up to 1 by it, which is infinitely far out.
    inside = np.minimum(uniform + np.float32(2.0**-25), np.float32(1 - 2.0**-24))
    return np.asarray(ndtri(inside), np.float32)
