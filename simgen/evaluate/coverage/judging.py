"""Whether realised values follow what was asked for: tests, bins, missing ranges.

Continuous laws: one-sample Kolmogorov-Smirnov; discrete ones: Pearson's chi-squared, values with
fewer than five expected taken together. With hundreds of settings some are unlikely by chance, so
p values are adjusted (Benjamini and Hochberg 1995), and a shift also needs a size: the largest
difference of the distribution functions, or the total variation, of at least 0.05.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.coverage.found import Values
from simgen.evaluate.coverage.laws import Continuous, Discrete, law_of, parts_of
from simgen.evaluate.coverage.wanted import Setting

Floats = NDArray[np.float64]
Verdict = Literal["as asked", "shifted", "too few"]
MIN_VALUES = 20
MIN_SIZE = 0.05
_FALSE_DISCOVERIES = 0.01
_EXPECTED = 5.0
_MOST_BINS = 24


@dataclass(frozen=True)
class Bin:
    """A value or range with its shares.

    Args:
        low, high: ends of a range; None for a single value.
        missing: at least five were to be expected, none came.
    """

    label: str
    requested: float
    realised: float
    low: float | None = None
    high: float | None = None
    missing: bool = False


@dataclass(frozen=True)
class Covered:
    """One setting, requested and realised.

    Args:
        section, name: where it stands in the scene file.
        asked: its distribution.
        values: realised ones; lost: further draws, of objects that found no place.
        chosen: of the values by views that were chosen for edge cases. Those are shown in the
            bins and left out of the test.
        test: `KS` or `chi2`; empty where there is none.
        size: largest difference of distribution functions, or total variation.
        p: adjusted for the number of tests.
        missing: ranges and values that were asked for and never came.
    """

    section: str
    name: str
    asked: str
    values: int
    lost: int
    chosen: int
    test: str
    size: float | None
    p: float | None
    verdict: Verdict
    bins: tuple[Bin, ...]
    missing: tuple[str, ...]


def judge(setting: Setting, found: Values | None, part: str = "") -> Covered | None:
    """The record of a setting; None where nothing is left to chance."""
    law = _law(setting, part)
    if law is None:
        return None
    found = found or Values(setting, part)
    if isinstance(law, Discrete):
        return _judge_discrete(law, found)
    return _judge_continuous(law, found)


def adjusted(found: Sequence[Covered]) -> list[Covered]:
    """The same with p values for the false discovery rate, and verdicts by them."""
    tested = [i for i, one in enumerate(found) if one.p is not None]
    order = sorted(tested, key=lambda i: found[i].p or 0.0)
    out, least = list(found), 1.0
    for rank in range(len(order), 0, -1):
        one = found[order[rank - 1]]
        least = min(least, (one.p or 0.0) * len(order) / rank)
        shifted = least < _FALSE_DISCOVERIES and (one.size or 0.0) >= MIN_SIZE
        verdict: Verdict = "shifted" if shifted else "as asked"
        out[order[rank - 1]] = replace(one, p=least, verdict=verdict)
    return out


def part_names(setting: Setting) -> list[str]:
    """Numbers that describe a setting's values; `""` for a plain number."""
    return (list(parts_of(setting.distribution)) if setting.distribution else []) or [""]


def _law(setting: Setting, part: str) -> Continuous | Discrete | None:
    if setting.shares is not None:
        return Discrete(setting.shares) if len(setting.shares) > 1 else None
    if setting.distribution is None:
        return None
    return parts_of(setting.distribution)[part] if part else law_of(setting.distribution)


def _judge_continuous(law: Continuous, found: Values) -> Covered:
    from scipy.stats import kstest

    values = np.asarray(found.plain, np.float64)
    size = p = None
    if len(values) >= MIN_VALUES:
        answer = kstest(values, law.cdf)
        size, p = float(answer.statistic), float(answer.pvalue)
    everything = np.asarray([*found.plain, *found.chosen], np.float64)
    asked = len(everything) + found.lost
    counts, _ = np.histogram(np.clip(everything, law.edges[0], law.edges[-1]), law.edges)
    shares = np.diff(law.cdf(law.edges))
    bins = []
    for i, (count, share) in enumerate(zip(counts, shares, strict=True)):
        low, high = float(law.edges[i]), float(law.edges[i + 1])
        lacking = bool(count == 0 and share * asked >= _EXPECTED)
        realised = float(count / max(len(everything), 1))
        bins.append(Bin(f"{low:.3g} to {high:.3g}", float(share), realised, low, high, lacking))
    return _covered(found, "KS", size, p, bins)


def _judge_discrete(law: Discrete, found: Values) -> Covered:
    size = p = None
    labels = {value: value for value in law.shares}
    if found.setting.items and found.setting.shares is None:
        labels = {str(i): text for i, text in enumerate(found.setting.items)}
    tested = Counter(str(v) for v in found.plain)
    if len(found.plain) >= MIN_VALUES:
        size, p = _chi_squared(law, tested, len(found.plain))
    every = tested + Counter(str(v) for v in found.chosen)
    total = sum(every.values())
    bins = []
    for value, share in law.shares.items():
        lacking = every[value] == 0 and share * (total + found.lost) >= _EXPECTED
        realised = every[value] / max(total, 1)
        bins.append(Bin(labels.get(value, value), share, realised, missing=lacking))
    for value in sorted(set(every) - set(law.shares)):
        bins.append(Bin(f"{value} (not asked for)", 0.0, every[value] / total))
    return _covered(found, "chi2", size, p, _fewer(bins))


def _chi_squared(law: Discrete, seen: Counter[str], total: int) -> tuple[float, float]:
    """Total variation and p value."""
    from scipy.stats import chi2

    values = [*law.shares, *(set(seen) - set(law.shares))]
    expected = np.array([law.shares.get(v, 0.0) for v in values]) * total
    got = np.array([seen[v] for v in values], np.float64)
    size = float(np.abs(got - expected).sum() / 2 / total)
    few = expected < _EXPECTED
    if few.any():
        expected = np.append(expected[~few], expected[few].sum())
        got = np.append(got[~few], got[few].sum())
    keep = expected > 0
    if got[~keep].sum() > 0:  # something came that was not asked for
        return size, 0.0
    expected, got = expected[keep], got[keep]
    if len(expected) < 2:
        return size, 1.0
    statistic = float(((got - expected) ** 2 / expected).sum())
    return size, float(chi2.sf(statistic, len(expected) - 1))


def _fewer(bins: list[Bin]) -> list[Bin]:
    """At most two dozen bins: of more values the most frequent, and the rest as one."""
    if len(bins) <= _MOST_BINS:
        return bins
    order = sorted(bins, key=lambda b: -max(b.requested, b.realised))
    shown, rest = order[: _MOST_BINS - 1], order[_MOST_BINS - 1 :]
    lacking = sum(b.missing for b in rest)
    label = f"{len(rest)} others" + (f", {lacking} of them missing" if lacking else "")
    both = sum(b.requested for b in rest), sum(b.realised for b in rest)
    return [*shown, Bin(label, *both)]


def _covered(
    found: Values, test: str, size: float | None, p: float | None, bins: list[Bin]
) -> Covered:
    setting, chosen = found.setting, len(found.chosen)
    return Covered(
        setting.section,
        f"{setting.name} ({found.part})" if found.part else setting.name,
        setting.text,
        len(found.plain) + chosen,
        found.lost,
        chosen,
        test if p is not None else "",
        size,
        p,
        "too few" if p is None else "as asked",
        tuple(bins),
        tuple(_ranges(bins)),
    )


def _ranges(bins: list[Bin]) -> list[str]:
    """Missing bins, neighbours joined."""
    out: list[list[Bin]] = []
    for i, one in enumerate(bins):
        if not one.missing:
            continue
        joined = out and i and bins[i - 1].missing and one.low is not None
        if joined:
            out[-1].append(one)
        else:
            out.append([one])
    return [
        run[0].label if run[0].low is None else f"{run[0].low:.3g} to {run[-1].high:.3g}"
        for run in out
    ]
