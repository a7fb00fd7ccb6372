"""The page of a dataset, in a real browser: it loads, filters and toggles, without complaint."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from simgen.conformance.invented_set import invented_set
from simgen.dataset.reader import Dataset
from simgen.report.view import ViewOptions, write_view
from simgen.report.view.serving import open_server

COUNT = 430  # three data scripts


def chromium() -> str | None:
    """Debian's Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


needs_browser = pytest.mark.skipif(chromium() is None, reason="chromium is not installed (apt)")


@pytest.fixture(scope="module")
def page_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = invented_set(tmp_path_factory.mktemp("view") / "a set & more", COUNT)
    done = write_view(root, root / "view", ViewOptions(points=3))
    assert done.frames == COUNT
    return root / "view"


@contextmanager
def browser_page(width: int = 1200, height: int = 800) -> Iterator[tuple[Any, list[str]]]:
    """A browser page, and what it complained of."""
    playwright = pytest.importorskip("playwright.sync_api")
    said: list[str] = []
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": height})
        page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("requestfailed", lambda r: said.append(f"failed: {r.url}"))
        yield page, said
        browser.close()


@needs_browser
def test_it_loads_filters_and_toggles_from_disk(page_folder: Path) -> None:
    dataset = Dataset.open(page_folder.parent)
    with browser_page() as (page, said):
        page.goto(f"file://{page_folder}/index.html")
        page.wait_for_selector(".cell")
        assert page.inner_text("#shown") == f"{COUNT} of {COUNT} frames"
        assert 0 < page.locator(".cell").count() < 80  # only what is in sight exists
        page.wait_for_function("document.querySelectorAll('.cell rect').length > 0")

        # Filter by category: frames that show a ring, and nothing else.
        page.click("#allcats")
        assert page.inner_text("#shown").startswith("0 of")
        names = [c.name for c in dataset.manifest.categories]
        page.locator("#cats input").nth(names.index("ring")).check()
        rings = [r.frame for r in dataset.records() if "ring" in r.annotations.category]
        assert page.inner_text("#shown") == f"{len(rings)} of {COUNT} frames"
        page.click("#allcats")

        # And by a parameter.
        page.fill("#find", "label visibility")
        page.click("#params details:not([hidden]) summary")
        page.fill("#params details:not([hidden]) input >> nth=1", "0.2")
        hidden = [r for r in dataset.records() if any(v <= 0.2 for v in r.annotations.visibility)]
        assert page.inner_text("#shown") == f"{len(hidden)} of {COUNT} frames"
        page.fill("#params details:not([hidden]) input >> nth=1", "")

        # One frame, its labels, and every overlay.
        page.click('.cell[data-frame="3"]')
        page.wait_for_selector("#facts .lab")
        labels = dataset.record(3).annotations
        assert page.locator("#facts .lab").count() == len(labels)
        assert "#3" in page.url
        for key, name in {"b": "boxes", "m": "masks", "a": "amodal", "t": "names"}.items():
            button = page.locator(f'[data-toggle="{name}"]')
            before = "on" in (button.get_attribute("class") or "")
            page.keyboard.press(key)
            assert ("on" in (button.get_attribute("class") or "")) != before
        page.keyboard.press("d")
        page.wait_for_timeout(200)
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.querySelector('#title').textContent === 'frame 4'")
        page.keyboard.press("Escape")
        assert page.is_hidden("#detail")

        # Far down: labels of another script.
        page.fill("#goto", str(COUNT - 1))
        page.press("#goto", "Enter")
        page.wait_for_function(
            f"document.querySelector('#title').textContent.endsWith('{COUNT - 1}')"
        )
        assert said == []


@needs_browser
def test_masks_are_drawn_where_they_are(page_folder: Path) -> None:
    from simgen.records.masks import decode

    dataset = Dataset.open(page_folder.parent)
    record = next(r for r in dataset.records() if len(r.annotations) >= 2)
    with browser_page() as (page, said):
        page.goto(f"file://{page_folder}/index.html#{record.frame}")
        page.wait_for_selector("#facts .lab")
        size = dataset.size(record)
        drawn = page.evaluate(
            """([w, h]) => { const d = new ImageData(w, h);
            VIEW.frame.l.forEach((l) => paint(d.data, [w, h], l.m, [1, 2, 3], 255));
            return Array.from(d.data).filter((_, i) => i % 4 === 3); }""",
            list(size),
        )
        ours = np.zeros((size[1], size[0]), bool)
        for rle in record.annotations.mask:
            ours |= decode(rle)
        assert np.array_equal(np.array(drawn).reshape(ours.shape) == 255, ours)
        assert said == []


@needs_browser
def test_a_phone_can_use_it(page_folder: Path) -> None:
    with browser_page(390, 844) as (page, said):
        page.goto(f"file://{page_folder}/index.html")
        page.wait_for_selector(".cell")
        assert page.is_hidden("#side")
        page.click("#menu")
        assert page.is_visible("#side")
        page.click("#menu")
        page.click(".cell >> nth=0")
        page.wait_for_selector("#facts .lab, #facts h2")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390
        assert said == []


@needs_browser
def test_it_works_from_a_server(page_folder: Path) -> None:
    server, url = open_server(page_folder.parent, page_folder, 0)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        assert url.startswith("http://127.0.0.1:")
        with browser_page() as (page, said):
            page.goto(url)
            page.wait_for_selector(".cell img")
            page.click(".cell >> nth=2")
            page.wait_for_selector("#facts")
            assert said == []
    finally:
        server.shutdown()
        server.server_close()


def test_a_second_run_makes_only_what_is_missing(tmp_path: Path) -> None:
    root = invented_set(tmp_path / "set", 5)
    write_view(root, root / "view")
    thumbs = sorted((root / "view" / "thumbs").rglob("*.jpg"))
    assert len(thumbs) == 5
    before = {path: path.stat().st_mtime_ns for path in thumbs}
    thumbs[2].unlink()
    write_view(root, root / "view")
    after = {path: path.stat().st_mtime_ns for path in thumbs}
    assert [p for p in thumbs if before[p] != after[p]] == [thumbs[2]]


def test_a_copy_stands_alone(tmp_path: Path) -> None:
    root = invented_set(tmp_path / "set", 3)
    write_view(root, tmp_path / "page", ViewOptions(copy=True))
    assert len(list((tmp_path / "page" / "images").rglob("*.png"))) == 3
    text = (tmp_path / "page" / "data" / "00000.js").read_text()
    assert '"p":"images/0000/00000000.png"' in text


def test_names_cannot_break_the_page(tmp_path: Path) -> None:
    root = invented_set(tmp_path / "<script>alert(1)<", 1)
    write_view(root, tmp_path / "page")
    html = (tmp_path / "page" / "index.html").read_text()
    assert "<script>alert" not in html


def test_a_rerun_recording_holds_what_the_frames_show(tmp_path: Path) -> None:
    rerun = pytest.importorskip("rerun")
    from simgen.pipeline.plan import RenderRequest
    from simgen.pipeline.run import render_dataset
    from simgen.report.view.recording import write_recording

    (tmp_path / "s.yaml").write_text(
        "simgen: 1\nscene: {type: flying}\nobjects: {b: {asset: box, count: 3, category: box}}\n"
        "camera: {distance_m: 0.6}\nrender: {engine: raycast, size: [64, 48], quality: draft}\n"
    )
    render_dataset(RenderRequest(tmp_path / "s.yaml", range(4)), tmp_path / "set")
    path = tmp_path / "out" / "set.rrd"
    assert write_recording(tmp_path / "set", path, 3) == 3
    assert [p.name for p in path.parent.iterdir()] == ["set.rrd"]
    recording = rerun.dataframe.load_recording(path)
    view = recording.view(index="frame", contents="world/**")
    table = view.select().read_all()
    assert table.num_rows == 3
    columns = " ".join(table.column_names)
    for part in ("camera/image/rgb", "image/boxes", "image/depth", "world/points"):
        assert part in columns
