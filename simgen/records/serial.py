"""Records to canonical JSON bytes and back (msgspec: typed, and rejects what does not fit).

Floats are written shortest-round-trip, keys in field order and dict keys sorted, so equal
records are equal bytes. NaN and infinity have no JSON: those who make records check for them.
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
_LOCK = threading.Lock()
_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}
_ENCODER = msgspec.json.Encoder(order="deterministic")


def to_json(record: Any) -> bytes:
    """Canonical JSON of a record, one line, newline at the end.

    Raises:
        TypeError: a value is not plain (numpy scalars are refused: records are concrete).
    """
    return _ENCODER.encode(record) + b"\n"


def from_json(kind: type[T], data: bytes) -> T:
    """A record of type `kind`.

    Raises:
        msgspec.ValidationError: the bytes are not such a record.
    """
    decoder: msgspec.json.Decoder[T] = _DECODERS.get(kind) or _new_decoder(kind)
    return decoder.decode(data)


def _new_decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    # msgspec takes a type apart at its first use, and two threads at that crash the interpreter.
    with _LOCK:
        return _DECODERS.setdefault(kind, msgspec.json.Decoder(kind))


def to_plain(record: Any) -> Any:
    """Dicts, lists and scalars of a record."""
    return msgspec.to_builtins(record)


def from_plain(kind: type[T], data: Any) -> T:
    """A record of type `kind` out of plain data."""
    if kind not in _DECODERS:
        _new_decoder(kind)  # see there
    return msgspec.convert(data, type=kind)
