"""The laws that every scene type keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.plugin.conformance import Law, laws

PROJECT = Path(__file__).parents[1]


@pytest.mark.parametrize("law", laws("scene-type", "shelf", PROJECT), ids=str)
def test_it_keeps_the_law(law: Law) -> None:
    law.check()
