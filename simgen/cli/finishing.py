"""How verbs end that make a dataset by a stage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from simgen.cli import options

if TYPE_CHECKING:
    from simgen.pipeline.stage import StageResult


def finish(out: Path, done: StageResult, as_json: bool, **more: Any) -> None:
    """Print what was done; fail if something was not.

    Args:
        more: further facts, behind the usual ones.

    Raises:
        PrintedError: some frames could not be made.
    """
    facts = {
        "out": str(out),
        "frames": done.done,
        "skipped": done.skipped,
        "images": done.images,
        "annotations": done.annotations,
        **more,
    }
    options.print_facts(facts, as_json)
    stop_on_failures(done)


def stop_on_failures(done: StageResult) -> None:
    """Fail if frames could not be made; what was done is printed already.

    Raises:
        PrintedError: with all of them.
    """
    from simgen.pipeline.worker import failed

    if done.failures:
        raise options.PrintedError(failed(list(done.failures), done.images))
