"""WebDataset shards and Hugging Face folders, read by the libraries themselves."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_sets import CATEGORIES, awkward_map, sample_of, write_set

from simgen.dataset.coco_rows import annotation_rows
from simgen.dataset.reader import Dataset
from simgen.dataset.samples import record_of
from simgen.pipeline.exporting import export_set
from simgen.records.masks import decode
from simgen.records.sample import Sample

IDS = {category.name: category.id for category in CATEGORIES}


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    counts = (3, 300, 0, 8, 1)
    return [sample_of(awkward_map(i, n), i, visibility=0.5) for i, n in enumerate(counts)]


@pytest.fixture(scope="module")
def source(samples: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sets") / "Satz 1"
    return write_set(root, samples, outputs=("rgb", "instances"))


def test_webdataset_gives_the_samples_back(
    samples: list[Sample], source: Path, tmp_path: Path
) -> None:
    wds = pytest.importorskip("webdataset", reason="webdataset is not installed")
    export_set(source, tmp_path / "wds", "webdataset", {"samples_per_shard": 2})
    index = json.loads((tmp_path / "wds/train.index.json").read_bytes())
    assert [row["nsamples"] for row in index["shardlist"]] == [2, 2, 1]
    urls = [str(tmp_path / "wds" / row["url"]) for row in index["shardlist"]]
    found = list(wds.WebDataset(urls, shardshuffle=False).decode("rgb8"))
    names = {c.name: c for c in CATEGORIES}
    first = 1
    for sample, row in zip(samples, found, strict=True):
        assert row["__key__"] == f"{sample.frame:08d}"
        assert (row["png"] == sample.rgb).all()
        expected = list(annotation_rows(record_of(sample, {}, sample.size), names, first))
        first += len(expected)
        assert row["json"]["annotations"] == json.loads(json.dumps(expected))
        assert row["json"]["image"]["id"] == sample.frame + 1
    raw = list(wds.WebDataset(urls, shardshuffle=False))
    assert all(r["instances.png"][:4] == b"\x89PNG" for r in raw)
    assert len(raw) == len(samples)


def test_webdataset_shards_are_the_same_bytes_every_time(source: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        export_set(source, tmp_path / name, "webdataset", {"samples_per_shard": 2})
        os.utime(source / "manifest.json")
    files = sorted(p.name for p in (tmp_path / "a").iterdir())
    assert files == sorted(p.name for p in (tmp_path / "b").iterdir())
    assert all(
        (tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files
    )
    assert [f for f in files if f.endswith(".tar")] == [f"train-{i:06d}.tar" for i in range(3)]


def test_shards_end_at_their_size(source: Path, tmp_path: Path) -> None:
    from simgen.dataset.writers import webdataset

    export_set(source, tmp_path / "one", "webdataset")
    assert len(list((tmp_path / "one").glob("*.tar"))) == 1
    before, webdataset._MIB = webdataset._MIB, 1
    try:
        export_set(source, tmp_path / "many", "webdataset", {"mib_per_shard": 1})
    finally:
        webdataset._MIB = before
    assert len(list((tmp_path / "many").glob("*.tar"))) == 5


def load(folder: Path, cache: Path) -> Any:
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    datasets.disable_progress_bars()
    return datasets.load_dataset(str(folder), cache_dir=str(cache))


def test_datasets_gives_the_samples_back(
    samples: list[Sample], source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    export_set(source, tmp_path / "hf", "huggingface", {"maps": True})
    found = load(tmp_path / "hf", tmp_path / "cache")["train"]
    for sample, row in zip(samples, found, strict=True):
        labels, objects = sample.annotations, row["objects"]
        assert (np.array(row["image"]) == sample.rgb).all()
        assert (np.array(row["instances"]) == sample.instances).all()
        assert (row["image_id"], row["width"], row["height"]) == (sample.frame + 1, *sample.size)
        assert objects["category"] == list(labels.category)
        assert objects["category_id"] == [IDS[name] for name in labels.category]
        assert [tuple(box) for box in objects["bbox"]] == list(labels.box_xywh_px)
        assert objects["area"] == list(labels.area_px)
        assert objects["visibility"] == list(labels.visibility)
        for i, counts in enumerate(objects["rle"]):
            rle = {"size": [row["height"], row["width"]], "counts": counts}
            assert (decode(rle) == decode(labels.mask[i])).all()  # type: ignore[arg-type]


def test_datasets_sees_splits_and_captions(rendered_set: Path, tmp_path: Path) -> None:
    export_set(rendered_set, tmp_path / "hf", "huggingface")
    found = load(tmp_path / "hf", tmp_path / "cache")
    assert set(found) == {"train", "validation"}
    rows = {row["image_id"]: row for split in found.values() for row in split}
    for sample in Dataset.open(rendered_set).samples(outputs=()):
        assert tuple(rows[sample.frame + 1]["captions"]) == sample.captions != ()
