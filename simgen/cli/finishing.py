"""What the verbs that take frames over print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from simgen.cli import options

if TYPE_CHECKING:
    from simgen.pipeline.stage import StageResult


def finish(out: Path, done: StageResult, as_json: bool) -> None:
    """Print what was done; fail if something was not.

    Raises:
        PrintedError: some frames could not be taken over.
    """
    from simgen.pipeline.worker import failed

    facts = {
        "out": str(out),
        "frames": done.done,
        "skipped": done.skipped,
        "images": done.images,
        "annotations": done.annotations,
    }
    options.print_facts(facts, as_json)
    if done.failures:
        raise options.PrintedError(failed(list(done.failures), done.images))
