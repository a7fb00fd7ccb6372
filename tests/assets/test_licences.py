"""Licences are read from the notes beside a mesh, and all that are named are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.assets.licences import licence_of


@pytest.mark.parametrize(
    ("name", "text", "spdx"),
    [
        ("LICENSE", "MIT License\n\nPermission is hereby granted, free of charge", "MIT"),
        ("SOURCE.md", "Scans, CC BY 4.0; from a repository (MIT).", "CC-BY-4.0 AND MIT"),
        ("licence.txt", "Creative Commons CC0 1.0 Universal", "CC0-1.0"),
        ("LICENSE", "Apache License\n  Version 2.0, January 2004", "Apache-2.0"),
        ("README.md", "CC BY-NC-SA 4.0", "CC-BY-NC-SA-4.0"),
        ("LICENSE", "ask my lawyer", "unknown"),
    ],
)
def test_guess(tmp_path: Path, name: str, text: str, spdx: str) -> None:
    folder = tmp_path / "set" / "mug"
    folder.mkdir(parents=True)
    (tmp_path / "set" / name).write_text(text)
    (tmp_path / "LICENSE").write_text("MIT")  # above the source: not ours to read
    assert licence_of(folder, tmp_path / "set") == spdx


def test_the_nearest_note_counts(tmp_path: Path) -> None:
    (tmp_path / "mug").mkdir()
    (tmp_path / "LICENSE").write_text("MIT")
    (tmp_path / "mug" / "LICENSE").write_text("CC0")
    assert licence_of(tmp_path / "mug", tmp_path) == "CC0-1.0"
