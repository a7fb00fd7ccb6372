"""Looking through a folder of meshes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from simgen.assets.catalogue import Entry, catalogue
from simgen.assets.fitting import UNITS, default_unit
from simgen.assets.folder import AssetFolder
from simgen.assets.lint.findings import LEVELS, Finding, LintResult
from simgen.assets.lint.geometry import geometry_findings, size_findings
from simgen.assets.lint.library import licence_findings, name_findings, size_outliers
from simgen.assets.lint.looks import looks_findings
from simgen.assets.mesh_reader import read_mesh
from simgen.assets.meshes import SUFFIXES
from simgen.assets.repair import repaired
from simgen.assets.sidecar import marks_of, read_sidecar
from simgen.errors import AssetError
from simgen.spec.fields import Root

MAX_FACES = 2_000_000


def lint(
    path: Path, unit: str | None = None, advance: Callable[[int], None] = lambda number: None
) -> LintResult:
    """Findings about every mesh at `path`, a file or a folder.

    Args:
        unit: of all files; default: as the asset source `meshes` takes them.
        advance: called after each mesh.

    Raises:
        AssetError: there is no such file or folder, or no mesh in it.
    """
    top = path.resolve()
    root = Root(str(path), top, str(path))
    try:
        entries = catalogue(root, SUFFIXES)
    except AssetError as error:
        faults = error.faults
        if not (top.is_dir() and any(p.suffix.lower() in SUFFIXES for p in top.rglob("*"))):
            raise
        found = tuple(Finding("", "error", "folder", f.what, f.cure) for f in faults)
        return LintResult(str(path), 0, found)
    out: list[Finding] = []
    lengths: dict[str, tuple[str, float]] = {}
    for number, entry in enumerate(entries.values()):
        out += _mesh(entry, root, unit, lengths)
        advance(number)
    out += [*size_outliers(lengths), *name_findings(entries), *licence_findings(entries, top)]
    out.sort(key=lambda f: (LEVELS.index(f.level), f.asset, f.code))
    return LintResult(str(path), len(entries), tuple(out))


def _mesh(
    entry: Entry, root: Root, unit: str | None, lengths: dict[str, tuple[str, float]]
) -> Iterator[Finding]:
    """Findings of one mesh; its length goes into `lengths`."""
    top = root.location
    path = top / entry.file if entry.file else top
    try:
        sidecar = read_sidecar(path)
        raw = read_mesh(path, MAX_FACES, AssetFolder(path.parent, root))
        model = repaired(raw, sidecar.repair if sidecar else (), str(path), MAX_FACES)
        centres = model.vertices[model.faces].mean(axis=1)
        marks_of(path, (np.eye(3), 1.0, np.zeros(3)), centres, model.slot, model.slots)
    except AssetError as error:
        for fault in error.faults:
            code = "missing-file" if "which cannot be read" in fault.what else "unusable"
            yield Finding(entry.file, "error", code, fault.what, fault.cure)
        return
    extents = np.ptp(model.vertices, axis=0) * UNITS[unit or default_unit(path)]
    lengths[entry.file] = (entry.name, float(extents.max()))
    yield from size_findings(entry.file, extents)
    yield from geometry_findings(entry.file, model)
    yield from looks_findings(entry.file, model)
