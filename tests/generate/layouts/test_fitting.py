"""A law that is known comes back: counts, co-occurrence, sizes, places, spacing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgen.generate.layouts.fitting import fit_layout
from simgen.generate.layouts.norta import copula_of, nearest_correlation
from simgen.generate.layouts.observing import Picture, observe
from simgen.sampling.layouts.drawing import draw_layout
from simgen.sampling.layouts.model import Copula, Counts, LayoutLaw
from simgen.sampling.layouts.spacing import spacing_of
from simgen.sampling.streams import KeyedStream

NAMES = ("cup", "saucer", "knife")


def known_pictures(number: int, seed: int = 0) -> list[Picture]:
    """Cups come with saucers and without knives; full pictures show small things; within a
    picture what lies lower is larger; cups are the largest; nothing is nearer than 1.2 sizes."""
    rng = np.random.default_rng(seed)
    out = []
    shared = np.array([[1.0, 0.8, -0.6], [0.8, 1.0, -0.5], [-0.6, -0.5, 1.0]])
    root = np.linalg.cholesky(shared)
    for _ in range(number):
        scores = root @ rng.standard_normal(3)
        counts = np.maximum(np.round([3 + 1.6 * scores[0], 2.5 + 1.4 * scores[1],
                                      2 + 1.5 * scores[2]]), 0).astype(int)  # fmt: skip
        kinds = np.repeat(np.arange(3), counts)
        level = -3.0 - 0.06 * len(kinds) + 0.1 * rng.standard_normal()
        places: list[np.ndarray] = []
        sizes: list[float] = []
        for kind in kinds:
            for _ in range(200):
                place = np.array([0.5, 0.5]) + 0.17 * rng.standard_normal(2)
                size = float(np.exp(level + (0.5, 0.2, 0.0)[kind] + 1.0 * (place[1] - 0.5)
                                    + 0.05 * rng.standard_normal()))  # fmt: skip
                gaps = [np.linalg.norm(place - p) / ((size + s) / 2)
                        for p, s in zip(places, sizes, strict=True)]  # fmt: skip
                if min(gaps, default=9) > 1.2:
                    break
            places.append(place)
            sizes.append(size)
        where, sides = np.array(places).reshape(-1, 2), np.array(sizes)[:, None]
        out.append(Picture(1.0, 1.0, np.hstack([where - sides / 2, sides, sides]), kinds))
    return out


def drawn_pictures(law: LayoutLaw, number: int) -> list[Picture]:
    names = [one.name for one in law.classes]
    out = []
    for index in range(number):
        wishes = draw_layout(law, KeyedStream(5, "world", index, "layout"))
        rows = [(w.across - w.size / 2, w.down - w.size / 2, w.size, w.size) for w in wishes]
        kinds = np.array([names.index(w.category) for w in wishes], np.int64)
        out.append(Picture(1.0, 1.0, np.array(rows, np.float64).reshape(-1, 4), kinds))
    return out


def facts_of(pictures: list[Picture]) -> dict[str, float]:
    seen = observe(pictures, len(NAMES))
    totals = seen.counts.sum(axis=1)
    own = seen.objects[np.isfinite(seen.objects).all(axis=1)]
    level = np.isfinite(seen.picture[:, 0])
    sizes = [np.concatenate([np.log(p.boxes[p.classes == k, 2]) for p in pictures]) for k in (0, 2)]
    spacing = np.concatenate([
        spacing_of(p.boxes[:, :2] + p.boxes[:, 2:] / 2, p.boxes[:, 2]) for p in pictures
    ])  # fmt: skip
    return {
        "cups": float(seen.counts[:, 0].mean()),
        "total": float(totals.mean()),
        "total_spread": float(totals.std()),
        "cups_with_saucers": float(np.corrcoef(seen.counts.T)[0, 1]),
        "cups_with_knives": float(np.corrcoef(seen.counts.T)[0, 2]),
        "full_and_small": float(np.corrcoef(totals[level], seen.picture[level, 0])[0, 1]),
        "low_and_large": float(np.corrcoef(own[:, 0], own[:, 2])[0, 1]),
        "cups_larger": float(sizes[0].mean() - sizes[1].mean()),
        "spacing_10": float(np.quantile(spacing[np.isfinite(spacing)], 0.1)),
        "spacing_50": float(np.quantile(spacing[np.isfinite(spacing)], 0.5)),
    }


BOUNDS = {
    "cups": 0.25, "total": 0.4, "total_spread": 0.35, "cups_with_saucers": 0.15,
    "cups_with_knives": 0.15, "full_and_small": 0.15, "low_and_large": 0.12, "cups_larger": 0.08,
    "spacing_10": 0.12, "spacing_50": 0.25,
}  # fmt: skip


@pytest.fixture(scope="module")
def law() -> LayoutLaw:
    return fit_layout(known_pictures(300), NAMES)


@pytest.fixture(scope="module")
def truth() -> dict[str, float]:
    return facts_of(known_pictures(1500, seed=1))


def test_a_known_law_comes_back(law: LayoutLaw, truth: dict[str, float]):
    found = facts_of(drawn_pictures(law, 800))
    off = {name: (truth[name], found[name]) for name, bound in BOUNDS.items()
           if abs(truth[name] - found[name]) > bound}  # fmt: skip
    assert not off


def test_without_the_copulas_it_would_not(law: LayoutLaw, truth: dict[str, float]):
    def alone(copula: Copula) -> Copula:
        size = len(copula.correlation)
        return Copula(tuple(tuple(float(i == j) for j in range(size)) for i in range(size)))

    def free(one):
        return None if one is None else replace(one, copula=alone(one.copula))

    classes = tuple(replace(one, law=free(one.law)) for one in law.classes)
    loose = replace(law, copula=alone(law.copula), law=free(law.law), classes=classes)
    found = facts_of(drawn_pictures(loose, 800))
    for name in ("cups_with_saucers", "cups_with_knives", "full_and_small", "low_and_large"):
        assert abs(truth[name] - found[name]) > 2 * BOUNDS[name], name


def test_counts_are_those_that_were_seen(law: LayoutLaw):
    seen = {len(p.classes) for p in known_pictures(300)}
    assert {len(p.classes) for p in drawn_pictures(law, 300)} <= seen


@pytest.mark.parametrize("rho", [-0.7, 0.3, 0.9])
def test_ties_do_not_weaken_a_dependence(rho: float):
    """Normal scores of counts that are mostly zero, found again to a few hundredths."""
    rng = np.random.default_rng(3)
    scores = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], 40_000)
    counts = np.floor(np.maximum(scores[:, 0] + 0.2, 0) * 2).astype(int)
    shares = Counts(tuple(np.bincount(counts) / len(counts)))
    values = np.column_stack([counts, np.exp(scores[:, 1])])
    assert copula_of(values, [shares, None])[0, 1] == pytest.approx(rho, abs=0.03)
    twice = np.column_stack([counts, np.roll(counts, 1)])
    assert copula_of(twice, [shares, shares])[0, 1] == pytest.approx(0.0, abs=0.03)


def test_an_impossible_correlation_becomes_the_nearest_possible():
    wrong = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    found = nearest_correlation(wrong)
    np.linalg.cholesky(found)
    assert np.allclose(np.diag(found), 1, atol=1e-6)
    fine = np.array([[1, 0.5], [0.5, 1]])
    assert np.array_equal(nearest_correlation(fine), fine)


def test_pictures_of_one_object_each_can_be_fitted():
    pictures = [Picture(640.0, 480.0, np.array([[10.0 * n, 20.0, 40.0 + n, 30.0]]), np.array([0]))
                for n in range(10)]  # fmt: skip
    law = fit_layout(pictures, ["thing"])
    for index in range(20):
        (wish,) = draw_layout(law, KeyedStream(0, "world", index, "x"), 4 / 3)
        assert law.sizes[0] <= wish.size <= law.sizes[1]
        assert law.across[0] <= wish.across <= law.across[1]


def test_many_rare_classes_can_be_fitted():
    rng = np.random.default_rng(2)
    pictures = []
    for _ in range(60):
        number = int(rng.integers(0, 7))
        boxes = np.column_stack([rng.uniform(0, 500, (number, 2)), rng.uniform(9, 90, (number, 2))])
        pictures.append(Picture(640.0, 480.0, boxes, rng.integers(0, 80, number)))
    law = fit_layout(pictures, [f"c{n}" for n in range(80)])
    totals = [len(draw_layout(law, KeyedStream(0, "world", i, "x"))) for i in range(200)]
    assert np.mean(totals) == pytest.approx(np.mean([len(p.classes) for p in pictures]), abs=0.5)


def test_nothing_to_fit_to_is_refused():
    with pytest.raises(ValueError, match="no objects"):
        fit_layout([Picture(9.0, 9.0, np.zeros((0, 4)), np.zeros(0, np.int64))], ["a"])
