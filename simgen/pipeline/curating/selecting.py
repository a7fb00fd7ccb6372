"""Subsets, filters and splits: some frames of a set, under their own numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.dataset.named_values import frame_values, label_values
from simgen.dataset.reader import Dataset
from simgen.errors import DataError, Fault
from simgen.pipeline.curating.taking import SameNumbers, TakeStage, take
from simgen.pipeline.pool import Farm
from simgen.pipeline.stage import StageResult
from simgen.sampling.streams import KeyedStream
from simgen.spec.expression import Expression, check_names, parse
from simgen.spec.splits import split_of

Listen = Callable[[int], None]
_LOOKED_AT = 64  # frames whose names count as known


def subset(
    root: Path,
    out: Path,
    *,
    count: int | None = None,
    frames: range | None = None,
    seed: int = 0,
    farm: Farm | None = None,
) -> StageResult:
    """Some frames: those of a range, or so many, drawn by their numbers.

    Which frames are drawn depends on the seed and their own numbers alone: a larger count
    holds the smaller one's frames.

    Raises:
        DataError: none is left.
    """
    numbers = [n for n in Dataset.open(root).frames() if frames is None or n in frames]
    if count is not None and count < len(numbers):
        rank = {n: KeyedStream(seed, "frame", n, "subset").random() for n in numbers}
        numbers = sorted(sorted(numbers, key=lambda n: (rank[n], n))[:count])
    span = None if frames is None else [frames.start, frames.stop]
    params = {"count": count, "frames": span, "seed": seed}
    return _taken("subset", params, root, numbers, {}, out, farm)


@dataclass(frozen=True)
class Filter:
    """What stays.

    Args:
        where: over values of a frame, functions over its labels included; None: every frame.
        labels: over values of a label (and its frame); None: every label.
        drop_empty: leave out frames whose labels are all gone.
    """

    where: Expression | None = None
    labels: Expression | None = None
    drop_empty: bool = False

    @staticmethod
    def of(where: str | None, labels: str | None, drop_empty: bool = False) -> Filter:
        """Parse it.

        Raises:
            DataError: an expression is wrong.
        """
        return Filter(
            parse(where) if where else None, parse(labels) if labels else None, drop_empty
        )


def filtered(
    root: Path,
    out: Path,
    what: Filter,
    *,
    besides: Mapping[str, Any] | None = None,
    left_out: Mapping[int, str] | None = None,
    on_frame: Listen = lambda frame: None,
    farm: Farm | None = None,
) -> StageResult:
    """Frames and labels for which expressions hold.

    Args:
        besides: goals that were applied before, for the manifest.
        left_out: frames that are out already, and why.

    Raises:
        DataError: an expression asks for what is not recorded, or nothing is left.
    """
    dataset = Dataset.open(root)
    _check(dataset, what)
    numbers, rows = [], {}
    for record in dataset.records():
        on_frame(record.frame)
        if left_out and record.frame in left_out:
            continue
        labels = label_values(dataset, record)
        frame = frame_values(dataset, record)
        if what.where is not None and not what.where.holds(frame, labels):
            continue
        if what.labels is not None:
            kept = tuple(
                n for n, v in enumerate(labels) if what.labels.holds({**frame, **v}, labels)
            )
            if what.drop_empty and labels and not kept:
                continue
            if len(kept) < len(labels):
                rows[record.frame] = kept
        numbers.append(record.frame)
    params = {
        "where": what.where.text if what.where else None,
        "labels": what.labels.text if what.labels else None,
        "drop_empty": what.drop_empty,
        **(besides or {}),
    }
    return _taken("filter", params, root, numbers, rows, out, farm)


def split(
    root: Path, out: Path, shares: Mapping[str, float], farm: Farm | None = None
) -> dict[str, StageResult]:
    """One dataset a split below `out`; views of a world, photographs of a group, stay together.

    Args:
        shares: of the worlds by name, adding up to 1.

    Raises:
        DataError: shares that do not add up.
    """
    if abs(sum(shares.values()) - 1) > 1e-6 or any(v <= 0 for v in shares.values()):
        what = f"the shares {dict(shares)} do not add up to 1"
        raise DataError(Fault("split", what, "an example: --share train=0.9 --share val=0.1"))
    groups: dict[str, list[int]] = {name: [] for name in shares}
    for record in Dataset.open(root).records():
        groups[split_of(record.world, shares)].append(record.frame)
    out_of = {}
    for name, numbers in groups.items():
        if numbers:  # of few worlds a small split may get none
            params = {"shares": dict(shares), "part": name}
            out_of[name] = _taken("split", params, root, numbers, {}, out / name, farm, splits=None)
    return out_of


def _taken(
    kind: str,
    params: dict[str, Any],
    root: Path,
    numbers: Sequence[int],
    rows: Mapping[int, tuple[int, ...]],
    out: Path,
    farm: Farm | None,
    **fields: Any,
) -> StageResult:
    if not numbers:
        cure = "ask for less, or look at what there is: simgen stats"
        raise DataError(Fault(str(root), f"{kind} leaves no frame", cure))
    stage = TakeStage(kind, (root.resolve(),), SameNumbers(), rows)
    return take(kind, params, [root], stage, numbers, out, farm, **fields)


def _check(dataset: Dataset, what: Filter) -> None:
    """Names must be recorded in one of the first frames, or of their labels."""
    frames: set[str] = set()
    labels: set[str] = set()
    for number, record in enumerate(dataset.records()):
        if number >= _LOOKED_AT:
            break
        frames |= frame_values(dataset, record).keys()
        for values in label_values(dataset, record):
            labels |= values.keys()
    for expression in (what.where, what.labels):
        if expression is not None:
            check_names(expression, sorted(frames | labels))
