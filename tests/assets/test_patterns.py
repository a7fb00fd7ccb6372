"""Patterns: seamless, deterministic, in the colours that were asked for."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from simgen.assets.patterns import PATTERNS, bake_pattern
from simgen.errors import AssetError
from simgen.spec.material import PatternName

RECIPE = {"colors": [[0.7, 0.5, 0.3], [0.05, 0.1, 0.4]], "contrast": 1.0, "seed": 7}


def test_every_name_of_the_grammar_is_there() -> None:
    assert set(PATTERNS) == set(get_args(PatternName))


@pytest.mark.parametrize("name", PATTERNS)
def test_seamless(name: str) -> None:
    """Steps across the tile's border are no larger than those inside."""
    image = bake_pattern(name, RECIPE).astype(float)
    assert image.shape == (512, 512, 3)
    for axis in (0, 1):
        steps = np.abs(np.diff(image, axis=axis)).mean(axis=(1 - axis, 2))
        border = np.abs(np.take(image, 0, axis) - np.take(image, -1, axis)).mean()
        assert border <= np.percentile(steps, 99.9) + 1


@pytest.mark.parametrize("name", PATTERNS)
def test_deterministic_and_seeded(name: str) -> None:
    first = bake_pattern(name, RECIPE)
    assert first.tobytes() == bake_pattern(name, RECIPE).tobytes()
    others = [bake_pattern(name, RECIPE | {"seed": s}).tobytes() for s in range(4)]
    assert len(set(others)) > 1


@pytest.mark.parametrize("name", PATTERNS)
def test_contrast_zero_is_one_colour(name: str) -> None:
    flat = bake_pattern(name, RECIPE | {"contrast": 0.0})
    assert (flat == flat[0, 0]).all()


def test_colours_are_linear() -> None:
    image = bake_pattern("checker", {"colors": [[0.5] * 3, [0.0] * 3], "seed": 0})
    assert image.max() == 188  # sRGB of linear 0.5
    assert image.min() == 0


@pytest.mark.parametrize("bad", [{"colour": 1}, {"colors": [[1, 1, 1]]}])
def test_bad_recipes(bad: dict[str, object]) -> None:
    with pytest.raises(AssetError):
        bake_pattern("noise", bad)
