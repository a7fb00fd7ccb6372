"""The manifest: what all shards of a run folder share, and the refusal of everything else."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import simgen
from simgen.dataset.atomic import create_exclusive
from simgen.dataset.images import depth_step_for
from simgen.dataset.layout import Layout
from simgen.dataset.reader import read_manifest
from simgen.dataset.records import FORMAT, Manifest
from simgen.dataset.urls import UrlPath, reach
from simgen.errors import Fault, RunFolderError
from simgen.pipeline.annotating import annotator_outputs
from simgen.pipeline.portable import canonical_hash, differences, without_paths
from simgen.plugin.scene import Scene
from simgen.records.serial import to_plain
from simgen.sampling.far import far_bound_m

_SHOWN = 8
# Held in fields of their own (resolved), or free to differ between shards.
_NOT_HASHED = ("simgen", "frames", "render", "outputs", "categories", "splits")


def build_manifest(scene: Scene, seed: int, engine: str, quality: dict[str, Any]) -> Manifest:
    """The manifest that a run of this scene needs; touches no disk."""
    file = scene.file
    plain = without_paths(scene.document.data, scene.roots)
    if "render" in plain:  # `quality` has them resolved; some name files of this machine
        plain["render"] = {k: v for k, v in plain["render"].items() if k != "settings"}
    manifest = Manifest(
        format=FORMAT,
        simgen=simgen.__version__,
        input_hash="",
        seed=seed,
        engine=engine,
        quality=quality,
        size=file.render.size,
        outputs=tuple(dict.fromkeys([*file.outputs, *annotator_outputs(scene)])),
        views_per_world=file.frames_per_world,
        max_points=file.render.max_points,
        metres_per_depth_step=depth_step_for(far_bound_m(scene)),
        categories=scene.categories,
        scene=plain,
        splits=file.splits,
    )
    return hashed(manifest)


def hashed(manifest: Manifest) -> Manifest:
    """The manifest with the hash of what it says."""
    return replace(manifest, input_hash=canonical_hash(_parts(manifest)))


def open_run_folder(out: Path, manifest: Manifest) -> Manifest:
    """Create the folder with this manifest, or check that it belongs to the same input.

    Returns:
        The manifest in the folder.

    Raises:
        RunFolderError: another input (every difference is named), a folder that is not ours,
            or one that cannot be written.
    """
    layout = Layout(out)
    check_run_folder(out, manifest)
    if not layout.manifest.exists():
        _create(layout, manifest)
    else:
        _probe(out)
    stored = read_manifest(layout.manifest)
    _refuse_other(layout, stored, manifest)
    return stored


def check_run_folder(out: Path, manifest: Manifest) -> None:
    """The checks of `open_run_folder` that need no writing.

    Raises:
        RunFolderError: as there.
    """
    layout = Layout(out)
    reach(out)
    if layout.manifest.exists():
        _refuse_other(layout, read_manifest(layout.manifest), manifest)
    elif out.exists() and not out.is_dir():
        raise RunFolderError(Fault(str(out), "expected a folder, this is a file", _CHOOSE))
    elif out.is_dir() and _foreign(out) and not layout.manifest.exists():
        what = "the folder has files, but no manifest.json of simgen"
        raise RunFolderError(Fault(str(out), what, "choose a new or empty folder"))


_CHOOSE = "choose another --out"


def _foreign(out: Path) -> list[str]:
    return [p.name for p in out.iterdir() if not p.name.startswith(".") and p.name != "lost+found"]


def _create(layout: Layout, manifest: Manifest) -> None:
    # In the order of the scene file, not sorted: reading it back gives the same instance ids.
    data = json.dumps(to_plain(manifest), indent=1, ensure_ascii=False).encode() + b"\n"
    made = missing_folders(layout.root)
    try:
        layout.root.mkdir(parents=True, exist_ok=True)
        create_exclusive(layout.manifest, data)
    except RunFolderError:
        return  # another process was faster; the caller compares
    except Exception as error:
        for folder in made:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        reason = getattr(error.__cause__ or error, "strerror", None) or error
        what = f"cannot create the run folder: {reason}"
        raise RunFolderError(Fault(str(layout.root), what, _CHOOSE)) from error


def missing_folders(path: Path) -> list[Path]:
    """Folders that `mkdir(parents=True)` will make, innermost first; behind a URL are none."""
    if isinstance(path, UrlPath):
        return []
    return [folder for folder in (path, *path.parents) if not folder.exists()]


def _probe(out: Path) -> None:
    if isinstance(out, UrlPath):  # the run's log is written next, and says what is wrong
        return
    try:
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        what = f"cannot write here: {error.strerror}"
        raise RunFolderError(Fault(str(out), what, _CHOOSE)) from None


def _parts(manifest: Manifest) -> dict[str, Any]:
    scene = {k: v for k, v in manifest.scene.items() if k not in _NOT_HASHED}
    fields = vars(manifest) | {"input_hash": None, "simgen": None, "scene": None}
    own = {name: to_plain(value) for name, value in fields.items() if value is not None}
    return {**scene, **own}


def _refuse_other(layout: Layout, stored: Manifest, asked: Manifest) -> None:
    if stored.input_hash == asked.input_hash:
        return
    found = differences(_parts(stored), _parts(asked))
    faults = [
        Fault(
            f"{layout.root} {at}".strip(),
            f"the folder was made with {_short(old)}, this run asks for {_short(new)}",
            "choose another --out, or ask for the same",
        )
        for at, old, new in found[:_SHOWN]
    ]
    if len(found) > _SHOWN:
        faults.append(Fault(str(layout.root), f"... and {len(found) - _SHOWN} more differences"))
    raise RunFolderError(faults or [Fault(str(layout.root), "made from another input", _CHOOSE)])


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
