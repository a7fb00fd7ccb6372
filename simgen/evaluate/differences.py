"""What differs between two datasets: settings, frames, pictures, labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from simgen.dataset.reader import Dataset
from simgen.dataset.records import FrameRecord, Manifest
from simgen.records.serial import to_json, to_plain

_OF_SETS = ("input_hash", "seed", "engine", "quality", "size", "outputs", "categories", "splits")


@dataclass
class Differences:
    """Of two sets, frame by frame.

    Args:
        manifest: name -> value in the first and in the second.
        only_first, only_second: frames that one lacks.
        files: output -> frames whose file differs.
        labels: frames whose labels differ, with what changed.
        facts: frames whose other recorded values differ.
        same: frames that are equal in all.
        labels_by_category: name -> number in the first and in the second.
    """

    manifest: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    only_first: list[int] = field(default_factory=list)
    only_second: list[int] = field(default_factory=list)
    files: dict[str, list[int]] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    facts: list[int] = field(default_factory=list)
    same: int = 0
    labels_by_category: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def equal(self) -> bool:
        """Whether nothing differs but how the sets were made."""
        other = (self.only_first, self.only_second, self.files, self.labels, self.facts)
        return not any(other) and not set(self.manifest) - {"input_hash"}


def differences(
    first: Path, second: Path, on_frame: Callable[[int], None] = lambda n: None
) -> Differences:
    """Compare two datasets by their frame numbers; streams, and decodes nothing.

    Raises:
        RunFolderError: one is not a dataset.
    """
    a, b = Dataset.open(first), Dataset.open(second)
    out = Differences(manifest=_manifests(a.manifest, b.manifest))
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    left, right = a.frames(), b.frames()
    i, j = next(left, None), next(right, None)
    while i is not None or j is not None:
        if j is None or (i is not None and i < j):
            assert i is not None
            out.only_first.append(i)
            counts[0].update(a.record(i).annotations.category)
            i = next(left, None)
        elif i is None or j < i:
            out.only_second.append(j)
            counts[1].update(b.record(j).annotations.category)
            j = next(right, None)
        else:
            mine, theirs = a.record(i), b.record(j)
            counts[0].update(mine.annotations.category)
            counts[1].update(theirs.annotations.category)
            _compare(mine, theirs, out)
            on_frame(i)
            i, j = next(left, None), next(right, None)
    names = dict.fromkeys([*counts[0], *counts[1]])
    out.labels_by_category = {name: (counts[0][name], counts[1][name]) for name in names}
    return out


def _manifests(a: Manifest, b: Manifest) -> dict[str, tuple[Any, Any]]:
    pairs = {n: (to_plain(getattr(a, n)), to_plain(getattr(b, n))) for n in _OF_SETS}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _compare(a: FrameRecord, b: FrameRecord, out: Differences) -> None:
    differs = False
    for name in dict.fromkeys([*a.files, *b.files]):
        mine, theirs = a.files.get(name), b.files.get(name)
        if mine is None or theirs is None or mine.sha256 != theirs.sha256:
            out.files.setdefault(name, []).append(a.frame)
            differs = True
    if to_json(a.annotations) != to_json(b.annotations):
        out.labels[a.frame] = _labels(a, b)
        differs = True
    plain = {"files": {}, "annotations": a.annotations, "provenance": None}
    if to_json(replace(a, **plain)) != to_json(replace(b, **plain)):  # type: ignore[arg-type]
        out.facts.append(a.frame)
        differs = True
    out.same += not differs


def _labels(a: FrameRecord, b: FrameRecord) -> str:
    mine, theirs = a.annotations, b.annotations
    old, new = set(mine.instance), set(theirs.instance)
    if old != new:
        parts = []
        if new - old:
            parts.append(f"{len(new - old)} more")
        if old - new:
            parts.append(f"{len(old - new)} gone")
        return ", ".join(parts)
    columns = [
        name
        for name in dict.fromkeys([*mine.columns(), *theirs.columns()])
        if mine.columns().get(name) != theirs.columns().get(name)
    ]
    return ", ".join(columns)
