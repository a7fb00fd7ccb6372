"""Lint a dataset: every frame once, several at a time, then the set as a whole."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgen.dataset.reader import Dataset, read_record, read_world
from simgen.dataset.verifying import verify_index, verify_unowned
from simgen.errors import SimgenError
from simgen.evaluate.lint.finding import CODES, Finding, Thresholds
from simgen.evaluate.lint.labels import label_findings
from simgen.evaluate.lint.pictures import Seen, file_findings

_AHEAD = 16
_BANDS = 4  # of 16 bits each: hashes that differ by three bits or fewer agree in one of them


@dataclass(frozen=True)
class LintResult:
    """What was found.

    Args:
        frames, labels: looked at.
        findings: in the order of `CODES`, then of frames.
        by_code: their number.
    """

    frames: int
    labels: int
    findings: tuple[Finding, ...]
    by_code: dict[str, int]


@dataclass
class _Set:
    """What is remembered of the frames; 1.1 KB each, so that twins are found in any order."""

    frames: int = 0
    empty: int = 0
    categories: Counter[str] = field(default_factory=Counter)
    numbers: list[int] = field(default_factory=list)
    bits: list[int] = field(default_factory=list)
    greys: list[NDArray[np.uint8]] = field(default_factory=list)
    digests: dict[str, int] = field(default_factory=dict)
    same: list[tuple[int, int]] = field(default_factory=list)


def lint(
    out: Path,
    limits: Thresholds | None = None,
    threads: int = 1,
    on_frame: Callable[[int], None] = lambda frame: None,
) -> LintResult:
    """Look at every picture and label of a dataset.

    Args:
        threads: that decode and check.
        on_frame: called with each frame that was looked at.

    Raises:
        RunFolderError: not a dataset folder, or its manifest is damaged.
    """
    limits = limits or Thresholds()
    dataset = Dataset.open(out)
    found: list[Finding] = []
    whole = _Set()
    with ThreadPoolExecutor(max(1, threads)) as pool:
        for frame, findings, seen, categories in _looked_at(dataset, pool, limits):
            found += findings
            _remember(whole, frame, seen, categories)
            on_frame(frame)
    found += _twins(whole, limits)
    found += _balance(dataset, whole, limits)
    for finding in verify_unowned(dataset):
        found.append(Finding("leftover", finding.what, file=finding.name))
    if not any(f.code == "record" for f in found):
        for finding in verify_index(dataset):
            found.append(Finding("index", finding.what, file=finding.name))
    order = {code: number for number, code in enumerate(CODES)}
    found.sort(key=lambda f: (order[f.code], -1 if f.frame is None else f.frame, f.instance or 0))
    counts = Counter(f.code for f in found)
    by_code = {code: counts[code] for code in CODES if counts[code]}
    return LintResult(whole.frames, sum(whole.categories.values()), tuple(found), by_code)


Look = tuple[int, list[Finding], Seen, list[str]]


def _looked_at(dataset: Dataset, pool: ThreadPoolExecutor, limits: Thresholds) -> Iterator[Look]:
    known = {category.name for category in dataset.manifest.categories}
    frames = dataset.frames()

    def look(frame: int) -> Look:
        return _frame(dataset, frame, known, limits)

    flying: deque[Future[Look]] = deque(pool.submit(look, n) for n in islice(frames, _AHEAD))
    while flying:
        yield flying.popleft().result()
        flying.extend(pool.submit(look, n) for n in islice(frames, 1))


def _frame(dataset: Dataset, frame: int, known: set[str], limits: Thresholds) -> Look:
    seen, found = Seen(), list[Finding]()
    layout = dataset.layout
    name = layout.record(frame).relative_to(layout.root).as_posix()
    try:
        record = read_record(layout.record(frame))
        world = layout.world(record.world)
        if dataset.manifest.stage is None or world.is_file():
            read_world(world)
        if record.frame != frame:
            raise ValueError(f"it is the record of frame {record.frame}")
    except (SimgenError, ValueError) as error:
        what = error.faults[0].what if isinstance(error, SimgenError) else str(error)
        return frame, [Finding("record", what, frame, file=name)], seen, []
    found += file_findings(dataset, record, limits, seen)
    ids, depth = seen.arrays.get("instances"), seen.arrays.get("depth")
    size = dataset.size(record)
    found += label_findings(record, size, known, limits, ids, depth)
    seen.arrays = {}  # not needed any more, and the largest part
    return frame, found, seen, list(record.annotations.category)


def _remember(whole: _Set, frame: int, seen: Seen, categories: list[str]) -> None:
    whole.frames += 1
    whole.empty += not categories
    whole.categories.update(categories)
    if seen.bits is None or seen.grey is None:
        return
    if seen.sha256 in whole.digests:
        whole.same.append((frame, whole.digests[seen.sha256]))
        return
    whole.digests[seen.sha256] = frame
    whole.numbers.append(frame)
    whole.bits.append(seen.bits)
    whole.greys.append(seen.grey)


def _twins(whole: _Set, limits: Thresholds) -> Iterator[Finding]:
    """Pictures that are the same, and those whose hashes and small pictures nearly are."""
    for frame, other in whole.same:
        yield Finding("duplicate", f"the same file as frame {other}", frame)
    buckets: dict[tuple[int, int], list[int]] = {}
    for place, bits in enumerate(whole.bits):
        tried: set[int] = set()
        for band in range(_BANDS):
            key = (band, (bits >> (16 * band)) & 0xFFFF)
            tried.update(buckets.setdefault(key, []))
            buckets[key].append(place)
        for other in sorted(tried):
            if (bits ^ whole.bits[other]).bit_count() > limits.bits:
                continue
            alike = _correlation(whole.greys[place], whole.greys[other])
            if alike >= limits.correlation:
                what = f"like frame {whole.numbers[other]} (correlation {alike:.4f})"
                yield Finding("near-duplicate", what, whole.numbers[place])
                break


def _correlation(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    a, b = (x.astype(np.float64).ravel() - x.mean() for x in (one, other))
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    if length == 0:
        return float(np.array_equal(one, other))
    return float(a @ b) / length


def _balance(dataset: Dataset, whole: _Set, limits: Thresholds) -> Iterator[Finding]:
    if whole.frames and whole.empty / whole.frames > limits.empty:
        what = f"{whole.empty} of {whole.frames} frames, {100 * limits.empty:.0f} % are all right"
        yield Finding("empty", what)
    names = [category.name for category in dataset.manifest.categories]
    if not whole.categories:
        return
    most, top = whole.categories.most_common(1)[0]
    for name in names:
        number = whole.categories[name]
        if not number:
            yield Finding("unused-category", f"{name!r}")
        elif top / number > limits.imbalance:
            yield Finding("imbalance", f"{name!r} has {number} labels, {most!r} {top}")
