import numpy as np
import pytest
from scipy import stats

from simgen.records.pose import Pose
from simgen.sampling.streams import KeyedStream, normal_quantile

FIRST = [0.6313933421985246, 0.35151419224154]


def stream(name: str = "test", seed: int = 0) -> KeyedStream:
    return KeyedStream(seed, "world", 7, name)


def test_the_first_numbers_never_change() -> None:
    # Stored worlds stay reproducible only while these do.
    own = KeyedStream(0, "world", 0, "objects.parts.0.scale")
    assert [own.random() for _ in range(2)] == FIRST


def test_children_do_not_depend_on_draws_made() -> None:
    fresh, used = stream(), stream()
    for _ in range(5):
        used.random()
    assert fresh.child("a").random() == used.child("a").random()
    assert stream("a").child("b.c").random() == stream("a").child("b").child("c").random()


@pytest.mark.parametrize(
    "other",
    [
        KeyedStream(1, "world", 7, "test"),
        KeyedStream(0, "frame", 7, "test"),
        KeyedStream(0, "world", 8, "test"),
        KeyedStream(0, "world", 7, "tes"),
    ],
)
def test_every_part_of_the_key_matters(other: KeyedStream) -> None:
    assert other.random() != stream().random()


def test_normal_follows_the_normal_distribution() -> None:
    own = stream("normal")
    assert stats.kstest([own.normal(2, 3) for _ in range(4000)], "norm", (2, 3)).pvalue > 0.01


def test_normal_quantile_is_finite_symmetric_and_exact() -> None:
    top = 1 - 2.0**-53
    assert normal_quantile(0.0) == -normal_quantile(top)
    assert 8.2 < normal_quantile(top) < 8.3
    u = np.linspace(0.001, 0.999, 501)
    np.testing.assert_allclose(
        [normal_quantile(v) for v in u], stats.norm.ppf(u), rtol=0, atol=1e-12
    )


def test_integers_are_even_and_closed() -> None:
    own = stream("integer")
    counts = np.bincount([own.integer(3, 8) for _ in range(6000)], minlength=9)
    assert counts[:3].sum() == 0
    assert stats.chisquare(counts[3:]).pvalue > 0.01


def test_directions_are_uniform() -> None:
    own = stream("direction")
    points = np.array([own.direction() for _ in range(3000)])
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, atol=1e-12)
    for axis in range(3):  # Archimedes: each coordinate is uniform
        assert stats.kstest(points[:, axis], "uniform", (-1, 2)).pvalue > 0.01


def test_rotations_are_uniform() -> None:
    own = stream("rotation")
    turned = np.array([Pose((0, 0, 0), own.rotation()).rotation() for _ in range(3000)])
    np.testing.assert_allclose(np.linalg.det(turned), 1, atol=1e-9)
    for axis in range(3):
        assert stats.kstest(turned[:, axis, 2], "uniform", (-1, 2)).pvalue > 0.01
    angle = np.arccos(np.clip((np.trace(turned, axis1=1, axis2=2) - 1) / 2, -1, 1))
    density = stats.kstest(angle, lambda a: (a - np.sin(a)) / np.pi)  # Miles 1965
    assert density.pvalue > 0.01


def test_shuffles_are_even() -> None:
    own = stream("shuffle")
    seen: dict[tuple[int, ...], int] = {}
    for _ in range(2400):
        key = tuple(own.shuffled([0, 1, 2, 3]))
        seen[key] = seen.get(key, 0) + 1
    assert len(seen) == 24
    assert stats.chisquare(list(seen.values())).pvalue > 0.01
