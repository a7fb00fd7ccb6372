"""The book: order, tries, back-off, and that millions of pieces are read one by one."""

from __future__ import annotations

from collections.abc import Iterator

from simgen.errors import Fault
from simgen.pipeline.farm.book import Book
from simgen.pipeline.farm.work import Try
from tests.pipeline.farm.toys import Toy, toys

FAILED = Try((Fault("toy", "no"),))
REFUSED = Try((Fault("toy", "no"),), bad_input=True)


def test_pieces_come_in_order_and_are_read_as_needed():
    read: list[int] = []

    def pieces() -> Iterator[Toy]:
        for toy in toys(5):
            read.append(toy.number)
            yield toy

    book = Book(pieces())
    assert not book.empty
    assert [book.next(0).number for _ in range(3)] == [0, 1, 2]
    assert len(read) == 3
    assert [book.next(0).number for _ in range(2)] == [3, 4]
    assert book.empty
    assert book.next(0) is None


def test_a_failed_piece_waits_longer_each_time_and_is_given_up_after_the_third_try():
    book = Book(toys(1), tries=3, backoff_s=1)
    toy = book.next(0)
    assert book.failed(toy, FAILED, now=10) is None
    assert (book.due, book.empty, book.tried(toy)) == (11, False, 1)
    assert book.next(10.9) is None
    assert book.next(11) == toy
    assert book.failed(toy, FAILED, now=20) is None
    assert book.due == 24
    assert book.next(24) == toy
    failure = book.failed(toy, FAILED, now=30)
    assert failure is not None
    assert len(failure.tries) == 3
    assert book.failures == [failure]
    assert book.empty


def test_bad_input_is_not_tried_again():
    book = Book(toys(1))
    assert book.failed(book.next(0), REFUSED, now=0) is not None
    assert book.empty


def test_others_go_on_while_one_waits():
    book = Book(toys(3), backoff_s=100)
    first = book.next(0)
    book.failed(first, FAILED, now=0)
    assert [book.next(1).number, book.next(2).number] == [1, 2]
    assert book.next(3) is None
    assert not book.empty
    assert book.next(200) == first
    book.done(first)
    assert book.empty
    assert book.failures == []
