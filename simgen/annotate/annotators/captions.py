"""Annotator `captions`: sentences from what is known about a picture, by templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from simgen.annotate.sentences import counted, material_sentences, relation_sentences
from simgen.plugin.protocols import Library, Stream
from simgen.records.sample import Extras, Sample
from simgen.spec.fields import Params

Topic = Literal["counts", "relations", "materials"]


class CaptionsParams(Params):
    """How many sentences about what."""

    count: int = Field(3, ge=1, le=20, description="captions of a picture at most")
    topics: tuple[Topic, ...] = Field(
        ("counts", "relations", "materials"), min_length=1, description="what they may be about"
    )


class Captions:
    """Captions: what there is and how many, what stands where, what it is made of.

    Every statement follows from labels, poses and materials; what is not known is not said. The
    first caption tells what is there, the others take turns between the topics. The same
    frame has the same captions.
    """

    api = 1
    Params = CaptionsParams

    def annotate(
        self, sample: Sample, library: Library, params: CaptionsParams, rng: Stream
    ) -> Extras:
        """See `plugin.Annotator`."""
        found: list[list[str]] = []
        if "counts" in params.topics:
            found.append(counted(sample, rng.child("counts")))
        if "relations" in params.topics:
            found.append(rng.child("relations").shuffled(relation_sentences(sample)))
        if "materials" in params.topics:
            found.append(rng.child("materials").shuffled(material_sentences(sample)))
        return Extras(captions=_in_turn(found)[: params.count])


def _in_turn(topics: Sequence[Sequence[str]]) -> tuple[str, ...]:
    longest = max(map(len, topics), default=0)
    return tuple(topic[i] for i in range(longest) for topic in topics if i < len(topic))
