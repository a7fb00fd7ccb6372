"""Pieces made in this process, one after the other: for scripts, tests and debuggers."""

from __future__ import annotations

import time
from collections.abc import Callable

from simgen.pipeline.farm.book import Book
from simgen.pipeline.farm.drive import POLL_S
from simgen.pipeline.farm.site import Entry, Site, Toll
from simgen.pipeline.farm.work import Hold, Make, Share, Work, attempt
from simgen.pipeline.memory import peak_bytes


def run_inline(
    work: Work,
    book: Book,
    share: Share,
    site: Site,
    on_beat: Callable[[int], None],
    until: float | None = None,
) -> bool:
    """Carry a book out. There are no fresh workers here, so give it a book of single tries.

    Args:
        until: time of `time.monotonic` after which no piece is begun.

    Returns:
        Whether nothing is left to do.

    Raises:
        StorageError, MissingExtraError: no piece could succeed.
    """
    began = time.monotonic()
    with work.open(share) as make:
        while until is None or time.monotonic() < until:
            now = time.monotonic()
            piece = book.next(now)
            if piece is not None:
                site.spent(1, now - began)
                _carry_out(make, book, site, site.enter(piece), on_beat)
            elif book.empty:
                break
            else:
                time.sleep(max(0.0, (book.due or now) - now))
    site.spent(0, time.monotonic() - began)
    return book.empty


def _carry_out(
    make: Make, book: Book, site: Site, entry: Entry, on_beat: Callable[[int], None]
) -> None:
    now, piece = time.monotonic(), entry.piece
    if entry.what == "wait":
        book.postpone(piece, now + POLL_S)
    elif entry.what == "done":
        book.done(piece)
    elif entry.failure is not None:
        book.given_up(entry.failure)
    else:
        try:
            how = attempt(make, piece, Hold(on_beat, entry.lease))
            if how is None:
                book.done(piece)
                site.made(piece, Toll(time.monotonic() - now, peak_bytes() / 2**20, warm=False))
            elif how.fenced:
                book.postpone(piece, now + POLL_S)
            elif failure := book.failed(piece, how, now):
                site.failed(failure)
        finally:
            site.leave(entry.lease)
