"""Chains: augmenters one after the other, each with its chance, its stream and its donors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simgen.plugin import Augmenter, Stream
from simgen.records.provenance import Origin, Step
from simgen.records.sample import Sample

# Another sample of source number N, drawn from a stream; never the frame that is augmented.
Fetch = Callable[[int, Stream], tuple[Sample, int]]


@dataclass(frozen=True)
class Link:
    """One augmenter of a chain.

    Args:
        key: its name in the config, and that of its stream.
        plugin, params: validated.
        chance: how often it is applied.
        source: number of the source that its other samples are taken from; 0 is the set itself.
    """

    key: str
    plugin: Augmenter
    params: Any
    chance: float = 1.0
    source: int = 0


def augmented(sample: Sample, links: Sequence[Link], rng: Stream, fetch: Fetch) -> Sample:
    """The sample after all links; its provenance has one step more, whatever was applied.

    Args:
        rng: of this result alone; each link has its own child, so that adding one moves no other.
        fetch: gives other samples and their frame numbers.

    Raises:
        SimgenError: an augmenter cannot do its work on this sample.
    """
    operators: list[dict[str, Any]] = []
    sources = [Origin(0, sample.frame)]
    before = sample.provenance
    for link in links:
        own = rng.child(link.key)
        if own.child("chance").random() >= link.chance:
            continue
        others = []
        for number in range(link.plugin.needs(link.params) - 1):
            other, frame = fetch(link.source, own.child("with").child(str(number)))
            others.append(other)
            sources.append(Origin(link.source, frame))
        result = link.plugin.augment([sample, *others], link.params, own.child("draw"))
        done = result.provenance[-1].operators or ()
        operators += [{"key": link.key, **operator} for operator in done]
        sample = replace(result, provenance=before)
    step = Step("augment", tuple(dict.fromkeys(sources)), tuple(operators))
    return replace(sample, provenance=(*before, step))


def kept_outputs(links: Sequence[Link], outputs: Sequence[str]) -> tuple[str, ...]:
    """Outputs of a set that samples still have after all links."""
    kept = set(outputs)
    for link in links:
        kept &= link.plugin.keeps(link.params)
    return tuple(name for name in outputs if name in kept)
