"""Faults that plugins find while drawing get the file and line of the setting they name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from simgen.errors import Fault, SceneFileError
from simgen.spec.document import Document
from simgen.spec.faults import place

_SECTIONS = ("scene", "objects", "randomizers", "camera")


@contextmanager
def located(document: Document, step: str | None = None) -> Iterator[None]:
    """Add `file:line:column` to faults whose `where` is a dotted path (`scene.placement`).

    Args:
        step: key of the randomizer at work: it does not know it, and writes
            `randomizers.targets` for `randomizers.KEY.targets`.

    Raises:
        SceneFileError: the same faults, located.
    """
    try:
        yield
    except SceneFileError as error:
        raise SceneFileError([_located(f, document, step) for f in error.faults]) from None


def _located(fault: Fault, document: Document, step: str | None) -> Fault:
    first, *rest = fault.where.split(".")
    if first not in _SECTIONS:
        return fault
    if step is not None and first == "randomizers":
        rest = [step, *rest]
    return replace(fault, where=place(document, (first, *rest)))
