"""What an import cannot use, in the engine's terms."""

from __future__ import annotations


class Refusal(Exception):
    """Something cannot be imported.

    Args:
        where: file, and the thing in it.
        what: what was found.
        cure: what a person can do.
    """

    def __init__(self, where: str, what: str, cure: str) -> None:
        super().__init__(f"{where}: {what}")
        self.faults = [{"where": where, "what": what, "cure": cure}]
