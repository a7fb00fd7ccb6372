"""What `--fix` writes: `repair:` lines in the notes beside meshes, rows of the licence ledger.

No mesh or texture is touched. A file of notes that exists is copied to `NAME.bak` first; with
another folder to write to, everything is copied there and the original stays as it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import yaml

from simgen.assets.ledger import LEDGER, Row, ledger_text, read_ledger
from simgen.assets.lint.findings import Finding, Fix
from simgen.assets.repair import ORDER, Repair
from simgen.assets.sidecar import SUFFIX, repairs_of
from simgen.errors import AssetError, Fault
from simgen.plugin.files import sha256_of


def copied(path: Path, out: Path) -> Path:
    """A copy of a folder of meshes in which fixes can be written; links are followed inside it.

    Raises:
        AssetError: OUT exists and is not empty, lies inside the folder, or cannot be written.
    """
    source = path.resolve()
    if not source.is_dir():
        raise AssetError(
            Fault(str(path), "--out copies a folder, this is a file", "give its folder")
        )
    if out.resolve().is_relative_to(source):
        raise AssetError(Fault(str(out), f"lies inside {path}", "choose a folder outside"))
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise AssetError(Fault(str(out), "there is something already", "choose a new folder"))
    outside = [p for p in source.rglob("*") if p.is_symlink() and _leads_out(p, source)]
    if outside:
        what = f"{len(outside)} links lead out of it, the first is {outside[0]}"
        raise AssetError(Fault(str(path), what, "replace them by the files themselves"))
    try:
        shutil.copytree(source, out, dirs_exist_ok=True)
    except (OSError, shutil.Error) as error:
        raise AssetError(Fault(str(out), f"cannot be written: {error}", "choose another")) from None
    return out


def fix(folder: Path, findings: Sequence[Finding], licence: str = "") -> list[Fix]:
    """Write what is safe for these findings.

    Args:
        folder: of the meshes, or the folder of the one mesh.
        licence: of meshes whose licence is unknown; "" leaves them.

    Raises:
        AssetError: a file cannot be written.
    """
    wanted: dict[str, set[Repair]] = {}
    for finding in findings:
        if finding.repair is not None and finding.repair != "licence":
            wanted.setdefault(finding.asset, set()).add(finding.repair)
    out = [_note(folder, asset, repairs) for asset, repairs in sorted(wanted.items())]
    unknown = sorted(f.asset for f in findings if f.repair == "licence")
    if licence and unknown:
        out.append(_licence(folder, unknown, licence))
    return out


def _note(folder: Path, asset: str, repairs: set[Repair]) -> Fix:
    """One mesh's notes with its repairs, those that it had included."""
    path = (folder / asset).with_suffix(SUFFIX)
    known = {*repairs, *repairs_of(folder / asset)}
    listed = [name for name in ORDER if name in known]
    line = f"repair: [{', '.join(listed)}]"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    backup = _write(path, _with_line(text, line, listed).encode())
    return Fix(path.relative_to(folder).as_posix(), line, backup)


def _with_line(text: str, line: str, listed: list[Repair]) -> str:
    """Notes with that line; comments stay unless a list over several lines must be replaced."""
    lines = [row for row in text.splitlines() if not row.startswith("repair:")]
    fresh = "\n".join([*lines, line]) + "\n"
    try:
        if yaml.safe_load(fresh)["repair"] == listed:
            return fresh
    except yaml.YAMLError:
        pass
    data = {**yaml.safe_load(text), "repair": listed}
    written: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    return written


def _licence(folder: Path, assets: Sequence[str], licence: str) -> Fix:
    path = folder / LEDGER
    rows = read_ledger(path)
    for asset in assets:
        rows[asset] = Row(
            file=asset, name=Path(asset).stem, sha256=sha256_of(folder / asset), licence=licence
        )
    backup = _write(path, ledger_text(rows.values()))
    return Fix(LEDGER, f"{licence} for {len(assets)} meshes", backup)


def _write(path: Path, data: bytes) -> str:
    """Replace a file as a whole; the name of its backup."""
    backup = ""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        if path.is_file():
            backup = _free(path).name
            shutil.copy2(path, path.with_name(backup))
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        what = f"cannot be written: {error.strerror or error}"
        raise AssetError(Fault(str(path), what, "use --out, or make it writable")) from None
    return backup


def _free(path: Path) -> Path:
    """A name for a backup that is not taken."""
    number = 0
    while True:
        found = path.with_name(f"{path.name}.bak{number or ''}")
        if not found.exists():
            return found
        number += 1


def _leads_out(link: Path, folder: Path) -> bool:
    return not link.resolve().is_relative_to(folder)
