"""AssetFolder: the only way files of an asset are read; names cannot lead out of the folder.

Names inside mesh files are foreign: absolute ones and `..` are refused, and so are links that
lead out of the folder (see `plugin.files`). Pictures are decoded here too: one content once,
and only so many pixels an asset, however many materials name them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath

from simgen.assets.images import Picture, decode_image
from simgen.errors import AssetError, Fault
from simgen.plugin.files import LINK_CURE, lies_inside
from simgen.spec.fields import Root

MAX_FILE_BYTES = 1024**3
MAX_PIXELS = 4 * 8192 * 8192


class AssetFolder:
    """Reads files of one asset and remembers what was read.

    Args:
        path: folder that holds the mesh file; no name leads out of it.
        root: the path setting that it belongs to; links inside it may lead anywhere in it, or
            anywhere at all with `follow_links`. Default: links stay in `path`.
    """

    def __init__(self, path: Path, root: Root | None = None) -> None:
        self.path = path
        self._within: Path | None = path
        if root is not None:
            self._within = None if root.follow_links else root.location
            if self._within is not None and not self._within.is_dir():
                self._within = path
        self._read: dict[str, str] = {}
        self._pictures: dict[str, Picture] = {}
        self._pixels = 0

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
                raise AssetError(Fault(str(path), "the file is larger than 1 GiB"))
            data = path.read_bytes()
        except OSError as error:
            what = f"names the file {name!r}, which cannot be read: {error.strerror or error}"
            raise AssetError(Fault(where, what, "restore it, or remove its name")) from None
        self._read[tidy] = hashlib.sha256(data).hexdigest()
        return data

    def picture(self, data: bytes, where: str) -> Picture:
        """A decoded image of this asset.

        Raises:
            AssetError: as `images.decode_image`, or the asset has too many pixels.
        """
        key = hashlib.sha256(data).hexdigest()
        if key not in self._pictures:
            found = decode_image(data, where, MAX_PIXELS - self._pixels)
            self._pixels += found.rgb.shape[0] * found.rgb.shape[1]
            self._pictures[key] = found
        return self._pictures[key]

    def _inside(self, name: str, where: str) -> str:
        tidy = name.strip().replace("\\", "/")
        if not tidy or not lies_inside(self.path, tidy, self._within):
            what = f"names the file {name!r}, which is not inside the asset's folder"
            if (self.path / tidy).is_symlink():
                what = f"names the file {name!r}, a link that leads out of {self._within}"
                raise AssetError(Fault(where, what, LINK_CURE))
            raise AssetError(Fault(where, what, "put the file beside the mesh"))
        return PurePosixPath(tidy).as_posix()
