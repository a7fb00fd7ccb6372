"""The page on localhost, for browsers that will not open files."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from simgen.errors import Fault, RunFolderError


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files below one folder, and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: standard error is for people."""


def open_server(dataset: Path, page: Path, port: int) -> tuple[ThreadingHTTPServer, str]:
    """A server of the folder that holds dataset and page, and the page's address.

    It listens on this machine alone and serves files alone.

    Raises:
        RunFolderError: the port is taken.
    """
    root = Path(os.path.commonpath([dataset.resolve(), page.resolve()]))
    handler = partial(_Quiet, directory=str(root))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        fault = Fault(f"port {port}", error.strerror or str(error), "choose another --port, or 0")
        raise RunFolderError(fault) from None
    path = page.resolve().relative_to(root).as_posix()
    return server, f"http://127.0.0.1:{server.server_port}/{path}/index.html"


def serve_folder(dataset: Path, page: Path, port: int, say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C."""
    server, url = open_server(dataset, page, port)
    say(url)
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return
