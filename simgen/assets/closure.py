"""State `closure`: whether a thing that can be opened is open; a setting, not a pose, says so."""

from __future__ import annotations

from typing import Any

from simgen.spec.distributions import Distribution, values_of


def closure_values(opened: Any) -> tuple[str, ...]:
    """The values of `closure` that a setting `open` can give; it may be undrawn."""
    values = values_of(opened) if isinstance(opened, Distribution) else (opened,)
    return tuple(closure_of(value) for value in values or (False, True))


def closure_of(opened: bool) -> str:
    """`open` or `closed`."""
    return "open" if opened else "closed"
