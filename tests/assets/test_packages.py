"""Packages that would unpack to anything, anywhere are refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from simgen.assets.packages import check_package
from simgen.errors import AssetError


def _package(path: Path, name: str, data: bytes, method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(name, data)
    return path


def test_a_stored_package_is_fine(tmp_path: Path) -> None:
    check_package(_package(tmp_path / "a.usdz", "mug.usdc", b"x"))


@pytest.mark.parametrize("name", ["../mug.usdc", "/etc/mug.usdc", "a\\..\\..\\mug.usdc"])
def test_names_that_lead_out(tmp_path: Path, name: str) -> None:
    with pytest.raises(AssetError, match="leads out"):
        check_package(_package(tmp_path / "a.usdz", name, b"x"))


def test_bombs(tmp_path: Path) -> None:
    packed = _package(tmp_path / "a.usdz", "mug.usdc", bytes(10**7), zipfile.ZIP_DEFLATED)
    with pytest.raises(AssetError, match="is compressed"):
        check_package(packed)
    (tmp_path / "b.usdz").write_bytes(packed.read_bytes()[:100])
    with pytest.raises(AssetError, match="cannot be read as a package"):
        check_package(tmp_path / "b.usdz")
