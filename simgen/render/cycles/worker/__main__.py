"""Answers messages until standard input ends, then leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import traceback
from collections.abc import Iterator
from typing import Any

from .wire import Unpacker, pack


def main() -> None:
    """Say hello (or what is missing), then work."""
    reply = os.dup(1)
    os.dup2(2, 1)  # Blender prints on standard output
    messages = _messages()
    start = next(messages, None)
    if start is None:
        return
    folder: str = start["folder"]

    def answer(message: dict[str, Any]) -> None:
        os.write(reply, pack(message))

    with contextlib.suppress(BrokenPipeError):
        _serve(start, messages, answer)
    # A living engine kills its worker. An end of messages means that it died, and with it
    # whoever would tidy up.
    shutil.rmtree(folder, ignore_errors=True)
    # bpy may hang in the interpreter's shutdown; there is nothing left to save.
    os._exit(0)


def _serve(start: dict[str, Any], messages: Iterator[dict[str, Any]], answer: Any) -> None:
    try:
        from .startup import start_blender

        versions = start_blender()
    except ImportError as error:
        answer({"missing": error.name or str(error), "why": str(error)})
        os._exit(1)
    servant: Any
    if start["task"] == "import":
        from .imports import Importer

        servant = Importer(start["settings"], answer)
    else:
        from .stage import Stage

        servant = Stage(start["folder"], start["settings"])
    answer({"hello": versions})
    for message in messages:
        try:
            answer(servant.obey(message))
        except Exception as error:  # reported to the engine, which decides
            traceback.print_exc()
            answer({"error": f"{type(error).__name__}: {error}"})


def _messages() -> Iterator[dict[str, Any]]:
    unpacker = Unpacker()
    while True:
        message = unpacker.take()
        if message is not None:
            yield message
            continue
        data = os.read(0, 1 << 16)
        if not data:
            return
        unpacker.feed(data)


if __name__ == "__main__":
    sys.stdout = sys.stderr
    main()
