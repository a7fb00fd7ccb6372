"""What only a folder as a whole shows: sizes beside each other, names, licences, its ledger."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from simgen.assets.catalogue import Entry
from simgen.assets.ledger import LEDGER, credit_of, read_ledger
from simgen.assets.lint.findings import Finding
from simgen.errors import AssetError
from simgen.plugin.files import sha256_of

_FEW = 3  # meshes of a kind below which none can be an outlier
_FAR = 8.0  # times longer or shorter than the median
_UNITS = {1000.0: "mm", 100.0: "cm", 39.37: "inch"}
_NO_NAME = {"mesh", "model", "object", "scene", "untitled", "default", "root", "cube", "export"}
_HASH = re.compile(r"[0-9a-f]{16,}|[0-9a-f]{8}-[0-9a-f-]{20,}|\d+", re.I)


def size_outliers(lengths_m: Mapping[str, tuple[str, float]]) -> Iterator[Finding]:
    """Meshes far longer or shorter than others of their name, or of the folder.

    Args:
        lengths_m: name of the thing and longest extent by file.
    """
    by_name: dict[str, list[float]] = {}
    for name, length in lengths_m.values():
        by_name.setdefault(name, []).append(length)
    everything = [length for _, length in lengths_m.values()]
    for file, (name, length) in lengths_m.items():
        own = by_name[name]
        peers, noun = (own, f"other {name}s") if len(own) > _FEW else (everything, "the others")
        if len(peers) <= _FEW:
            continue
        usual = median(peers)
        # Different things differ in size: a house beside a mug is none of our business.
        far = _FAR if peers is own else 100.0
        if not usual / far <= length <= usual * far:
            what = f"{length:.4g} m long, {noun} {usual:.3g} m (median)"
            yield Finding(file, "warning", "scale", what, _cure(length / usual))


def name_findings(entries: Mapping[str, Entry]) -> Iterator[Finding]:
    """Meshes whose category would be a word that says nothing."""
    for entry in entries.values():
        if entry.name.lower() in _NO_NAME or _HASH.fullmatch(entry.name):
            what = f"its category would be {entry.name!r}"
            cure = "put it into a folder with the thing's name, or set `names:` in the scene file"
            yield Finding(entry.file, "warning", "no-category", what, cure)


def licence_findings(entries: Mapping[str, Entry], top: Path) -> Iterator[Finding]:
    """Meshes whose licence nobody knows, or that forbids some uses; a ledger out of date."""
    for entry in entries.values():
        path = top / entry.file if entry.file else top
        folder = top if top.is_dir() else top.parent
        try:
            credit = credit_of(path, folder)
        except AssetError:
            continue  # told once, below
        if credit.licence == "unknown":
            what = "its licence is unknown"
            cure = "write it into a LICENSE file or ledger.json, or give --fix --licence TEXT"
            yield Finding(entry.file, "warning", "no-licence", what, cure, "licence")
        elif "NC" in credit.licence.split("-"):
            what = f"{credit.licence} forbids commercial use, also of datasets that show it"
            yield Finding(entry.file, "note", "non-commercial", what, "make sure that this is fine")
    if top.is_dir():
        yield from _ledger_findings(top)


def _ledger_findings(top: Path) -> Iterator[Finding]:
    try:
        rows = read_ledger(top / LEDGER)
    except AssetError as error:
        for fault in error.faults:
            yield Finding(LEDGER, "error", "ledger", f"{fault.where}: {fault.what}", fault.cure)
        return
    for name, row in rows.items():
        path = top / name
        if not path.is_file():
            what = f"its row {name!r} is of a file that is not there"
            yield Finding(LEDGER, "warning", "ledger", what, "remove the row, or restore the file")
        elif row.sha256 and row.sha256 != sha256_of(path):
            what = f"{name} has changed since its row was written"
            yield Finding(LEDGER, "warning", "ledger", what, "see whether the row still holds")


def _cure(ratio: float) -> str:
    for factor, unit in _UNITS.items():
        if abs(math.log(max(ratio, 1e-12) / factor)) < math.log(3):
            return (
                f"it is probably in {unit}: convert it, or give it a collection with `unit: {unit}`"
            )
    return "scale it, or give it a collection with `fit:`"
