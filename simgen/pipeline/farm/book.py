"""The book: which piece is tried when, and what became of it. No clock, no process, no disk."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from simgen.pipeline.farm.work import Failure, Try

_BACKOFF_GROWTH = 4.0
_BACKOFF_MOST_S = 60.0


class Book:
    """Pieces in the order given, those to be tried again later in between.

    Args:
        pieces: read as they are needed, so that millions cost nothing.
        tries: after which a piece is given up.
        backoff_s: before the second try; four times as long before each further one.
    """

    def __init__(self, pieces: Iterable[Any], tries: int = 3, backoff_s: float = 1.0) -> None:
        self.tries, self.backoff_s = tries, backoff_s
        self.failures: list[Failure] = []
        self._fresh: Iterator[Any] = iter(pieces)
        self._peeked: list[Any] = []
        self._later: list[tuple[float, int, Any]] = []  # a heap by due time
        self._elsewhere: list[tuple[float, int, Any]] = []  # another: what other drivers hold
        self._order = itertools.count()
        self._failed: dict[str, list[Try]] = {}  # of pieces that are to be tried again

    def next(self, now: float) -> Any | None:
        """A piece to work on now; None: there is none, or not yet."""
        if self._later and self._later[0][0] <= now:
            return heapq.heappop(self._later)[2]
        if self._peek():
            return self._peeked.pop()
        # Not before: others are likely to make what they hold, and asking costs files.
        if self._elsewhere and self._elsewhere[0][0] <= now:
            return heapq.heappop(self._elsewhere)[2]
        return None

    def postpone(self, piece: Any, until: float) -> None:
        """Put a piece aside that somebody else holds: look again when nothing else is left."""
        heapq.heappush(self._elsewhere, (until, next(self._order), piece))

    def done(self, piece: Any) -> None:
        """A piece is made."""
        self._failed.pop(piece.key, None)

    def failed(self, piece: Any, how: Try, now: float) -> Failure | None:
        """A try failed: the piece is put aside for another, or it was the last."""
        tries = self._failed.setdefault(piece.key, [])
        tries.append(how)
        if len(tries) < self.tries and not how.bad_input:
            wait = self.backoff_s * _BACKOFF_GROWTH ** (len(tries) - 1)
            due = now + min(wait, _BACKOFF_MOST_S)
            heapq.heappush(self._later, (due, next(self._order), piece))
            return None
        del self._failed[piece.key]
        self.failures.append(Failure(piece, tuple(tries)))
        return self.failures[-1]

    def given_up(self, failure: Failure) -> None:
        """A piece has failed for good elsewhere."""
        self._failed.pop(failure.piece.key, None)
        self.failures.append(failure)

    def tried(self, piece: Any) -> int:
        """How often a piece has failed so far."""
        return len(self._failed.get(piece.key, ()))

    @property
    def due(self) -> float | None:
        """When the next piece that was put aside is to be tried; None: there is none."""
        waiting = [heap[0][0] for heap in (self._later, self._elsewhere) if heap]
        return min(waiting, default=None)

    @property
    def empty(self) -> bool:
        """Whether nothing is left to hand out, now or later."""
        return not self._later and not self._elsewhere and not self._peek()

    def _peek(self) -> bool:
        if not self._peeked:
            self._peeked.extend(itertools.islice(self._fresh, 1))
        return bool(self._peeked)
