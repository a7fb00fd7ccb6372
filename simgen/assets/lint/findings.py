"""Finding: one thing that is wrong or odd about a mesh or a folder of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simgen.assets.repair import Repair

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One finding.

    Args:
        asset: file below the folder; "" is the folder.
        level: see the room's page.
        code: short name, the same for the same kind.
        what: what was found.
        cure: what to do.
        repair: what `--fix` would write for it; None: it is for a person.
    """

    asset: str
    level: Level
    code: str
    what: str
    cure: str
    repair: Repair | Literal["licence"] | None = None


@dataclass(frozen=True)
class Fix:
    """What `--fix` wrote.

    Args:
        file: below the folder.
        what: what it now says.
        backup: name of the copy of what was there before; "" if nothing was.
    """

    file: str
    what: str
    backup: str = ""


@dataclass(frozen=True)
class LintResult:
    """Everything about a folder.

    Args:
        folder: that the names are below.
        assets: number of meshes that were looked at.
        findings: errors first.
        fixes: what was written before the findings were made.
    """

    folder: str
    assets: int
    findings: tuple[Finding, ...]
    fixes: tuple[Fix, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether there are notes at most."""
        return all(f.level == "note" for f in self.findings)
