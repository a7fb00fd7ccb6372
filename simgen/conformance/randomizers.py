"""Laws of randomizers: a new draft from the stream alone; the old one stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from simgen.conformance.labels import valid_labels
from simgen.conformance.trial import (
    WORLDS,
    Trial,
    difference,
    disturbed,
    drawn,
    sampling_laws,
    to_plain_json,
)
from simgen.plugin.conformance import Law, LawBroken, Subject, require
from simgen.plugin.protocols import Stream
from simgen.records.world import Draft
from simgen.sampling.streams import KeyedStream

_UNSAID = object()


def suite(subject: Subject) -> list[Law]:
    """The laws of a randomizer."""
    trial = _StepTrial(subject)
    return [
        Law("the draft that it is given stays untouched", lambda: _untouched(trial)),
        Law("it changes something", lambda: _changes(trial)),
        Law("with its `identity` settings it changes nothing", lambda: _identity(trial)),
        Law("frames have valid labels", lambda: valid_labels(trial)),
        *sampling_laws(trial),
    ]


@dataclass
class _Watched:
    """A randomizer that remembers the drafts it was given."""

    plugin: Any
    drafts: list[Draft] = field(default_factory=list)

    @property
    def stage(self) -> str:
        """When it runs, as the plugin says."""
        return str(getattr(self.plugin, "stage", "world"))

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """As the plugin does."""
        self.drafts.append(deepcopy(draft))  # before it can be changed
        done: Draft = self.plugin.apply(draft, params, rng)
        return done


class _StepTrial(Trial):
    def drafts(self) -> list[Draft]:
        """What the randomizer was given in the first worlds."""
        watched = _Watched(self.step.plugin)
        steps: list[Any] = [
            replace(step, plugin=watched) if step is self.step else step
            for step in self.scene.steps
        ]
        drawn(self.sampler(replace(self.scene, steps=tuple(steps))), range(WORLDS))
        return watched.drafts

    @property
    def step(self) -> Any:
        """The step of the example that is this plugin."""
        return next(step for step in self.scene.steps if step.kind == self.subject.name)

    def apply(self, number: int, draft: Draft, params: Any = None) -> Draft:
        """The randomizer on one draft, with the stream of that world."""
        rng = KeyedStream(0, "world", number, f"randomizers.{self.step.key}")
        with disturbed(number):
            done: Draft = self.step.plugin.apply(draft, params or self.step.params, rng)
        return done


def _untouched(trial: _StepTrial) -> str:
    for number, draft in enumerate(trial.drafts()):
        before = to_plain_json(draft)
        trial.apply(number, draft)
        where = difference(before, to_plain_json(draft))
        require(not where, f"it changes its input: {where}")
    return ""


def _changes(trial: _StepTrial) -> str:
    drafts = trial.drafts()
    changed = sum(bool(_changed(d, trial.apply(n, d))) for n, d in enumerate(drafts))
    require(changed, f"{len(drafts)} drafts came out as they went in")
    return f"{changed} of {len(drafts)} drafts"


def _identity(trial: _StepTrial) -> str:
    settings = getattr(trial.step.plugin, "identity", _UNSAID)
    if settings is None:
        return "none: it always puts something in place"
    require(
        isinstance(settings, Mapping),
        "it does not say with which settings it changes nothing: `identity = {...}`, zero widths "
        "or no probability; `identity = None` if it always puts something in place",
    )
    try:
        params = trial.subject.plugin.Params.model_validate(settings)
    except ValidationError as error:
        raise LawBroken(f"its `identity` settings are refused: {error}") from None
    for number, draft in enumerate(trial.drafts()):
        where = _changed(draft, trial.apply(number, draft, params))
        require(not where, f"with `identity` it still changes the draft: {where}")
    return ""


def _changed(before: Draft, after: Draft) -> str:
    """Where a draft differs, what it says of itself (`facts`) left aside."""
    return difference(
        to_plain_json(replace(before, facts={})), to_plain_json(replace(after, facts={}))
    )
