"""Full and read-only disks, odd names: exports and tools leave nothing half-written."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from simgen.conformance.invented_set import invented_set
from simgen.dataset.reader import Dataset
from simgen.errors import SimgenError
from simgen.evaluate.lint import Thresholds, lint
from simgen.evaluate.set_statistics import set_statistics
from simgen.pipeline.augmenting.gate import load_augment
from simgen.pipeline.augmenting.stage import augment_dataset
from simgen.pipeline.curating.merging import merge
from simgen.pipeline.curating.selecting import subset
from simgen.pipeline.exporting import export_set
from simgen.pipeline.importing import import_set
from simgen.plugin.registry import Registry
from simgen.report.stats_page import write_stats
from simgen.report.view import write_view

Mount = Callable[[Path, str], AbstractContextManager[Path]]  # the fixture `tmpfs`


def exporting(name: str, **settings: object) -> Callable[[Path, Path], object]:
    return lambda source, out: export_set(source, out, name, dict(settings))


def augmenting(source: Path, out: Path) -> object:
    return augment_dataset(source, load_augment("mosaic", Registry.installed()), out)


TOOLS: dict[str, Callable[[Path, Path], object]] = {
    "coco": exporting("coco", link=False),
    "yolo": exporting("yolo", link=False),
    "voc": exporting("voc", link=False),
    "webdataset": exporting("webdataset"),
    "huggingface": exporting("huggingface", link=False),
    "subset": lambda source, out: subset(source, out, count=40),
    "merge": lambda source, out: merge([source], out),
    "augment": augmenting,
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return invented_set(tmp_path_factory.mktemp("tools") / "set", 40)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_full_disk(tool: str, source: Path, tmp_path: Path, tmpfs: Mount) -> None:
    with tmpfs(tmp_path / "disk", "size=256k") as disk:
        with pytest.raises(SimgenError, match=r"full|space"):
            TOOLS[tool](source, disk / "out")
        left = [p for p in disk.rglob("*") if p.is_file() and ".tmp" in p.name]
        assert left == []
        if (disk / "out").exists():  # a stage keeps its whole frames, to go on with
            made = Dataset.open(disk / "out")
            for record in made.records():
                for fact in record.files.values():
                    assert (disk / "out" / fact.name).stat().st_size == fact.bytes


@pytest.mark.parametrize("tool", TOOLS)
def test_a_read_only_disk(tool: str, source: Path, tmp_path: Path, tmpfs: Mount) -> None:
    with tmpfs(tmp_path / "disk", "size=4m") as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(SimgenError, match=r"[Rr]ead-only"):
            TOOLS[tool](source, disk / "out")
        assert list(disk.iterdir()) == []


@pytest.mark.parametrize("page", [write_view, lambda s, o: write_stats(set_statistics(s), o)])
def test_pages_on_a_full_disk(
    page: Callable[[Path, Path], object], source: Path, tmp_path: Path, tmpfs: Mount
) -> None:
    with tmpfs(tmp_path / "disk", "size=16k") as disk:
        with pytest.raises(SimgenError, match=r"full|space"):
            page(source, disk / "out")
        assert not (disk / "out" / "index.html").exists()
        assert not [p for p in disk.rglob("*") if ".tmp" in p.name]


def test_spaces_and_other_alphabets(tmp_path: Path) -> None:
    names = ("disc", "bar", "ring", "Größe 1", "骰子")
    folder = invented_set(tmp_path / "mein Satz, 骰子 #1", 4, names=names)
    ours = subset(folder, tmp_path / "ein Teil ✓", count=3)
    merged = merge([folder, ours.out], tmp_path / "beide & mehr")
    assert merged.images == 7
    found = lint(merged.out, Thresholds(tiny_px=1)).by_code
    assert set(found) <= {"unused-category", "duplicate"}
    for name in ("coco", "yolo", "voc"):
        done = export_set(merged.out, tmp_path / f"als {name} ö", name, {})
        back = (
            import_set(tmp_path / f"als {name} ö", tmp_path / f"zurück {name}")
            if (name != "coco")
            else None
        )
        assert done is not None
        if back is not None:
            assert back.images == 7
    write_view(merged.out, merged.out / "view")
    assert "beide &amp; mehr" in (merged.out / "view" / "index.html").read_text()
