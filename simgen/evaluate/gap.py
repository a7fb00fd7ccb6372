"""The gap between a synthetic and a real set: pictures, boxes, features, duplicates, coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgen.errors import DataError, Fault
from simgen.evaluate import box_statistics, image_statistics
from simgen.evaluate.bootstrap import Estimate
from simgen.evaluate.box_statistics import Boxes
from simgen.evaluate.coco_files import LabelFile, category_ids, require_images
from simgen.evaluate.descriptor import NAME, layout_features
from simgen.evaluate.distances import coverage, fid, fid_infinity, kid, kid_estimate
from simgen.evaluate.duplicates import Twin, twins
from simgen.evaluate.gap_advice import advise
from simgen.evaluate.image_statistics import measure, open_rgb

Floats = NDArray[np.float64]
_PAIRS = 6
_MIN_IMAGES = 8


@dataclass(frozen=True)
class Compared:
    """One measure in both sets.

    Args:
        name: of the measure.
        kind: `image` or `box`.
        synthetic: 10th, 50th and 90th percentile.
        real: the same of the real set.
        shift: difference of the means in pooled standard deviations (Cohen's d).
        spread: synthetic over real standard deviation.
        outside: share of the real set outside the synthetic 2.5 to 97.5 percentiles.
        advice: what to change in the scene; "" where the sets agree.
    """

    name: str
    kind: str
    synthetic: tuple[float, float, float]
    real: tuple[float, float, float]
    shift: float
    spread: float
    outside: float
    advice: str


@dataclass(frozen=True)
class Pair:
    """A picture of one set and its nearest in the other.

    Args:
        synthetic: file name.
        real: file name.
        distance: between their features.
    """

    synthetic: str
    real: str
    distance: float


@dataclass(frozen=True)
class Features:
    """Distances of features.

    Args:
        backbone: what the features are.
        kid: with interval over images.
        kid_floor: KID between two halves of the real set: what "no gap" looks like.
        fid: biased upwards on small sets.
        fid_infinity: extrapolated to endless sets.
        density: Naeem et al. 2020.
        coverage: share of real pictures that have a synthetic one near.
        coverage_floor: coverage of one half of the real set by the other.
        alike: synthetic pictures nearest to a real one.
        apart: synthetic pictures furthest from any real one.
        uncovered: real pictures furthest from any synthetic one.
        advice: what to change; "" where the gap is small.
    """

    backbone: str
    kid: Estimate
    kid_floor: float
    fid: float
    fid_infinity: float
    density: float
    coverage: float
    coverage_floor: float
    alike: tuple[Pair, ...]
    apart: tuple[Pair, ...]
    uncovered: tuple[Pair, ...]
    advice: str


@dataclass(frozen=True)
class Copies:
    """Near duplicates between the sets.

    Args:
        pairs: file names of both and how alike they are, at most 1.
        total: how many pairs there are.
    """

    pairs: tuple[Pair, ...]
    total: int


@dataclass(frozen=True)
class Gap:
    """How a synthetic set differs from a real one.

    Args:
        synthetic: path of its labels.
        real: path of its labels.
        images: number in both.
        labels: number in both.
        compared: measures, those that cover the real set least first.
        spectrum: log10 of mean radial power, 0 to 0.5 cycles a pixel, in both.
        places: where label centres lie, 8 x 8, in both.
        shares: category -> share of the labels in both.
        median_px: median size of boxes in pixels, in both.
        features: distances.
        copies: leakage between the sets.
    """

    synthetic: str
    real: str
    images: tuple[int, int]
    labels: tuple[int, int]
    compared: tuple[Compared, ...]
    spectrum: tuple[tuple[float, ...], tuple[float, ...]]
    places: tuple[tuple[tuple[float, ...], ...], tuple[tuple[float, ...], ...]]
    shares: dict[str, tuple[float, float]]
    median_px: tuple[float, float]
    features: Features
    copies: Copies


def gap(
    synthetic: LabelFile,
    real: LabelFile,
    mapping: Mapping[str, str] | None = None,
    features: tuple[str, Floats, Floats] | None = None,
    seed: int = 0,
) -> Gap:
    """Compare two sets.

    Args:
        synthetic: labels with images.
        real: labels with images.
        mapping: synthetic category name -> real name.
        features: name of a backbone and float64[N, D] of both sets in order of their images;
            the built-in descriptor when not given.
        seed: of subsets.

    Raises:
        DataError: images missing, sets too small, categories that do not fit.
    """
    sets = (synthetic, real)
    paths = tuple(require_images(one) for one in sets)
    for one in sets:
        if len(one.images) < _MIN_IMAGES:
            what = f"{len(one.images)} images are too few to compare"
            raise DataError(Fault(str(one.path), what, f"give at least {_MIN_IMAGES}"))
    _check_categories(synthetic, real, mapping or {})
    boxes = tuple(box_statistics.box_statistics(one) for one in sets)
    measured, spectra = zip(*(_measured(p) for p in paths), strict=True)
    compared = [
        *(_compare(n, "image", measured[0][n], measured[1][n]) for n in measured[0]),
        *(_compare(n, "box", boxes[0].values[n], boxes[1].values[n])
          for n in box_statistics.MEASURES),
    ]  # fmt: skip
    copies = twins(*paths)
    return Gap(
        synthetic=str(synthetic.path),
        real=str(real.path),
        images=(len(synthetic.images), len(real.images)),
        labels=(len(synthetic.annotations), len(real.annotations)),
        compared=tuple(sorted(compared, key=lambda c: (-c.outside, -abs(c.shift)))),
        spectrum=(spectra[0], spectra[1]),
        places=(_rows(boxes[0].places), _rows(boxes[1].places)),
        shares=_shares(boxes[0], boxes[1], mapping or {}),
        median_px=(boxes[0].median_px, boxes[1].median_px),
        features=_features(synthetic, real, paths, features, seed),
        copies=_copies(copies, synthetic, real),
    )


def _measured(paths: Sequence[Path]) -> tuple[dict[str, Floats], tuple[float, ...]]:
    import cv2

    rows, powers = [], []
    for path in paths:
        rgb = image_statistics.at_most(open_rgb(path), image_statistics.LONGEST_SIDE)
        gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float64)
        powers.append(image_statistics.radial_power(gray))
        slope = image_statistics.spectrum_slope(powers[-1])
        rows.append({**measure(rgb), "spectrum_slope": slope})
    values = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    # The mean of logarithms: one bright picture must not be the whole curve.
    spectrum = np.log10(np.array(powers) + 1e-9).mean(axis=0)
    return values, tuple(round(float(v), 4) for v in spectrum)


def _compare(name: str, kind: str, fake: Floats, real: Floats) -> Compared:
    pooled = float(np.sqrt((fake.var() + real.var()) / 2))
    shift = float((fake.mean() - real.mean()) / max(pooled, 1e-9))
    spread = float(fake.std() / max(real.std(), 1e-9))
    low, high = np.quantile(fake, [0.025, 0.975])
    above, below = float((real > high).mean()), float((real < low).mean())
    advice = advise(name, above, below)
    outside = above + below
    return Compared(name, kind, _tenths(fake), _tenths(real), shift, spread, outside, advice)


def _features(
    synthetic: LabelFile,
    real: LabelFile,
    paths: tuple[list[Path], ...],
    given: tuple[str, Floats, Floats] | None,
    seed: int,
) -> Features:
    name, fake_of, real_of = given or (NAME, layout_features(paths[0]), layout_features(paths[1]))
    for rows, one in ((fake_of, synthetic), (real_of, real)):
        if len(rows) != len(one.images):
            what = f"{len(rows)} feature vectors for {len(one.images)} images"
            raise DataError(Fault(str(one.path), what, "give one row per image, in order"))
    b, a = real_of, fake_of
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 5])))
    mixed = b[np.argsort(rng.random(len(b)))]
    halves = mixed[: len(b) // 2], mixed[len(b) // 2 :]
    near = coverage(b, a)
    floor = coverage(*halves).coverage
    found = kid_estimate(a, b, seed)
    fakes, reals = ([str(row["file_name"]) for row in one.images] for one in (synthetic, real))
    pairs = [Pair(fakes[i], reals[int(near.nearest[i])], float(near.distance[i]))
             for i in np.argsort(near.distance, kind="stable")]  # fmt: skip
    lonely = [Pair(fakes[int(near.real_nearest[i])], reals[i], float(near.real_distance[i]))
              for i in np.argsort(-near.real_distance, kind="stable")]  # fmt: skip
    advice = ""
    if near.coverage < 0.8 * floor:
        advice = (
            "widen backgrounds, light and layout towards the real pictures below, which have no "
            "synthetic one near them"
        )
    return Features(
        backbone=name,
        kid=found,
        kid_floor=kid(*halves),
        fid=fid(a, b),
        fid_infinity=fid_infinity(a, b, seed),
        density=near.density,
        coverage=near.coverage,
        coverage_floor=floor,
        alike=tuple(pairs[:_PAIRS]),
        apart=tuple(pairs[::-1][:_PAIRS]),
        uncovered=tuple(lonely[:_PAIRS]),
        advice=advice,
    )


def _check_categories(synthetic: LabelFile, real: LabelFile, mapping: Mapping[str, str]) -> None:
    used = {int(row["category_id"]) for row in synthetic.annotations}
    where = f"{synthetic.path} and {real.path}"
    _, faults = category_ids(where, used, synthetic.names, real.names, mapping)
    if faults:
        raise DataError(faults)


def _shares(fake: Boxes, real: Boxes, mapping: Mapping[str, str]) -> dict[str, tuple[float, float]]:
    mapped: dict[str, float] = {}
    for name, share in fake.shares.items():
        mapped[mapping.get(name, name)] = mapped.get(mapping.get(name, name), 0.0) + share
    return {name: (mapped.get(name, 0.0), share) for name, share in real.shares.items()}


def _copies(found: Sequence[Twin], synthetic: LabelFile, real: LabelFile) -> Copies:
    pairs = [
        Pair(str(synthetic.images[t.first]["file_name"]), str(real.images[t.second]["file_name"]),
             t.correlation)
        for t in found[:_PAIRS]
    ]  # fmt: skip
    return Copies(tuple(pairs), len(found))


def _tenths(values: Floats) -> tuple[float, float, float]:
    low, middle, high = (float(v) for v in np.quantile(values, [0.1, 0.5, 0.9]))
    return (low, middle, high)


def _rows(places: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(round(float(v), 4) for v in row) for row in places)
