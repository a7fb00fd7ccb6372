"""Imports sources that only Blender reads into a library of meshes (`simgen assets import`).

The worker writes GLB, and on request a .blend with the source's own materials, into the exchange
folder; from there each file gets its name in the library when it is whole, the GLB last. A
source's record in `.imports` comes after all its assets: with it, and nothing changed, a source is
not imported again.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from simgen.assets.packages import check_package
from simgen.errors import AssetError, Fault, MissingExtraError
from simgen.render.cycles.exchange import Exchange
from simgen.render.cycles.process import Worker, WorkerDied
from simgen.render.cycles.shelving import ImportedAsset, Shelf

Kind = Literal["blend", "urdf", "bop", "file"]
FORMATS = (".obj", ".ply", ".stl", ".fbx", ".dae", ".gltf", ".glb")
USD = (".usd", ".usda", ".usdc", ".usdz")
_SILENCE_S = 1800.0  # between two messages of the worker: one asset with all its bakes


@dataclass(frozen=True)
class ImportOptions:
    """How to import.

    Args:
        per: what becomes one asset; None: `object` for .blend, `file` for other scene formats.
            URDF and BOP have their own units, links and models.
        category: folder for all assets; "" gives each asset its own, named after it.
        licence: text for the library; "" copies what lies beside the source.
        author, attribution: for the library's ledger.
        size_px: edge of baked textures.
        up, unit: of the files, where the format does not say.
        assembled: URDF: also one asset of all links in the rest pose.
        keep_original: keep the source's own materials for Cycles.
        force: import again, and replace assets of other sources.
        python: interpreter that has bpy, "" for this one.
        threads: of the worker, 0 for all.
    """

    per: Literal["object", "collection", "file"] | None = None
    category: str = ""
    licence: str = ""
    author: str = ""
    attribution: str = ""
    size_px: int = 1024
    up: Literal["y", "z"] = "z"
    unit: Literal["m", "cm", "mm", "inch"] = "m"
    assembled: bool = False
    keep_original: bool = False
    force: bool = False
    python: str = ""
    threads: int = 0

    def recipe(self) -> dict[str, Any]:
        """Settings that change what is written, plain."""
        names = ("per", "category", "licence", "author", "attribution", "size_px", "up", "unit")
        return {name: getattr(self, name) for name in (*names, "assembled", "keep_original")}


@dataclass
class ImportResult:
    """What became of the sources.

    Args:
        written, skipped: assets; skipped ones are there already, unchanged.
        faults: of sources or single assets that could not be imported.
        notes: for people, `where: note`.
    """

    written: list[ImportedAsset] = field(default_factory=list)
    skipped: list[ImportedAsset] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def import_assets(
    sources: Sequence[Path],
    library: Path,
    options: ImportOptions,
    progress: Callable[[str, int, int], None],
) -> ImportResult:
    """Import sources; one that fails does not stop the others.

    Args:
        progress: called with an asset's name, its number in its source and their count.

    Raises:
        AssetError: a source does not exist or is of no known kind; nothing was done.
        MissingExtraError: bpy is not installed.
        StorageError: the library cannot be written.
    """
    kinds: list[Kind] = []
    faults: list[Fault] = []
    for source in sources:
        try:
            kinds.append(kind_of(source))
        except AssetError as error:
            faults += error.faults
    if faults:
        raise AssetError(faults)
    if not options.python and importlib.util.find_spec("bpy") is None:
        what = "bpy (Blender as a Python module) is not installed"
        cure = "pip install 'simgen[cycles]' with Python 3.11, or name --python that has it"
        raise MissingExtraError(Fault("assets import", what, cure))
    result = ImportResult()
    with _Blender(options) as blender:
        for source, kind in zip(sources, kinds, strict=True):
            shelf = Shelf(library, source.resolve(), options.recipe(), options.force)
            done = shelf.up_to_date()
            if done is not None:
                result.skipped += done
                continue
            try:
                answer = blender.ask(source.resolve(), kind, progress)
            except WorkerDied as death:
                cure = "open it in Blender to see more; with little memory, lower --size"
                fault = Fault(str(source), f"Blender failed to import it: {death}", cure)
                result.faults.append(fault)
                continue
            written, failed = shelf.put(answer)
            result.written += written
            result.faults += failed
            result.notes += shelf.notes
    return result


def kind_of(source: Path) -> Kind:
    """How a source is opened.

    Raises:
        AssetError: it does not exist, or is of no known kind.
    """
    if source.is_dir():
        if any(source.glob("obj_*.ply")) or any(source.glob("models/obj_*.ply")):
            return "bop"
        cure = "name files, or a BOP folder with obj_NNNNNN.ply or models/obj_NNNNNN.ply"
        raise AssetError(Fault(str(source), "is a folder, and none of BOP models", cure))
    if not source.exists():
        raise AssetError(Fault(str(source), "there is no such file or folder", "fix the path"))
    suffix = source.suffix.lower()
    if suffix == ".usdz":
        check_package(source)
    if suffix in (".blend", ".urdf"):
        return "blend" if suffix == ".blend" else "urdf"
    if suffix in FORMATS + USD:
        return "file"
    if suffix == ".xacro":
        cure = "expand it first: xacro IN.xacro > OUT.urdf"
        raise AssetError(Fault(str(source), "xacro is a language that writes URDF", cure))
    known = ", ".join((".blend", ".urdf", *FORMATS, *USD))
    raise AssetError(Fault(str(source), "is of no known format", f"known: {known}, BOP folders"))


class _Blender:
    """The worker, started for the first source that needs it."""

    def __init__(self, options: ImportOptions) -> None:
        self.options = options
        self.worker: Worker | None = None
        self.exchange: Exchange | None = None

    def __enter__(self) -> _Blender:
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def ask(
        self, source: Path, kind: Kind, progress: Callable[[str, int, int], None]
    ) -> dict[str, Any]:
        """The worker's answer; the files that it names stay until the next question."""
        # A fresh process for each source: what Blender writes may depend on what it had open.
        self._end()
        self.exchange = Exchange()
        settings = {"threads": self.options.threads}
        folder = self.exchange.folder
        self.worker = Worker(folder, settings, self.options.python, "import")
        per = self.options.per or ("object" if kind == "blend" else "file")
        recipe = {**self.options.recipe(), "per": per}
        question = {"do": "import", "kind": kind, "source": str(source), "out": str(folder)}
        self.worker.send(question | recipe)
        while True:
            answer = self.worker.answer(_SILENCE_S)
            if "done" in answer:
                return answer
            progress(answer["progress"], answer["number"], answer["count"])

    def _end(self) -> None:
        if self.worker is not None:
            self.worker.kill()
            self.worker = None
        if self.exchange is not None:
            self.exchange.close()
            self.exchange = None
