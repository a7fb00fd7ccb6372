"""A chain of open refiners."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import numpy as np

from simgen.errors import Fault, PluginError
from simgen.evaluate.label_check.scores import mask_of
from simgen.imaging.blending import composited, feathered
from simgen.pipeline.refining.gate import Link
from simgen.pipeline.refining.settings import KeepSection
from simgen.plugin.protocols import Stream
from simgen.plugin.registry import Registry
from simgen.plugin.stage_protocols import RefineSession
from simgen.records.provenance import Step
from simgen.records.sample import Sample
from simgen.refine.workplace import Workplace


@dataclass(frozen=True)
class Chain:
    """Refiners that are open, in their order.

    Args:
        sessions: name and session.
        keep: objects whose own pixels stay.
    """

    sessions: tuple[tuple[str, RefineSession], ...]
    keep: KeepSection

    def refine(
        self, samples: Sequence[Sample], rngs: Sequence[Stream], strength: float = 1.0
    ) -> list[Sample]:
        """The samples refined; each has one step more, with an operator for each refiner.

        Raises:
            PluginError: a refiner changed labels.
        """
        now = list(samples)
        for key, session in self.sessions:
            streams = [rng.child(key) for rng in rngs]
            done = list(session.refine(now, streams, strength))
            for before, after in zip(now, done, strict=True):
                _check_law(key, before, after)
            now = done
        return [self._finished(a, b) for a, b in zip(samples, now, strict=True)]

    def _finished(self, before: Sample, after: Sample) -> Sample:
        fresh = after.provenance[len(before.provenance) :]
        operators = tuple(
            {"key": key, **operator}
            for (key, _), step in zip(self.sessions, fresh, strict=True)
            for operator in step.operators or ()
        )
        step = Step("refine", operators=operators)
        rgb = after.rgb
        if self.keep.classes:
            rgb = kept(before, after, self.keep)
        return replace(after, rgb=rgb, provenance=(*before.provenance, step))


@contextmanager
def open_chain(
    links: Sequence[Link], keep: KeepSection, registry: Registry, data: Workplace
) -> Iterator[Chain]:
    """All refiners of a chain, ready to work.

    Raises:
        SimgenError: one cannot be opened.
    """
    with ExitStack() as stack:
        sessions = []
        for link in links:
            plugin = registry.get("refiners", link.kind, f"refiners.{link.key}")
            sessions.append((link.key, stack.enter_context(plugin.open(link.params, data))))
        yield Chain(tuple(sessions), keep)


def kept(before: Sample, after: Sample, keep: KeepSection) -> np.ndarray:  # type: ignore[type-arg]
    """uint8[H, W, 3]: the refined picture with the own pixels of some instances laid back.

    Where the refinement is larger, `before` is enlarged with it by its caller.
    """
    rgb = after.rgb
    if before.size != after.size:
        import cv2

        before = replace(after, rgb=np.asarray(cv2.resize(before.rgb, after.size), np.uint8))
    others = keep.classes.get("*", 0.0)
    for row, category in enumerate(before.annotations.category):
        share = keep.classes.get(category, others)
        if share > 0:
            alpha = feathered(mask_of(before, row), keep.feather_px) * np.float32(share)
            rgb = composited(rgb, before.rgb, alpha)
    return rgb


def _check_law(key: str, before: Sample, after: Sample) -> None:
    same_size = before.size == after.size
    if same_size and before.annotations != after.annotations:
        what = f"the refiner {key} changed labels, which no refiner may"
        raise PluginError(Fault(f"refiners.{key}", what, "report this to its author"))
    if not same_size and len(before.annotations) != len(after.annotations):
        what = f"the refiner {key} changed the number of labels"
        raise PluginError(Fault(f"refiners.{key}", what, "report this to its author"))
    if len(after.provenance) != len(before.provenance) + 1:
        what = f"the refiner {key} did not say what it did: one step of provenance is expected"
        raise PluginError(Fault(f"refiners.{key}", what, "report this to its author"))
