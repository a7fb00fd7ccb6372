"""A refine run with its report."""

from __future__ import annotations

from pathlib import Path

from simgen.dataset.reader import Dataset
from simgen.errors import DataError, Fault
from simgen.pipeline.pool import Farm
from simgen.pipeline.refining.gate import RefineConfig
from simgen.pipeline.refining.stage import RefineResult, refine_dataset
from simgen.report.refine_page import write_refine_page


def refine_and_report(
    root: Path,
    config: RefineConfig,
    out: Path,
    *,
    farm: Farm | None = None,
    batch: int = 1,
    device: str = "auto",
    chosen: range | None = None,
) -> tuple[RefineResult, Path]:
    """Refine a dataset, then write OUT/refine/report.html.

    Args:
        chosen: frame numbers; None: all.

    Returns:
        What was done, and the page.

    Raises:
        SimgenError: see `refine_dataset`.
    """
    frames = None
    if chosen is not None:
        frames = [number for number in Dataset.open(root).frames() if number in chosen]
        if not frames:
            what = f"none of the frames {chosen.start} to {chosen.stop - 1} is there"
            raise DataError(Fault(str(root), what, "choose others"))
    result = refine_dataset(root, config, out, farm=farm, batch=batch, device=device, frames=frames)
    limits = config.file.check.limits.model_dump()
    return result, write_refine_page(out, root, limits)
