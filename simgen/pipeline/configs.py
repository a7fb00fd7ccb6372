"""Configs of stages: where presets lie, and what the files that they name hold."""

from __future__ import annotations

import hashlib
from pathlib import Path

import simgen
from simgen.errors import Fault, SceneFileError
from simgen.spec.faults import suggest


def find_config(stage: str, name: str, base: Path) -> Path:
    """The file of a config: a path relative to `base`, or a preset of `configs/STAGE`.

    Raises:
        SceneFileError: neither exists; the presets are listed.
    """
    path = (base / Path(name).expanduser()).resolve()
    if path.is_file():
        return path
    package = Path(simgen.__file__).parent
    folders = [package / "configs" / stage, package.parent / "configs" / stage]
    folder = next((f for f in folders if f.is_dir()), folders[-1])
    preset = folder / f"{name}.yaml"
    if preset.is_file():
        return preset
    known = sorted(p.stem for p in folder.glob("*.yaml"))
    what = f"there is no {stage} config or preset {name!r}"
    raise SceneFileError(Fault(name, what, suggest(name, known, "presets")))


def content_mark(path: Path) -> str:
    """Hex digest of a file; of a folder: of the names and sizes of all that is in it."""
    if path.is_file():
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    whole = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        whole.update(f"{file.relative_to(path).as_posix()}\0{file.stat().st_size}\n".encode())
    return whole.hexdigest()
