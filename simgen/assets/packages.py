"""Archives that Blender would unpack, looked at before: bombs and names that lead out."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from simgen.assets.folder import MAX_FILE_BYTES
from simgen.errors import AssetError, Fault


def check_package(path: Path) -> None:
    """Refuse a .usdz that is not as its specification says: stored, not compressed.

    Raises:
        AssetError: no zip, compressed or encrypted files, absolute names or `..`, or more bytes
            than an asset may have.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise AssetError(Fault(str(path), f"cannot be read as a package: {error}", _CURE)) from None
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts:
            raise AssetError(Fault(str(path), f"holds {entry.filename!r}, which leads out", _CURE))
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
            what = f"{entry.filename!r} is compressed or encrypted; in .usdz files are stored"
            raise AssetError(Fault(str(path), what, _CURE))
    if sum(entry.file_size for entry in entries) > MAX_FILE_BYTES:
        raise AssetError(Fault(str(path), "unpacks to more than 1 GiB", _CURE))


_CURE = "unpack it where you can look at it, or export it again"
