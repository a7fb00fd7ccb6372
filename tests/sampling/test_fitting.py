"""Footprints and narrowest widths against shapely and known shapes."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from simgen.sampling.placing.fitting import footprint, least_width_m


@pytest.mark.parametrize("seed", range(5))
def test_footprint_is_the_convex_hull_from_above(seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(60, 3))
    found = shapely.Polygon(points[footprint(points), :2])
    hull = shapely.MultiPoint(points[:, :2]).convex_hull
    assert found.is_valid
    assert found.symmetric_difference(hull).area < 1e-12
    assert shapely.is_ccw(found.exterior)


def test_a_sheet_on_its_edge_has_a_footprint() -> None:
    sheet = np.array([[0, 0, 0], [1, 1, 0], [1, 1, 1], [0, 0, 1], [0.5, 0.5, 2.0]])
    corners = sheet[footprint(sheet), :2]
    assert len(corners) >= 3
    assert shapely.polygons(corners).length == pytest.approx(2 * np.sqrt(2))


@pytest.mark.parametrize("turn", [0.0, 0.3, 1.2])
def test_least_width(turn: float) -> None:
    c, s = np.cos(turn), np.sin(turn)
    box = np.array([[2, 0.5], [-2, 0.5], [-2, -0.5], [2, -0.5]]) @ np.array([[c, s], [-s, c]])
    assert least_width_m(box) == pytest.approx(1)
    triangle = np.array([[0, 0], [1, 0], [0.5, np.sqrt(3) / 2]])
    assert least_width_m(triangle) == pytest.approx(np.sqrt(3) / 2)
