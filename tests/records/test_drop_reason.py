"""Reasons of dropped objects without what differs from object to object."""

from __future__ import annotations

import pytest

from simgen.records.world import drop_reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("parts.3: fell off", ("parts.3", "fell off")),
        ("a.1: interpenetrates parts.2", ("a.1", "interpenetrates parts")),
        ("a.1: larger than the volume (0.52 m across)", ("a.1", "larger than the volume")),
        ("a.1: no free place (all taken)", ("a.1", "no free place (all taken)")),
        ("thinned out", ("", "thinned out")),
    ],
)
def test_reasons_can_be_counted(text: str, expected: tuple[str, str]) -> None:
    assert drop_reason(text) == expected
