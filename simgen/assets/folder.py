"""AssetFolder: the only way files of an asset are read; names cannot lead out of the folder.

Names inside mesh files are foreign: absolute ones, `..` and linked folders that lead out are
refused. A file of the folder may itself be a link (see `plugin.files`).
"""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath

from simgen.errors import AssetError, Fault
from simgen.plugin.files import lies_inside

MAX_FILE_BYTES = 2 * 1024**3


class AssetFolder:
    """Reads files of one asset and remembers what was read.

    Args:
        path: folder that holds the mesh file; nothing outside it is read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: dict[str, str] = {}

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """(name, sha256) of every file read so far, sorted by name."""
        return tuple(sorted(self._read.items()))

    def read(self, name: str, named_by: str = "") -> bytes:
        """Content of a file of the folder.

        Args:
            name: relative, as the naming file writes it; backslashes count as slashes.
            named_by: the file that names it, for the message.

        Raises:
            AssetError: absolute, outside the folder, missing or absurdly large.
        """
        where = str(self.path / named_by) if named_by else str(self.path)
        tidy = self._inside(name, where)
        path = self.path / tidy
        try:
            if path.exists() and not path.is_file():  # a link to a device would never end
                what = f"names {name!r}, which is not a file"
                raise AssetError(Fault(where, what, "restore it, or remove its name"))
            if path.stat().st_size > MAX_FILE_BYTES:
                raise AssetError(Fault(str(path), "the file is larger than 2 GiB"))
            data = path.read_bytes()
        except OSError as error:
            what = f"names the file {name!r}, which cannot be read: {error.strerror or error}"
            raise AssetError(Fault(where, what, "restore it, or remove its name")) from None
        self._read[tidy] = hashlib.sha256(data).hexdigest()
        return data

    def _inside(self, name: str, where: str) -> str:
        tidy = name.strip().replace("\\", "/")
        if not tidy or not lies_inside(self.path, tidy):
            what = f"names the file {name!r}, which is not inside the asset's folder"
            raise AssetError(Fault(where, what, "put the file beside the mesh"))
        return PurePosixPath(tidy).as_posix()
