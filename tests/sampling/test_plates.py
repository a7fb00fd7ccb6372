import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

from simgen.sampling.plates import Outline, Plate, lay_down, outline
from simgen.sampling.streams import KeyedStream
from simgen.sampling.supporting_plane import supporting_plane

LEAST_M = 0.00005


def plate_hull(
    width: float, length: float, thick: float, below: float = 0.0
) -> NDArray[np.float64]:
    x, y, z = (-width / 2, width / 2), (-length / 2, length / 2), (-below, thick - below)
    return np.array(list(itertools.product(x, y, z)))


def laid(count: int, area: float, seed: int) -> tuple[list[Plate], list[NDArray[np.float64]]]:
    rng = KeyedStream(seed, "world", 0, "plates")
    plates: list[Plate] = []
    hulls = []
    for n in range(count):
        own = rng.child(str(n))
        thick = own.uniform(0.0002, 0.0019)
        hull = plate_hull(own.uniform(0.03, 0.09), own.uniform(0.03, 0.09), thick, thick / 3)
        x, y = own.uniform(-area, area), own.uniform(-area, area)
        line: Outline = outline(hull, x, y, own.uniform(0, 6.28), own.random() < 0.5)
        plate = lay_down(line, plates)
        if plate is not None:
            plates.append(plate)
            hulls.append(hull)
    return plates, hulls


def distance_m(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Distance of two convex hulls by a quadratic program, independent of the placement."""
    from scipy.optimize import minimize

    def gap(w: NDArray[np.float64]) -> float:
        d = w[: len(a)] @ a - w[len(a) :] @ b
        return float(d @ d) * 1e6

    def slope(w: NDArray[np.float64]) -> NDArray[np.float64]:
        d = w[: len(a)] @ a - w[len(a) :] @ b
        return 2e6 * np.concatenate([a @ d, -(b @ d)])

    start = np.concatenate([np.full(len(a), 1 / len(a)), np.full(len(b), 1 / len(b))])
    ones = [
        {"type": "eq", "fun": lambda w: w[: len(a)].sum() - 1},
        {"type": "eq", "fun": lambda w: w[len(a) :].sum() - 1},
    ]
    found = minimize(
        gap,
        start,
        jac=slope,
        bounds=[(0, 1)] * len(start),
        constraints=ones,
        method="SLSQP",
        options={"maxiter": 300, "ftol": 1e-14},
    )
    return float(np.sqrt(found.fun / 1e6))


@pytest.mark.parametrize("seed", range(4))
def test_plates_are_apart_everywhere(seed: int) -> None:
    plates, hulls = laid(12, 0.06, seed)
    assert len(plates) >= 10
    assert max(plate.steepness for plate in plates) > 0.01
    bodies = [p.pose().apply(h) for p, h in zip(plates, hulls, strict=True)]
    for body in bodies:
        assert body[:, 2].min() >= LEAST_M
    distances = [distance_m(a, b) for a, b in itertools.combinations(bodies, 2)]
    assert min(distances) >= LEAST_M * 0.999
    # They rest on each other: most plates have one within a hair, so the check above has teeth.
    assert sum(d < 2 * LEAST_M for d in distances) >= len(plates) // 2


def test_a_plate_alone_lies_flat_and_low() -> None:
    plate = lay_down(outline(plate_hull(0.06, 0.09, 0.0003), 0.1, 0.2, 1.0, False), [])
    assert plate is not None
    assert plate.steepness == 0
    assert 0.00005 < plate.pose().position_m[2] < 0.0001
    assert plate.pose().position_m[:2] == (0.1, 0.2)


def test_a_plate_leans_on_the_edge_that_carries_it() -> None:
    first = lay_down(outline(plate_hull(0.06, 0.06, 0.0018), 0, 0, 0, False), [])
    assert first is not None
    second = lay_down(outline(plate_hull(0.06, 0.06, 0.0003), 0.05, 0, 0, False), [first])
    assert second is not None
    # Its left edge rises by the first plate's thickness over some 50 mm; the right one is down.
    assert second.slope[0] == pytest.approx(-0.0018 / 0.05, rel=0.15)
    assert second.slope[1] == pytest.approx(0, abs=1e-6)


def test_face_down_turns_the_face_to_the_table() -> None:
    plate = lay_down(outline(plate_hull(0.06, 0.09, 0.0003), 0, 0, 0.5, True), [])
    assert plate is not None
    np.testing.assert_allclose(plate.pose().rotation()[:, 2], [0, 0, -1], atol=1e-12)


def test_supporting_plane_equals_a_linear_program() -> None:
    rng = np.random.default_rng(0)
    ring = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * 0.7
    for trial in range(120):
        count = int(rng.integers(1, 30))
        points = np.concatenate([ring, rng.uniform(-0.7, 0.7, (count, 2))])
        if trial % 3 == 0:  # many points in one line with the origin: the degenerate case
            points[4:] = np.round(points[4:] / 0.7) * 0.7
        heights = np.concatenate([np.zeros(4), rng.random(count) * (rng.random(count) < 0.6)])
        rows = np.column_stack([np.ones(len(points)), points])
        plane = supporting_plane(points, heights, 4)
        best = linprog([1, 0, 0], A_ub=-rows, b_ub=-heights, bounds=[(None, None)] * 3)
        assert (rows @ plane - heights).min() > -1e-9
        assert plane[0] == pytest.approx(best.fun, abs=1e-7)
