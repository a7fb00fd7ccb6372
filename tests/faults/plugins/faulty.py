"""The ray caster on a bad day: files in `$SIMGEN_FAULTS` say which frame goes wrong, and how.

`7.kill` kills the worker before frame 7 is committed, once: the file is used up. `7.crash.keep`
stays and does it each time. Without such files this is the ray caster.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from simgen.dataset import atomic
from simgen.render.raycast import Raycast

PLUGINS = {"renderers": {"faulty": "Faulty"}}


class Faulty(Raycast):
    """The ray caster, with faults on demand."""

    def open(self, *arguments: Any, **more: Any) -> Any:
        """A session that looks for faults."""
        return Session(super().open(*arguments, **more))


class Session:
    """A session of the ray caster that looks for faults before each frame."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __enter__(self) -> Session:
        self.inner.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.inner.__exit__(kind, error, trace)

    def render(self, world: Any, specs: Any) -> Iterator[Any]:
        """Views of a world, or worse."""
        for rendered in self.inner.render(world, specs):
            self.fault(rendered.spec.frame)
            yield rendered

    def fault(self, frame: int) -> None:
        """What is asked for this frame."""
        folder = Path(os.environ.get("SIMGEN_FAULTS", "/nowhere"))
        for path in folder.glob(f"{frame}.*"):
            what = path.name.split(".")[1]
            if not path.name.endswith(".keep"):
                path.rename(folder / f"used-{path.name}")
            ACTS[what]()


def kill() -> None:
    """SIGKILL in mid-frame."""
    os.kill(os.getpid(), signal.SIGKILL)


def crash() -> None:
    """A crash in native code."""
    os.kill(os.getpid(), signal.SIGSEGV)


def kill_before_record() -> None:
    """SIGKILL when the images have their names and the record has not."""
    rename = os.rename

    def deadly(source: Any, target: Any) -> None:
        if Path(target).parts[-3] == "frames":
            kill()
        rename(source, target)

    atomic.os.rename = deadly  # type: ignore[assignment]


def stop() -> None:
    """A hang: the process is stopped."""
    os.kill(os.getpid(), signal.SIGSTOP)


def stubborn() -> None:
    """A hang that does not listen to anybody."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(60)


def grow() -> None:
    """Memory without end, for a minute."""
    held = []
    for _ in range(600):
        held.append(bytearray(os.urandom(1 << 20) * 16))
        time.sleep(0.02)
    time.sleep(60)


def devour() -> None:
    """All memory at once, so that the kernel is faster than the farm; only where it is bounded."""
    held = [bytearray(os.urandom(1 << 20) * 32) for _ in range(100)]
    time.sleep(60 + len(held))


def nap() -> None:
    """A slow frame."""
    time.sleep(3)


def read_only() -> None:
    """The disk of OUT turns read-only; not while somebody has a file open for writing."""
    disk = os.environ["SIMGEN_DISK"]
    for _ in range(200):
        done = subprocess.run(["mount", "-o", "remount,ro", disk], capture_output=True)
        if done.returncode == 0:
            return
        time.sleep(0.02)


ACTS = {
    "kill": kill, "crash": crash, "unrecorded": kill_before_record, "stop": stop,
    "stubborn": stubborn, "grow": grow, "devour": devour, "nap": nap, "readonly": read_only,
}  # fmt: skip
