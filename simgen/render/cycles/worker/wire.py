"""Messages between engine and worker: JSON with a length in front, over pipes."""

from __future__ import annotations

import json
import struct
from typing import Any

HEAD = struct.Struct("<I")


def pack(message: dict[str, Any]) -> bytes:
    """Bytes of a message."""
    body = json.dumps(message).encode()
    return HEAD.pack(len(body)) + body


class Unpacker:
    """Cuts a stream of bytes into messages."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> None:
        """Add what was read."""
        self._bytes += data

    def take(self) -> dict[str, Any] | None:
        """The next whole message, or None.

        Raises:
            ValueError: the bytes are no message.
        """
        if len(self._bytes) < HEAD.size:
            return None
        (length,) = HEAD.unpack_from(self._bytes)
        end = HEAD.size + length
        if len(self._bytes) < end:
            return None
        message: dict[str, Any] = json.loads(self._bytes[HEAD.size : end])
        del self._bytes[:end]
        return message
