"""Puts imported assets into a library, laid out as the asset source `meshes` reads it.

`LIBRARY/CATEGORY/NAME.glb` with its notes `NAME.asset.yaml`, on request `NAME.blend`, one
`LICENSE.txt` a category, `ledger.json` for all; `LIBRARY/.imports/*.json` remembers what each
source gave.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

import simgen
from simgen.assets.catalogue import thing_name
from simgen.assets.ledger import LEDGER, Row, ledger_text, read_ledger
from simgen.assets.licences import licence_of, notes_of, spdx_of
from simgen.assets.sidecar import SUFFIX, Sidecar, read_sidecar
from simgen.errors import AssetError, Fault, StorageError
from simgen.plugin.files import sha256_of

_FORMAT = 1  # raise when the same source would give other files
_LICENCE = "LICENSE.txt"


@dataclass(frozen=True)
class ImportedAsset:
    """An asset in the library.

    Args:
        name: of the asset.
        file: its GLB, relative to the library.
        sha256: of the GLB.
        baked: `slot channel` of baked textures.
        notes: what was changed or left out.
    """

    name: str
    file: str
    sha256: str
    baked: tuple[str, ...]
    notes: tuple[str, ...]


class Shelf:
    """One source's place in a library.

    Args:
        library: folder; made when first written to.
        source: absolute path.
        recipe: settings that change what is written.
        force: import again, replace what other sources wrote.
    """

    def __init__(self, library: Path, source: Path, recipe: dict[str, Any], force: bool) -> None:
        self.library, self.source, self.force = library, source, force
        self.recipe = {**recipe, "format": _FORMAT, "simgen": simgen.__version__}
        name = tidy(source.stem)
        self.key = f"{name}-{hashlib.sha256(str(source).encode()).hexdigest()[:8]}"
        self.record = library / ".imports" / f"{self.key}.json"
        self.notes: list[str] = []

    def up_to_date(self) -> list[ImportedAsset] | None:
        """The assets of an earlier import, if it was complete and nothing has changed since."""
        known = self._known()
        if self.force or not known or known["faults"] or known["recipe"] != self.recipe:
            return None
        here = self.source.parent
        for name, digest in known["inputs"].items():
            path = here / name
            if not path.is_file() or sha256_of(path) != digest:
                return None
        assets = [_asset(plain) for plain in known["assets"]]
        for asset in assets:
            path = self.library / asset.file
            whole = path.is_file() and path.with_suffix(SUFFIX).is_file()
            if not whole or sha256_of(path) != asset.sha256:
                return None
        return assets

    def put(self, answer: dict[str, Any]) -> tuple[list[ImportedAsset], list[Fault]]:
        """Move what the worker wrote into the library; the assets and all faults.

        Raises:
            StorageError: the library cannot be written.
        """
        faults = [Fault(**fault) for fault in answer["faults"]]
        before = {a["file"] for a in self._known().get("assets", ())}
        assets: list[ImportedAsset] = []
        taken: set[str] = set()
        try:
            for facts in answer["assets"]:
                whole = facts["name"] == self.source.stem  # `mug/textured.obj` is a mug
                named = thing_name(self.source) if whole else facts["name"]
                name = _unique(tidy(named), taken)
                try:
                    assets.append(self._put(name, facts))
                except AssetError as error:
                    faults += error.faults
            self._write_ledger(assets)
            self._write_record(answer["inputs"], assets, faults)
        except OSError as error:
            cure = "check the disk, then run the same command again"
            what = f"cannot write: {error.strerror or error}"
            raise StorageError(Fault(str(error.filename or self.library), what, cure)) from None
        for gone in sorted(before - {asset.file for asset in assets}):
            if not faults:
                self.notes.append(
                    f"{gone}: is no longer in {self.source.name}; remove it if you like"
                )
        return assets, faults

    def _put(self, name: str, facts: dict[str, Any]) -> ImportedAsset:
        folder = self.library / (self.recipe["category"] or name)
        path = folder / f"{name}.glb"
        self._check_owner(path)
        folder.mkdir(parents=True, exist_ok=True)
        blend = path.with_suffix(".blend")
        if "blend" in facts:
            _place(Path(facts["blend"]), blend)
        sidecar = Sidecar(
            cycles_original="blend" in facts,
            blend=blend.name if "blend" in facts else "",
            materials=facts.get("materials", {}),
            source=self.source.name,
            imported=self.key,
            baked=tuple(facts["baked"]),
            notes=tuple(facts["notes"]),
            facts=facts["facts"],
        )
        text = yaml.safe_dump(sidecar.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
        head = "# Written by `simgen assets import`; cycles_original is yours to change.\n"
        _write(path.with_suffix(SUFFIX), (head + text).encode())
        self._write_licence(folder)
        _place(Path(facts["glb"]), path)
        if "blend" not in facts:
            blend.unlink(missing_ok=True)
        self.notes += [f"{name}: {note}" for note in facts["notes"]]
        relative = path.relative_to(self.library).as_posix()
        return ImportedAsset(name, relative, sha256_of(path), sidecar.baked, sidecar.notes)

    def _check_owner(self, path: Path) -> None:
        if self.force or not path.exists():
            return
        sidecar = read_sidecar(path)
        if sidecar is None or sidecar.imported != self.key:
            owner = "something else" if sidecar is None else f"another {sidecar.source}"
            cure = "choose another --category or --out, or replace it with --force"
            raise AssetError(Fault(str(path), f"is there already, and comes from {owner}", cure))

    def _write_licence(self, folder: Path) -> None:
        text = self.recipe["licence"].strip() or self._own_licence()
        path = folder / _LICENCE
        held = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        if text and text not in held:
            # A category of several sources names all their licences.
            joined = f"{held.rstrip()}\n\n{text}\n" if held.strip() else f"{text}\n"
            _write(path, joined.encode())
        if licence_of(folder, folder) == "unknown":
            note = f"{self.source.name}: its licence is unknown; name it with --licence"
            self.notes += [note] if note not in self.notes else []

    def _write_ledger(self, assets: list[ImportedAsset]) -> None:
        """Rows of other sources stay as they are; so do words that people put into ours."""
        path = self.library / LEDGER
        rows = read_ledger(path)
        text = self.recipe["licence"].strip() or self._own_licence()
        licence = spdx_of(text) or (text if 0 < len(text) <= 80 else "unknown")
        for asset in assets:
            old = rows.get(asset.file)
            rows[asset.file] = Row(
                file=asset.file,
                name=asset.name,
                sha256=asset.sha256,
                source=self.source.name,
                author=self.recipe["author"] or (old.author if old else ""),
                licence=old.licence if old and licence == "unknown" else licence,
                attribution=self.recipe["attribution"] or (old.attribution if old else ""),
            )
        if assets:
            _write(path, ledger_text(rows.values()))

    def _own_licence(self) -> str:
        here = self.source if self.source.is_dir() else self.source.parent
        top = here.parent if here.name.startswith("models") else here  # BOP's lies above
        for folder in dict.fromkeys((here, top)):
            text = notes_of(folder)
            if text:
                return text
        found = licence_of(here, top)
        return "" if found == "unknown" else f"{found}, says the README of the source"

    def _known(self) -> dict[str, Any]:
        try:
            known = json.loads(self.record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def _write_record(
        self, inputs: list[str], assets: list[ImportedAsset], faults: list[Fault]
    ) -> None:
        here = self.source.parent
        files = [Path(name) for name in inputs if Path(name).is_file()]
        plain = {
            "source": self.source.name,
            "recipe": self.recipe,
            "inputs": {os.path.relpath(path, here): sha256_of(path) for path in files},
            "assets": [asdict(asset) for asset in assets],
            "faults": len(faults),
        }
        _write(self.record, (json.dumps(plain, indent=1, sort_keys=True) + "\n").encode())


def tidy(name: str) -> str:
    """A name that is a file name everywhere."""
    return re.sub(r"[^\w.+-]+", "_", name).strip("._")[:100] or "asset"


def _unique(name: str, taken: set[str]) -> str:
    """`name`, or `name_2` ...; file systems may not tell `Mug` and `mug` apart."""
    number, out = 1, name
    while out.lower() in taken:
        number += 1
        out = f"{name}_{number}"
    taken.add(out.lower())
    return out


def _asset(plain: dict[str, Any]) -> ImportedAsset:
    lists = {name: tuple(plain[name]) for name in ("baked", "notes")}
    return ImportedAsset(**{**plain, **lists})


def _place(source: Path, target: Path) -> None:
    """Copy, so that the target is whole or not there."""
    part = target.with_name(f".{target.name}.part")
    try:
        with source.open("rb") as read, part.open("wb") as written:
            shutil.copyfileobj(read, written)
            written.flush()
            os.fsync(written.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as written:
            written.write(data)
            written.flush()
            os.fsync(written.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
