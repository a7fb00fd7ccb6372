"""Weights in files: safetensors, or pickles that somebody trusts; what fits is loaded."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from simgen.errors import DataError, Fault
from simgen.learn.schedule import WEIGHTS

_LOG = logging.getLogger(__name__)


def save(tensors: Mapping[str, Tensor], path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write tensors; the file is whole or the old one stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    plain = {name: t.detach().cpu().contiguous() for name, t in tensors.items()}
    save_file(plain, temporary, metadata)
    with open(temporary, "rb") as stream:  # a name must never stand for half a file
        os.fsync(stream.fileno())
    os.replace(temporary, path)


def load(path: Path, trust_pickle: bool = False) -> dict[str, Tensor]:
    """Tensors of a file, or of what was trained in a folder.

    Raises:
        DataError: missing, damaged, or a pickle that nobody trusts.
    """
    file = path / WEIGHTS if path.is_dir() else path
    if not file.is_file():
        raise DataError(Fault(str(file), "there are no weights", "check the path"))
    if file.suffix == ".safetensors":
        try:
            return load_file(file)
        except SafetensorError as error:
            cure = "the file is damaged; restore it or train again"
            raise DataError(Fault(str(file), f"not safetensors: {error}", cure)) from None
    if not trust_pickle:
        what = "these weights are a pickle, which can run any code when it is loaded"
        cure = "convert them to .safetensors, or set trust_pickle: true if you know the author"
        raise DataError(Fault(str(file), what, cure))
    return _state_of(torch.load(file, map_location="cpu", weights_only=False), file)


def metadata_of(path: Path) -> dict[str, str]:
    """Texts that were saved with the tensors."""
    with safe_open(path, "pt") as opened:
        return dict(opened.metadata() or {})


def load_published(file: Path) -> dict[str, Tensor]:
    """Weights that torchvision published, out of torch's download cache.

    They are pickles; the file's name ends in the first digits of its SHA-256, which is checked,
    and only tensors are unpickled.

    Raises:
        DataError: the digest is another.
    """
    expected = file.stem.rpartition("-")[2]
    with open(file, "rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if len(expected) < 8 or not digest.startswith(expected):
        what = f"the file is not the one that was published: SHA-256 {digest[:16]}..."
        raise DataError(Fault(str(file), what, "delete it, or set pretrained: none"))
    return _state_of(torch.load(file, map_location="cpu", weights_only=True), file)


def fit(model: nn.Module, tensors: Mapping[str, Tensor], where: str) -> None:
    """Load what has the model's names and shapes; the rest starts as it is, and is told.

    Raises:
        DataError: nothing fits.
    """
    own = model.state_dict()
    fitting = {n: t for n, t in tensors.items() if n in own and t.shape == own[n].shape}
    if not fitting:
        cure = "give weights of the same detector with the same settings"
        raise DataError(Fault(where, "no tensor fits this detector", cure))
    model.load_state_dict(fitting, strict=False)
    fresh = sorted(set(own) - set(fitting))
    if fresh:
        shown = ", ".join(fresh[:4]) + (", ..." if len(fresh) > 4 else "")
        _LOG.warning("%s: %d of %d tensors start anew: %s", where, len(fresh), len(own), shown)


def _state_of(loaded: object, file: Path) -> dict[str, Tensor]:
    for key in ("model", "state_dict"):
        if isinstance(loaded, Mapping) and key in loaded:
            loaded = loaded[key]
    if not isinstance(loaded, Mapping) or not all(isinstance(v, Tensor) for v in loaded.values()):
        what = "this is no table of tensors by name"
        raise DataError(Fault(str(file), what, "save model.state_dict() instead"))
    return dict(loaded)
