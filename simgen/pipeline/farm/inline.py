"""Pieces made in this process, one after the other: for scripts, tests and debuggers."""

from __future__ import annotations

import time
from collections.abc import Callable

from simgen.pipeline.farm.book import Book
from simgen.pipeline.farm.work import Hold, Share, Work, attempt


def run_inline(
    work: Work, book: Book, share: Share, on_beat: Callable[[int], None], until: float | None = None
) -> bool:
    """Carry a book out. There are no fresh workers here, so give it a book of single tries.

    Args:
        until: time of `time.monotonic` after which no piece is begun.

    Returns:
        Whether nothing is left to do.

    Raises:
        StorageError, MissingExtraError: no piece could succeed.
    """
    with work.open(share) as make:
        while until is None or time.monotonic() < until:
            now = time.monotonic()
            piece = book.next(now)
            if piece is None:
                if book.empty:
                    break
                time.sleep(max(0.0, (book.due or now) - now))
                continue
            how = attempt(make, piece, Hold(on_beat))
            if how is None:
                book.done(piece)
            else:
                book.failed(piece, how, now)
    return book.empty
