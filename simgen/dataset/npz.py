"""An engine's passes as NPZ (zipped NumPy arrays), by name; same arrays, same bytes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.errors import Fault, RunFolderError


def encode_npz(arrays: dict[str, NDArray[Any]]) -> bytes:
    """Bytes of a compressed NPZ; numpy dates its members 1980, so they repeat."""
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def decode_npz(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays by name.

    Raises:
        RunFolderError: missing or damaged.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except OSError as error:
        cure = "run the same render command again: it makes what is missing"
        raise RunFolderError(Fault(str(path), f"cannot read: {error.strerror}", cure)) from None
    except (ValueError, zipfile.BadZipFile) as error:
        what = f"not a readable NPZ: {error}"
        raise RunFolderError(Fault(str(path), what, "render this frame again")) from None
