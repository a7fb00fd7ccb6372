"""Features of pictures without a network: the offline default, which says what it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.image_statistics import open_rgb
from simgen.imaging.descriptor import describe

Floats = NDArray[np.float64]
NAME = "layout-96 (4 x 4 grid of L*a*b* mean and spread; no network)"


def layout_features(paths: Sequence[Path]) -> Floats:
    """float64[N, 96] of pictures; the default backbone."""
    return np.stack([describe(open_rgb(path)) for path in paths])
