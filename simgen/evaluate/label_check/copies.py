"""Near copies of real photographs: what a network that learnt them by heart gives back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.duplicates import likeness, small_grey
from simgen.evaluate.image_statistics import open_rgb


class Originals:
    """Photographs that no refined picture may repeat.

    Args:
        paths: of the files.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = list(paths)
        self._small = np.stack([small_grey(open_rgb(path)) for path in self.paths])

    def copied(self, rgb: NDArray[np.uint8], before: NDArray[np.uint8]) -> float:
        """Likeness to the nearest photograph that the picture did not have before.

        Correlation of small grey pictures: copies reach 0.99. What the render was like already
        is no copying, so a picture that gained nothing scores 0.
        """
        found = likeness(small_grey(rgb), self._small)
        nearest = int(found.argmax())
        gained = (
            found[nearest] - likeness(small_grey(before), self._small[nearest : nearest + 1])[0]
        )
        return float(found[nearest]) if gained > 0.02 else 0.0
