"""Licence of an asset, guessed from the notes that lie with it."""

from __future__ import annotations

import re
from pathlib import Path

_NAMES: tuple[str, ...] = (
    *("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "LICENCE.txt", "licence.txt"),
    *("license.txt", "COPYING", "SOURCE.md", "README.md"),
)
# Order matters: longer names first, so that CC BY-SA is not taken for CC BY.
_MARKS: tuple[tuple[str, str], ...] = (
    ("CC-BY-NC-SA-4.0", r"CC[ -]BY[ -]NC[ -]SA[ -]4\.0|Attribution-NonCommercial-ShareAlike 4\.0"),
    ("CC-BY-NC-4.0", r"CC[ -]BY[ -]NC[ -]4\.0|Attribution-NonCommercial 4\.0"),
    ("CC-BY-SA-4.0", r"CC[ -]BY[ -]SA[ -]4\.0|Attribution-ShareAlike 4\.0"),
    ("CC-BY-4.0", r"CC[ -]BY[ -]4\.0|Creative Commons Attribution 4\.0"),
    ("CC0-1.0", r"\bCC0\b"),
    ("Apache-2.0", r"Apache-2\.0|Apache License,?\s+Version 2\.0"),
    ("MIT", r"\bMIT\b|Permission is hereby granted, free of charge"),
    ("BSD-3-Clause", r"BSD-3-Clause|Neither the name of"),
    ("BSD-2-Clause", r"BSD-2-Clause|Redistributions in binary form must reproduce"),
)


def notes_of(folder: Path) -> str:
    """Text of the licence files of a folder, READMEs left out; "" if there are none."""
    texts = []
    for name in _NAMES:
        path = folder / name
        if name != "README.md" and path.is_file():
            texts.append(path.read_text(encoding="utf-8", errors="replace").strip())
    return "\n\n".join(dict.fromkeys(texts))


def licence_of(folder: Path, top: Path) -> str:
    """SPDX expression for the nearest folder from `folder` up to `top` that says anything.

    Every licence that its notes mention is named (`CC-BY-4.0 AND MIT`): which one applies to
    which part is for a person to read, and leaving one out could break it.
    """
    here = folder
    while True:
        found = _in_folder(here)
        if found:
            return found
        if here == top or here == here.parent:
            return "unknown"
        here = here.parent


def _in_folder(folder: Path) -> str:
    text = ""
    for name in _NAMES:
        path = folder / name
        try:
            if not path.is_file() or path.is_symlink():  # a pipe would never end
                continue
            with open(path, encoding="utf-8", errors="replace") as stream:
                text += stream.read(200_000) + "\n"
        except OSError:
            continue
    return spdx_of(text)


def spdx_of(text: str) -> str:
    """Every licence that a text mentions, as one SPDX expression; "" for none."""
    found = []
    for spdx, mark in _MARKS:
        if spdx == "BSD-2-Clause" and "BSD-3-Clause" in found:
            continue  # its text is part of the longer one
        if re.search(mark, text):
            found.append(spdx)
    return " AND ".join(sorted(found))
