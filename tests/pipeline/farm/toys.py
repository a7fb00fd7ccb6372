"""Pieces and workers for tests of the farm: a piece writes a file, or does what its name says."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from simgen.errors import AssetError, Fault, StorageError, WorkError
from simgen.pipeline.pool import Hold, Make, Share


@dataclass(frozen=True)
class Toy:
    """A piece.

    Args:
        number: of the piece.
        act: what happens: "" writes the file; `crash`, `kill`, `hang`, `stop`, `stubborn`, `grow`,
            `refuse`, `full`, `fail` do that; `nap` writes it after a while.
        times: tries in which it happens; later ones write the file.
    """

    number: int
    act: str = ""
    times: int = 99

    @property
    def key(self) -> str:
        """File name."""
        return f"{self.number:08d}"

    @property
    def title(self) -> str:
        """For people."""
        return f"toy {self.number}"


def toys(count: int, **acts: str) -> list[Toy]:
    """`count` toys; `_3="kill"` says what number 3 does."""
    return [Toy(i, acts.get(f"_{i}", "")) for i in range(count)]


@contextmanager
def open_toys(folder: Path, share: Share) -> Iterator[Make]:
    """A worker that writes `folder/KEY` with its process id, threads and GPU."""

    def make(toy: Toy, hold: Hold) -> None:
        tries = folder / f"{toy.key}.tries"
        with tries.open("a") as stream:
            stream.write(f"{os.getpid()}\n")
        if toy.act and len(tries.read_text().split()) <= toy.times:
            print(f"about to {toy.act}", flush=True)
            _act(toy)
        seen = os.environ.get("CUDA_VISIBLE_DEVICES", "-")
        (folder / toy.key).write_text(f"{os.getpid()} {os.environ.get('OMP_NUM_THREADS')} {seen}")
        hold.beat(toy.number)

    yield make


def _act(toy: Toy) -> None:
    fault = Fault(toy.title, f"{toy.act} for the test")
    if toy.act in ("kill", "stop", "crash"):
        names = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP, "crash": signal.SIGSEGV}
        os.kill(os.getpid(), names[toy.act])
        time.sleep(60)
    elif toy.act == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)
    elif toy.act == "nap":
        time.sleep(0.2)
    elif toy.act == "hang":
        time.sleep(60)
    elif toy.act == "grow":
        held = [bytearray(os.urandom(1 << 20) * 40) for _ in range(12)]
        time.sleep(60 + len(held))
    elif toy.act == "refuse":
        raise AssetError(fault)
    elif toy.act == "full":
        raise StorageError(fault)
    elif toy.act == "fail":
        raise WorkError(fault)
    else:
        raise ZeroDivisionError(toy.act)
