"""The manifest of a derived dataset: what it was made from, hashed, without paths."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import simgen
from simgen.dataset.reader import Dataset
from simgen.dataset.records import FORMAT, Manifest, SourceInfo, StageInfo
from simgen.errors import DataError, Fault
from simgen.pipeline.manifest import hashed

_BLANK = Manifest(
    format=FORMAT,
    simgen=simgen.__version__,
    input_hash="",
    seed=0,
    engine="",
    quality={},
    size=(0, 0),
    outputs=("rgb",),
    views_per_world=1,
    max_points=0,
    metres_per_depth_step=0.0,
    categories=(),
    scene={},
)


def stage_manifest(
    kind: str,
    params: dict[str, Any],
    sources: Sequence[SourceInfo],
    *,
    like: Manifest | None = None,
    **fields: Any,
) -> Manifest:
    """The manifest of what a stage makes.

    Args:
        kind: of stage, as its verb is called.
        params: plain data without paths: files go in by name and hash.
        sources: what it reads, in the order in which origins count them.
        like: manifest whose size, outputs, depth step, categories and splits hold on.
        fields: of the manifest that differ (`seed`, `size`, `outputs`, `categories`, ...).
    """
    blank = _BLANK
    if like is not None:
        names = ("size", "outputs", "views_per_world", "max_points", "metres_per_depth_step",
                 "categories", "splits")  # fmt: skip
        blank = replace(blank, **{name: getattr(like, name) for name in names})
    return hashed(replace(blank, stage=StageInfo(kind, params, tuple(sources)), **fields))


def source_info(dataset: Dataset) -> SourceInfo:
    """What a manifest says about a dataset that a stage reads.

    Raises:
        DataError: it has no frames.
    """
    digest, frames = content_digest(dataset)
    root = dataset.layout.root
    if frames == 0:
        raise DataError(Fault(str(root), "the dataset has no frames", "make some first"))
    manifest = dataset.manifest
    return SourceInfo(root.resolve().name, digest, manifest.input_hash, frames, manifest.stage)


def content_digest(dataset: Dataset) -> tuple[str, int]:
    """Hex digest of all frame records, and their number; records hold the hashes of the files."""
    whole = hashlib.sha256()
    count = 0
    for frame in dataset.frames():
        whole.update(hashlib.sha256(dataset.layout.record(frame).read_bytes()).digest())
        count += 1
    return whole.hexdigest(), count
