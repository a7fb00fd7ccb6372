"""What becomes of a refined picture: keep, composite, retry, drop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simgen.evaluate.label_check import Check, Limits, check_labels
from simgen.evaluate.label_check.copies import Originals
from simgen.evaluate.label_check.scores import mask_of
from simgen.imaging.blending import composited, feathered
from simgen.pipeline.refining.settings import CheckSection
from simgen.records.provenance import Step
from simgen.records.sample import Sample

Refine = Callable[[Sample, float], Sample]
Drift = Callable[[Sample, Sample], dict[int, float]]
_FEATHER_PX = 3.0


@dataclass(frozen=True)
class Judged:
    """A picture and what was decided.

    Args:
        sample: with a step that says so; None: the picture is not to be.
        step: the same step.
    """

    sample: Sample | None
    step: Step


@dataclass(frozen=True)
class Judge:
    """Measures refined pictures and decides.

    Args:
        settings: limits and what may be done.
        originals: photographs that must not be repeated.
        drift: measures a detector's boxes, by instance id.
    """

    settings: CheckSection
    originals: Originals | None = None
    drift: Drift | None = None

    @property
    def limits(self) -> Limits:
        """As plain data."""
        return Limits(**self.settings.limits.model_dump())

    def decide(self, before: Sample, first: Sample, refine: Refine) -> Judged:
        """The verdict on one picture.

        Args:
            before: the source.
            first: its refinement at full strength.
            refine: gives another one at a strength, from the same random numbers.
        """
        if not self.settings.enabled:
            return _closed(first, before, "keep", {}, {})
        strength, after = 1.0, first
        for attempt in range(self.settings.retries + 1):
            if attempt:
                strength *= self.settings.retry_strength
                after = refine(before, strength)
            check = self.measure(before, after)
            doubted, spoilt = self._doubts(check)
            if not doubted and not spoilt:
                verdict = "retry" if attempt else "keep"
                return _closed(after, before, verdict, check.worst(), {"strength": strength})
            if not spoilt and self.settings.composite:
                mended = composite(before, after, doubted)
                again = self.measure(before, mended)
                if not any(self._doubts(again)):
                    facts = {"strength": strength, "composited": doubted}
                    return _closed(mended, before, "composite", check.worst(), facts)
        facts = {"strength": strength, "doubted": doubted}
        if self.settings.otherwise == "original" and before.size == after.size:
            own = replace(after, rgb=before.rgb)
            return _closed(own, before, "original", check.worst(), facts)
        step = replace(after.provenance[-1], verdict="drop", scores=check.worst(), facts=facts)
        return Judged(None, step)

    def measure(self, before: Sample, after: Sample) -> Check:
        """All scores of a refinement."""
        same = before if before.size == after.size else plainly_enlarged(before, after)
        check = check_labels(same, after)
        if self.originals is not None:
            check.picture["copied"] = self.originals.copied(after.rgb, same.rgb)
        if self.drift is not None:
            for instance, value in self.drift(same, after).items():
                check.instances.get(instance, {})["drift"] = value
        return check

    def _doubts(self, check: Check) -> tuple[list[int], bool]:
        limits = self.limits
        doubted = [i for i, value in check.suspicions(limits).items() if value > 1]
        return doubted, check.suspicion(limits) > 1


def composite(before: Sample, after: Sample, instances: list[int]) -> Sample:
    """The refinement with the own pixels of some instances laid back, feathered."""
    same = before if before.size == after.size else plainly_enlarged(before, after)
    rgb = after.rgb
    for row, instance in enumerate(same.annotations.instance):
        if instance in instances:
            rgb = composited(rgb, same.rgb, feathered(mask_of(same, row), _FEATHER_PX))
    return replace(after, rgb=rgb)


def plainly_enlarged(before: Sample, after: Sample) -> Sample:
    """The source with the size and labels of a larger refinement, pixels interpolated."""
    import cv2

    rgb = cv2.resize(before.rgb, after.size, interpolation=cv2.INTER_CUBIC)
    return replace(after, rgb=np.asarray(rgb, np.uint8))


def _closed(
    after: Sample, before: Sample, verdict: str, scores: dict[str, float], facts: dict[str, Any]
) -> Judged:
    step = replace(
        after.provenance[-1], verdict=verdict, scores=scores or None, facts=facts or None
    )
    return Judged(replace(after, provenance=(*before.provenance, step)), step)
