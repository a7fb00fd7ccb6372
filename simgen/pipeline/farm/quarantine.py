"""Quarantine: what could not be made, with reasons, logs and record, in `OUT/quarantine/KEY/`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from simgen.dataset.atomic import commit, remove_tree
from simgen.errors import SimgenError
from simgen.pipeline.farm.work import Failure, Try
from simgen.records.serial import from_plain, to_plain


class Quarantine:
    """The failures of one run folder.

    Args:
        folder: of all of them.
        run: id of this run.
    """

    def __init__(self, folder: Path, run: str) -> None:
        self.folder, self.run = folder, run
        # What failed in earlier runs is tried again: its cause may be gone.
        self._earlier = set(self.keys())

    def keys(self) -> list[str]:
        """Of all pieces that are set aside now."""
        try:
            names = [path.name for path in self.folder.iterdir()]
        except FileNotFoundError:  # there is none, or it has just been lifted by another driver
            return []
        return sorted(name for name in names if not name.startswith("."))

    def add(self, failure: Failure, evidence: Sequence[Path] = ()) -> None:
        """Set a piece aside; a disk that takes nothing more must not hide the failure itself."""
        place = self.folder / failure.piece.key
        reason = {
            "piece": failure.piece.title,
            "frames": list(getattr(failure.piece, "frames", ())),
            "run": self.run,
            "tries": [_without_texts(one) for one in failure.tries],
        }
        files: list[tuple[Path, bytes | Path]] = [
            (place / path.name, path.read_bytes()) for path in evidence if path.is_file()
        ]
        files.append((place / "log.txt", _log(failure).encode()))
        files.append((place / "reason.json", json.dumps(reason, indent=1).encode() + b"\n"))
        with suppress(SimgenError):
            commit(files)
        self._earlier.discard(failure.piece.key)

    def lift(self, key: str) -> None:
        """A piece is made after all."""
        if key in self._earlier:
            self._earlier.discard(key)
            with suppress(OSError):
                remove_tree(self.folder / key)
                self.folder.rmdir()

    def of_another(self, piece: Any) -> Failure | None:
        """How a piece failed at another driver since this run began."""
        if piece.key in self._earlier:
            return None
        try:
            found = json.loads((self.folder / piece.key / "reason.json").read_bytes())
            tries = from_plain(tuple[Try, ...], found["tries"])
        except (OSError, ValueError, KeyError, msgspec.ValidationError):
            return None
        return Failure(piece, tries) if found.get("run") != self.run and tries else None


def _without_texts(one: Try) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(one)
    return {name: value for name, value in plain.items() if name not in ("trace", "log")}


def _log(failure: Failure) -> str:
    parts = []
    for number, one in enumerate(failure.tries, start=1):
        head = f"== try {number}, {one.seconds:g} s"
        said = [str(fault) for fault in one.faults]
        parts += [head, *said, one.trace, one.log]
    return "\n".join(part for part in parts if part) + "\n"
