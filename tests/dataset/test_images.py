"""PNG encodings: exact where they say so, within half a step elsewhere, refusing overflow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.dataset import images
from simgen.errors import WorkError


def test_depth_comes_back_within_half_a_step_and_zero_stays_zero(tmp_path: Path) -> None:
    step = images.depth_step_for(3.0)
    depth = np.linspace(0, 3.0, 600, dtype=np.float32).reshape(20, 30)
    path = tmp_path / "d.png"
    path.write_bytes(images.encode_depth(depth, step, 0))
    back = images.decode_depth(path, step)
    assert np.abs(back[depth > 0] - depth[depth > 0]).max() <= step * 0.5 + 1e-6
    assert back[0, 0] == 0


def test_a_surface_closer_than_a_step_is_not_a_hole(tmp_path: Path) -> None:
    path = tmp_path / "d.png"
    path.write_bytes(images.encode_depth(np.full((2, 2), 1e-6, np.float32), 5e-5, 0))
    assert (images.decode_depth(path, 5e-5) > 0).all()


@pytest.mark.parametrize("bad", [4.0, np.inf, np.nan])
def test_depth_that_does_not_fit_names_frame_depth_and_setting(bad: float) -> None:
    depth = np.full((2, 2), 1.0, np.float32)
    depth[0, 0] = bad
    with pytest.raises(WorkError) as caught:
        images.encode_depth(depth, 5e-5, 42)
    text = str(caught.value)
    assert "frame 42" in text
    assert "render.depth_far_m" in text


@given(st.floats(0.01, 1e4))
def test_step_reaches_the_far_bound_and_wastes_little(far_m: float) -> None:
    step = images.depth_step_for(far_m)
    assert step * 65535 >= far_m * (1 - 1e-12)
    assert step * 65535 <= far_m * 1.11


def test_normals_come_back_and_holes_stay_holes(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    normals = rng.normal(size=(20, 30, 3))
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    normals[:3] = 0
    path = tmp_path / "n.png"
    path.write_bytes(images.encode_normals(normals.astype(np.float32)))
    back = images.decode_normals(path)
    assert np.abs(back - normals).max() < 2e-5
    assert (back[:3] == 0).all()


def test_colour_and_ids_are_exact(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    ids = rng.integers(0, 65536, (20, 30)).astype(np.int32)
    (tmp_path / "c.png").write_bytes(images.encode_rgb(rgb))
    (tmp_path / "i.png").write_bytes(images.encode_instances(ids, 0))
    assert (images.decode_rgb(tmp_path / "c.png") == rgb).all()
    assert (images.decode_instances(tmp_path / "i.png") == ids).all()
    with pytest.raises(WorkError, match="65536"):
        images.encode_instances(np.full((2, 2), 65536, np.int32), 0)
