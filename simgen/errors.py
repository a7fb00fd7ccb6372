"""Every error that simgen raises on purpose.

    SimgenError                 anything a person can act on
    +-- SceneFileError          one or more faults in a scene or config file (exit 2)
    +-- AssetError              a mesh, texture or environment cannot be used (exit 2)
    +-- PluginError             unknown, broken or doubly claimed plugin (exit 2)
    +-- MissingExtraError       an optional dependency is not installed (exit 2)
    +-- DataError               a dataset, label or prediction file cannot be used (exit 2)
    +-- RunFolderError          OUT cannot be used: other scene, unwritable, damaged (exit 2)
    +-- WorkError               the work itself failed: a world failed (exit 1)
        +-- StorageError        disk full or unwritable: going on makes no sense (exit 1)
        +-- FencedError         another driver took this work over (exit 1)

Each error says three things: where, what, and what to do about it. `Fault` is one such
triple; an error holds one or many, so all faults of a file are shown at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Args:
        where: file, line, column and dotted path, or the path on disk.
        what: what was expected and what was found.
        cure: what the user can do.
    """

    where: str
    what: str
    cure: str = ""

    def __str__(self) -> str:
        lines = [self.where, f"  {self.what}"]
        if self.cure:
            lines.append(f"  -> {self.cure}")
        return "\n".join(lines)


class SimgenError(Exception):
    """Base of all errors that are the product's answer, not its crash."""

    exit_code = 2

    def __init__(self, faults: Sequence[Fault] | Fault) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type[SimgenError], tuple[tuple[Fault, ...]]]:
        # Errors travel from worker processes to the parent, so they must pickle.
        return (type(self), (self.faults,))


class SceneFileError(SimgenError):
    """A scene or config file has faults."""


class AssetError(SimgenError):
    """A mesh, texture, material or environment cannot be used."""


class PluginError(SimgenError):
    """A plugin is unknown, broken, or claimed by two packages."""


class MissingExtraError(SimgenError):
    """An optional dependency is not installed."""


class DataError(SimgenError):
    """A dataset, label or prediction file cannot be used."""


class RunFolderError(SimgenError):
    """The output folder cannot be used for this run."""


class WorkError(SimgenError):
    """The input was fine and the work failed."""

    exit_code = 1


class StorageError(WorkError):
    """A file cannot be written or read back; it stops a whole run, not just one world."""


class FencedError(WorkError):
    """Somebody else has taken over what this process works on; its results are not wanted."""
