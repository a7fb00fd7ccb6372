"""Stages: what makes a dataset out of datasets, one frame after the other, resumable.

Purpose: import, augment, refine, filter, merge and export share one runner. A stage says what
it makes of a batch of frame numbers; the runner opens the folder, refuses another input, skips
what is there, spreads batches over processes, commits frame by frame, logs the run and writes
the COCO index. In scope: that, and the manifest of derived sets. Out of scope: what any stage
does to a sample.

How to write a stage, with an example: docs/datasets.md.
"""

from simgen.pipeline.stage.contract import Dropped, Kept, Make, Outcome, Piece, Stage, StagePlan
from simgen.pipeline.stage.manifest import content_digest, source_info, stage_manifest
from simgen.pipeline.stage.run import StageResult, run_stage

__all__ = [
    "Dropped",
    "Kept",
    "Make",
    "Outcome",
    "Piece",
    "Stage",
    "StagePlan",
    "StageResult",
    "content_digest",
    "run_stage",
    "source_info",
    "stage_manifest",
]
