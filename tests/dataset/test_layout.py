"""Names on disk."""

from __future__ import annotations

from pathlib import Path

from simgen.dataset.layout import Layout


def test_names_are_those_of_the_house() -> None:
    layout = Layout(Path("out"))
    assert layout.output("rgb", 42) == Path("out/images/0000/00000042.png")
    assert layout.output("points", 12_345) == Path("out/points/0001/00012345.ply")
    assert layout.record(99_999_999) == Path("out/frames/9999/99999999.json")
    assert layout.world(7) == Path("out/worlds/0000/00000007.json")
    assert layout.coco == Path("out/annotations/instances.json")


def test_frames_come_in_order_over_chunks_without_temporary_files(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    for number in (10_000, 3, 20_001, 9_999):
        layout.record(number).parent.mkdir(parents=True, exist_ok=True)
        layout.record(number).touch()
    (layout.record(3).parent / ".00000004.json.1-1.tmp").touch()
    assert list(layout.frames()) == [3, 9_999, 10_000, 20_001]
    assert list(layout.worlds()) == []
