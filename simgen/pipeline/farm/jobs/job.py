"""What a job file is made from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simgen.errors import Fault, SceneFileError


@dataclass(frozen=True)
class Job:
    """An array of shards.

    Args:
        name: of the job; lower-case letters, digits and hyphens, as Kubernetes wants it.
        command: `render SCENE --out OUT ...`, without the shard.
        out: run folder, as the command names it.
        folder: where the command is to run, absolute; relative paths start there.
        program: words that start simgen on a node.
        shards: tasks of the array.
        at_once: of them; 0: as many as there is room for.
        cpus: of each task.
        memory_gib: of each task.
        gpus: of each task.
        hours: after which the scheduler ends a task.
        setup: shell lines to run first (`module load ...`).
    """

    name: str
    command: tuple[str, ...]
    out: str
    folder: str
    program: tuple[str, ...]
    shards: int
    at_once: int
    cpus: int
    memory_gib: int
    gpus: int
    hours: float
    setup: tuple[str, ...] = ()

    @property
    def enough_hours(self) -> float:
        """After which a task begins nothing that the scheduler would cut off."""
        return round(max(0.9 * self.hours, self.hours - 0.1), 3)

    @property
    def render(self) -> tuple[str, ...]:
        """Words of a task but for its shard; ends in good order before the scheduler ends it."""
        hours = () if "--max-hours" in self.command else ("--max-hours", f"{self.enough_hours:g}")
        return (*self.program, *self.command, *hours)

    @property
    def finalize(self) -> tuple[str, ...]:
        """Words of what comes last."""
        return (*self.program, "finalize", self.out)

    @property
    def status(self) -> tuple[str, ...]:
        """Words that tell how it went."""
        return (*self.program, "farm", "status", self.out)


def check_name(name: str) -> str:
    """A name that every scheduler takes.

    Raises:
        SceneFileError: it is not.
    """
    if not re.fullmatch(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", name):
        what = f"expected lower-case letters, digits and hyphens, at most 40, got {name!r}"
        raise SceneFileError(Fault("--name", what, "for example --name dice-2"))
    return name
