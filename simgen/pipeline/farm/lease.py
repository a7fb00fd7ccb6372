"""Leases: files that say who works on a piece, so that several drivers can share one folder.

A lease is a file `KEY.N`, created exclusively; N is its fencing number. The holder of a piece is
whoever created the highest number. To take over from a holder that is gone is to create the next
number: of several that try, exactly one succeeds, and the one before, should it come back, sees
that it has been fenced off before it commits anything (`Lease.check`). Between that check and the
renames lie microseconds; a process stopped just there could still put its files under their
names. With engines that repeat bit for bit that changes nothing; `simgen verify` finds the rest.

Expiry compares no clocks. Each driver keeps a file of its own that it rewrites again and again
(its beat). Others take it for dead when that file is gone, when its process is known to be gone on
this very machine, or when it has not changed for a while of *their* monotonic time. Clocks that
differ between machines, or are set back, do not matter.
"""

from __future__ import annotations

import itertools
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.dataset.atomic import storage_error
from simgen.dataset.claims import claim, swap
from simgen.errors import Fault, FencedError
from simgen.pipeline.farm.drivers import DRIVER, is_gone, process_facts, read_facts

TTL_S = 120.0
_BEATS = 6  # in the time to live


@dataclass(frozen=True)
class Lease:
    """A claim on a piece; pickles.

    Args:
        folder: of all leases.
        key: of the piece.
        number: the fencing number.
        nonce: tells it from any other file of this name.
    """

    folder: Path
    key: str
    number: int
    nonce: str

    def path(self, number: int | None = None) -> Path:
        """Its file, or that of another number."""
        return self.folder / f"{self.key}.{self.number if number is None else number}"

    def check(self) -> None:
        """Make sure that the piece is still ours.

        Raises:
            FencedError: it is not.
        """
        held = read_facts(self.path()).get("nonce") == self.nonce
        if not held or self.path(self.number + 1).exists():
            what = "another driver has taken it over"
            raise FencedError(Fault(f"piece {self.key}", what, "nothing is lost: it is made there"))


class Leases:
    """The claims of one driver.

    Args:
        folder: of all leases of a run folder.
        run: id of this driver's run.
        clock: monotonic.
        ttl_s: how long a silent driver is believed to live.
    """

    def __init__(
        self,
        folder: Path,
        run: str,
        clock: Callable[[], float] = time.monotonic,
        ttl_s: float = TTL_S,
    ) -> None:
        self.folder, self.run, self.clock, self.ttl_s = folder, run, clock, ttl_s
        self.facts: dict[str, Any] = {}  # for people who ask how it goes
        self._count = itertools.count()
        self._held: dict[str, Lease] = {}
        self._seen: dict[str, tuple[str, float]] = {}  # what was read of others, and when first
        self._me = process_facts()

    @contextmanager
    def open(self, beating: bool = True) -> Iterator[Leases]:
        """Show that this driver lives; afterwards nothing of it is left.

        Args:
            beating: rewrite the beat in a thread, because work may block this one.

        Raises:
            StorageError: the folder cannot be written.
        """
        self.beat()
        stop = threading.Event()
        thread = threading.Thread(target=self._beat_until, args=(stop,), daemon=True)
        if beating:
            thread.start()
        try:
            yield self
        finally:
            stop.set()
            if beating:
                thread.join()
            for lease in list(self._held.values()):
                self.release(lease)
            with suppress(OSError):  # a disk that went read-only; others find the process gone
                self._driver(self.run).unlink()
                self._sweep()
                self.folder.rmdir()

    def beat(self) -> None:
        """Show that this driver lives."""
        facts = {**self._me, **self.facts, "beat": next(self._count)}
        path = self._driver(self.run)
        try:
            swap(path, json.dumps(facts).encode())
        except OSError as error:
            raise storage_error(path, error) from error

    def take(self, key: str) -> Lease | None:
        """Claim a piece; None: somebody else works on it."""
        number = 1
        while True:
            lease = Lease(self.folder, key, number, secrets.token_hex(8))
            data = json.dumps({"run": self.run, "nonce": lease.nonce}).encode()
            try:
                created = claim(lease.path(), data)
            except OSError as error:
                raise storage_error(lease.path(), error) from error
            if created and not lease.path(number + 1).exists():
                self._held[key] = lease
                return lease
            if created:  # a lower number was free, because a holder is just letting go
                lease.path().unlink(missing_ok=True)
            number = self._highest(lease, number + 1 if created else number)
            if number and not self._expired(lease.path(number)):
                return None
            number += 1

    def release(self, lease: Lease) -> None:
        """Let a piece go. The lowest number first: whoever it fenced off stays fenced off."""
        self._held.pop(lease.key, None)
        with suppress(OSError):
            if read_facts(lease.path()).get("nonce") == lease.nonce:
                for number in range(1, lease.number + 1):
                    lease.path(number).unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove what drivers have left that were killed on this machine."""
        gone = {
            path.stem
            for path in self.folder.glob(f"*{DRIVER}")
            if is_gone(read_facts(path), self._me)
        }
        for path in self.folder.iterdir() if gone else ():
            run = path.stem if path.suffix == DRIVER else read_facts(path).get("run")
            if run in gone:
                path.unlink(missing_ok=True)

    def _highest(self, lease: Lease, number: int) -> int:
        """The last of the numbers that follow each other from one on; 0: that one is gone.

        Looking for single names costs the same however many pieces others hold; listing does not.
        """
        found = 0
        while lease.path(number).exists():
            found, number = number, number + 1
        return found

    def _expired(self, path: Path) -> bool:
        """Whether the holder of a lease is gone."""
        run = read_facts(path).get("run")
        if run is None:  # half-written, or just let go: believed as long as a silent driver
            return self._silent(path)
        beat = self._driver(run)
        facts = read_facts(beat)
        if not facts:
            return not beat.exists() or self._silent(beat)
        return is_gone(facts, self._me) or self._silent(beat)

    def _silent(self, path: Path) -> bool:
        """Whether a file has not changed for the time to live, as far as this driver has seen."""
        try:
            content = path.read_text()
        except OSError:
            content = ""
        now = self.clock()
        known, since = self._seen.get(path.name, (None, now))
        if known != content:
            since = now
        self._seen[path.name] = (content, since)
        return now - since >= self.ttl_s

    def _driver(self, run: str) -> Path:
        return self.folder / f"{run}{DRIVER}"

    def _beat_until(self, stop: threading.Event) -> None:
        for number in itertools.count():  # soon at first, for people who look how it starts
            if stop.wait(min(self.ttl_s / _BEATS, 2.0 ** min(number, 9))):
                return
            with suppress(Exception):  # a full disk stops the work itself, with a better error
                self.beat()
