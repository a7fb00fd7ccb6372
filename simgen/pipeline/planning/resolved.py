"""The resolved scene file: everything merged, weights as numbers, paths as seen from its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml

from simgen.dataset.atomic import write_atomic
from simgen.pipeline.portable import with_paths, without_paths
from simgen.plugin.gate import scene_from
from simgen.plugin.registry import Registry
from simgen.plugin.scene import Scene
from simgen.spec.document import Document, Position, parse_document
from simgen.spec.overlay import overlay
from simgen.spec.presets import preset_names

_WIDTH = 110


def laid_over(scene: Scene, changes: dict[str, Any], registry: Registry) -> Scene:
    """The scene with plain settings laid over it, validated again."""
    position = Position("simgen plan", 0, 0, scene.path.resolve().parent)
    document = overlay(scene.document, Document(changes, {(): position}))
    return scene_from(document, scene.path, registry)


def write_resolved(scene: Scene, out: Path, notes: list[str], registry: Registry) -> None:
    """Write the scene as one file; what would not validate there is never written.

    Args:
        notes: lines of the comment at its top.

    Raises:
        SceneFileError: the file would not validate (a bug).
        StorageError: it cannot be written.
    """
    folder = out.resolve().parent
    places = {name: _seen_from(folder, root.written, root.location)
              for name, root in scene.roots.items()}  # fmt: skip
    data = with_paths(without_paths(scene.document.data, scene.roots), places)
    quality = (data.get("render") or {}).get("quality")
    if quality is not None and quality not in preset_names("quality"):
        position = scene.document.position(("render", "quality"))
        base = position.base if position else folder
        data["render"]["quality"] = _seen_from(folder, quality, (base / quality).resolve())
    head = "".join(f"# {line}\n" for line in notes)
    text = head + yaml.safe_dump(
        data, sort_keys=False, default_flow_style=None, width=_WIDTH, allow_unicode=True
    )
    scene_from(parse_document(text, str(out), folder), out, registry)
    write_atomic(out, text.encode())


def _seen_from(folder: Path, written: str, location: Path) -> str:
    """A path for a file in `folder`: relative where it was, so that both can move together."""
    if Path(written).expanduser().is_absolute():
        return str(location)
    return Path(os.path.relpath(location, folder)).as_posix()
