"""`simgen export`: a dataset in another format, whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from simgen.assets.library import AssetLibrary
from simgen.dataset.atomic import storage_error
from simgen.dataset.reader import Dataset
from simgen.errors import DataError, Fault, RunFolderError
from simgen.pipeline.progress import progress
from simgen.pipeline.replay import recorded_scene
from simgen.pipeline.settings import validated
from simgen.plugin.registry import Registry
from simgen.plugin.stage_protocols import SetFacts


@dataclass(frozen=True)
class ExportResult:
    """What was written.

    Args:
        out: folder.
        index: file or folder in it that a reader of the format opens.
        frames: number of samples.
    """

    out: Path
    index: Path
    frames: int


def export_set(
    source: Path,
    out: Path,
    writer: str,
    settings: dict[str, Any] | None = None,
    plugin_dirs: tuple[Path, ...] = (),
) -> ExportResult:
    """Write a dataset in another format; the folder gets its name when all is there.

    Args:
        writer: name of the plugin.
        settings: of the writer.

    Raises:
        RunFolderError: not a dataset, or `out` exists.
        DataError: the format cannot hold it.
        StorageError: disk full or unwritable; nothing is left.
    """
    plugin = Registry.installed(plugin_dirs).get("writers", writer, f"--to {writer}")
    params = validated(plugin, settings or {})
    dataset = Dataset.open(source)
    frames = list(dataset.frames())
    if not frames:
        raise DataError(Fault(str(source), "the dataset has no frames", "make some first"))
    _check(source, out)
    facts = set_facts(dataset)
    if dataset.manifest.stage is None:
        facts = replace(facts, assets=partial(_library, source, plugin_dirs))
    outputs = getattr(plugin, "outputs", None)
    with _folder(out) as folder:
        session = plugin.open(params, facts, folder)
        with progress(f"export to {writer}", len(frames)) as advance:
            for frame in frames:
                session.write(dataset.sample(frame, outputs))
                advance(frame)
        index = session.close()
    return ExportResult(out, out / index, len(frames))


def set_facts(dataset: Dataset) -> SetFacts:
    """What writers are told about a dataset as a whole."""
    manifest = dataset.manifest
    return SetFacts(
        dataset.layout.root.resolve().name,
        manifest.categories,
        manifest.outputs,
        manifest.metres_per_depth_step,
        manifest.size,
        manifest.splits,
    )


def _library(source: Path, plugin_dirs: tuple[Path, ...]) -> AssetLibrary:
    """Assets of a rendered set, from where its newest run had them."""
    scene = recorded_scene(source, (), plugin_dirs)
    return AssetLibrary(scene, Registry.installed(plugin_dirs))


def _check(source: Path, out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        what = "there is something here already"
        raise RunFolderError(Fault(str(out), what, "choose a new folder, or remove it"))
    if out.resolve().is_relative_to(source.resolve()):
        what = f"the output lies in the dataset {source}"
        raise RunFolderError(Fault(str(out), what, "choose another --out"))


@contextmanager
def _folder(out: Path) -> Iterator[Path]:
    """A folder beside `out` that is renamed to it when the block ends without an error."""
    temporary = out.absolute().with_name(f".{out.absolute().name}.{os.getpid()}.tmp")
    try:
        try:
            temporary.mkdir(parents=True)
        except OSError as error:
            raise storage_error(out, error) from error
        try:
            yield temporary
            if out.is_dir():
                out.rmdir()  # empty, or it would have been refused
            temporary.rename(out)
        except OSError as error:
            raise storage_error(out, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
