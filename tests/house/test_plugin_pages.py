"""docs/plugins is what the plugins say of themselves."""

from __future__ import annotations

from pathlib import Path

from simgen.plugin.pages import pages, shipped, stale

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "plugins"


def test_the_pages_of_all_plugins_are_current():
    texts = pages(shipped((ROOT / "plugins",) if (ROOT / "plugins").is_dir() else ()))
    old = [
        name
        for name, text in texts.items()
        if not (DOCS / name).is_file() or (DOCS / name).read_text() != text
    ]
    assert not old, "run `make docs`"
    assert not stale(texts, DOCS), "run `make docs`"
