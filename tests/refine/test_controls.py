"""Control images and prompts out of ground truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from simgen.errors import DataError
from simgen.records.sample import Sample
from simgen.refine.controls import CONTROLS, control_image
from simgen.refine.prompts import prompt_of

Make = Callable[..., Sample]


def test_nearer_is_brighter_and_nothing_is_black(make_sample: Make):
    sample = make_sample()
    sample.depth_m[0] = 0
    image = control_image("depth", sample)
    assert image[20, 15, 0] == 255
    assert image[50, 5, 0] == 0
    assert image[0, 0, 0] == 0


def test_canny_shows_the_outlines(make_sample: Make):
    image = control_image("canny", make_sample())
    assert image[14:34, 9:11].max() == 255
    assert set(np.unique(image)) == {0, 255}


def test_categories_have_one_colour_each_in_every_dataset(make_sample: Make):
    one, two = (control_image("segmentation", make_sample(frame=n)) for n in (0, 1))
    assert np.array_equal(one, two)
    assert len(np.unique(one.reshape(-1, 3), axis=0)) == 3
    assert one[0, 0].tolist() == [0, 0, 0]


def test_a_surface_that_faces_the_camera_is_blue(make_sample: Make):
    image = control_image("normals", make_sample())
    assert np.abs(image[10, 10].astype(int) - (128, 128, 255)).max() <= 1


@pytest.mark.parametrize("kind", ["depth", "segmentation", "normals"])
def test_a_missing_output_is_told_with_the_cure(kind: str, make_sample: Make):
    sample = replace(make_sample(), depth_m=None, instances=None, normals=None)
    with pytest.raises(DataError, match="outputs:"):
        control_image(kind, sample)
    assert set(CONTROLS) == {"depth", "canny", "segmentation", "normals"}


def test_prompts_are_filled_in(make_sample: Make):
    sample = make_sample()
    assert prompt_of("a photo of {objects}", sample) == "a photo of a red and a blue"
    assert prompt_of("{count} of {categories}", sample) == "2 of red, blue"
    assert prompt_of("from {camera.distance_m} m", sample) == "from 1.23 m"
    assert prompt_of("{light|daylight}, {objects}", sample) == "daylight, a red and a blue"
    with pytest.raises(DataError, match=r"no \{weather\}"):
        prompt_of("{weather}", sample)


def test_plurals_read_well(make_sample: Make):
    labels = make_sample().annotations.take([0, 0, 0, 1, 1])
    labels = replace(labels, category=("six", "six", "one", "apple", "apple"))
    words = prompt_of("{objects}", replace(make_sample(), annotations=labels))
    assert words == "two sixes, two apples and a one"
