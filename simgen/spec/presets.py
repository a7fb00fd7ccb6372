"""Presets: config files that come with simgen, a folder for each kind."""

from __future__ import annotations

from pathlib import Path

import simgen
from simgen.errors import Fault, SceneFileError
from simgen.spec.faults import suggest


def preset_folder(kind: str) -> Path:
    """`configs/KIND` of the installed wheel, or of the checkout."""
    package = Path(simgen.__file__).parent
    installed = package / "configs" / kind
    return installed if installed.is_dir() else package.parent / "configs" / kind


def preset_names(kind: str) -> list[str]:
    """Names of the presets of a kind."""
    return sorted(path.stem for path in preset_folder(kind).glob("*.yaml"))


def find_config(kind: str, name: str, base: Path, noun: str = "") -> Path:
    """The file of a config: a path relative to `base`, or a preset of `configs/KIND`.

    Args:
        noun: what such configs are called; default: as their folder.

    Raises:
        SceneFileError: neither exists; the presets are listed.
    """
    path = (base / Path(name).expanduser()).resolve()
    if path.is_file():
        return path
    preset = preset_folder(kind) / f"{name}.yaml"
    if preset.is_file():
        return preset
    what = f"there is no {noun or kind} config or preset {name!r}"
    raise SceneFileError(Fault(name, what, suggest(name, preset_names(kind), "presets")))
