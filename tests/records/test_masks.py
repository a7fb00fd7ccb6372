"""Run-length codes: what pycocotools made is whole, anything else is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from simgen.records.masks import Mask, Rle, decode, encode, encode_window, is_whole


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=40)))
def test_codes_of_masks_are_whole(mask: Mask) -> None:
    rle = encode(mask)
    assert is_whole(rle)
    assert (decode(rle) == mask).all()


@given(arrays(bool, (7, 9)), st.integers(0, 60), st.characters(min_codepoint=33, max_codepoint=126))
def test_damaged_codes_are_not(mask: Mask, place: int, letter: str) -> None:
    """Unless the change gives another mask of the same size."""
    rle = encode(mask)
    text = rle["counts"]
    place %= len(text)
    damaged: Rle = {"size": rle["size"], "counts": text[:place] + letter + text[place + 1 :]}
    if is_whole(damaged):
        assert is_whole(encode(decode(damaged)))
        assert decode(damaged).sum() == _ones(damaged)


def _ones(rle: Rle) -> int:
    from pycocotools import mask as coco_mask

    return int(coco_mask.area({"size": rle["size"], "counts": rle["counts"].encode()}))


@pytest.mark.parametrize("counts", ["", "zzz", "P", "0", "é", "oooooooooooooo0", "X1"])
def test_runs_that_do_not_fill_the_image(counts: str) -> None:
    assert not is_whole({"size": [30, 40], "counts": counts})


def test_a_large_mask_has_long_runs() -> None:
    mask = np.zeros((3000, 4000), bool)
    mask[1500:, 2000:] = True
    assert is_whole(encode(mask))


@pytest.mark.parametrize("seed", range(40))
def test_a_window_is_encoded_as_the_whole_mask_is(seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    width, height = (int(v) for v in rng.integers(1, 40, 2))
    w, h = int(rng.integers(0, width + 1)), int(rng.integers(0, height + 1))
    x, y = int(rng.integers(0, width - w + 1)), int(rng.integers(0, height - h + 1))
    patch = rng.random((h, w)) < rng.choice([0.0, 0.3, 0.7, 1.0])
    mask = np.zeros((height, width), bool)
    mask[y : y + h, x : x + w] = patch
    assert encode_window(patch, x, y, (width, height)) == encode(mask)
