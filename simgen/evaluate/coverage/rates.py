"""What was drawn again, given up or chosen: rates, class shares, edge cases of a run folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from simgen.dataset.reader import Dataset
from simgen.dataset.records import FrameRecord
from simgen.records.world import World, drop_reason
from simgen.sampling.views import in_case, view_of
from simgen.spec.quotas import Balance, ExtremeLight, Stress, targets

_MOST_PICTURES = 400  # that are opened to measure their light


@dataclass(frozen=True)
class Placed:
    """What became of a collection's objects.

    Args:
        asked: drawn; placed: that found a place.
        reasons: of those that did not, by text.
    """

    collection: str
    asked: int
    placed: int
    reasons: dict[str, int]


@dataclass(frozen=True)
class ClassShare:
    """A category's labels; `wanted` is None where the scene file says nothing."""

    name: str
    labels: int
    share: float
    wanted: float | None


@dataclass(frozen=True)
class CaseShare:
    """An edge case.

    Args:
        share: of the labels (of the pictures for light) that are in it; None: not measured.
        wanted: at least; None where the scene file does not ask.
        frames: whose view was to show it, met: in which one did, redrawn: views thrown away.
    """

    name: str
    share: float | None
    wanted: float
    frames: int
    met: int
    redrawn: int


@dataclass(frozen=True)
class Rates:
    """Everything that rejection did to a run folder.

    Args:
        places_redrawn: places thrown away, per asked object.
        cameras_redrawn: cameras that could not be used, per frame.
        unlabelled: visible instances without a label, by reason.
    """

    worlds: int
    frames: int
    labels: int
    placed: tuple[Placed, ...]
    places_redrawn: float
    cameras_redrawn: float
    unlabelled: dict[str, int]
    classes: tuple[ClassShare, ...]
    cases: tuple[CaseShare, ...]


@dataclass
class Counting:
    """Counts while worlds and frames pass by.

    Args:
        dataset: to open pictures of, where light is asked for.
        stress: whose cases are counted.
        every: each how manieth picture is opened.
    """

    dataset: Dataset
    stress: Stress | None
    every: int = 1
    worlds: int = 0
    frames: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    placed: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Counter[str]] = field(default_factory=dict)
    redrawn: int = 0
    cameras: int = 0
    unlabelled: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)
    chosen: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    thrown: Counter[str] = field(default_factory=Counter)

    def add_world(self, world: World) -> None:
        """Its placements."""
        self.worlds += 1
        self.redrawn += world.counts.redrawn
        for thing in world.instances:
            self.asked[thing.collection] += 1
            self.placed[thing.collection] += 1
        for text in world.counts.dropped:
            name, reason = drop_reason(text)
            collection = name.rpartition(".")[0] or "?"
            self.asked[collection] += 1
            self.reasons.setdefault(collection, Counter())[reason] += 1

    def add_frame(self, record: FrameRecord) -> None:
        """Its labels, and how its view came about."""
        self.frames += 1
        self.cameras += int(record.facts.get("camera.redrawn", 0))
        self.labels.update(record.annotations.category)
        self.unlabelled.update(one.reason for one in record.unlabelled)
        case = record.facts.get("stress.case")
        if case is not None:
            self.chosen[case] += 1
            self.met[case] += bool(record.facts["stress.met"])
            self.thrown[case] += int(record.facts["stress.redrawn"])
        if self.stress is None:
            return
        view = view_of(record.annotations)
        for name, wanted in self.stress.cases.items():
            if isinstance(wanted, ExtremeLight):
                light = self._luminance(record)
                if light is None:
                    continue
                view_lit = view_of(record.annotations, light)
                self.hits[name] += int(in_case(wanted, view_lit).sum())
                self.judged[name] += 1
                continue
            self.hits[name] += int(in_case(wanted, view).sum())
            self.judged[name] += len(view.category)

    def _luminance(self, record: FrameRecord) -> float | None:
        if "rgb" not in record.files or self.frames % self.every:
            return None
        from simgen.annotate.probe import mean_luminance

        return mean_luminance(self.dataset.rgb(record.frame))

    def result(self, balance: Balance | None, categories: Sequence[str]) -> Rates:
        """The rates, once all has passed."""
        total = sum(self.labels.values())
        wanted = targets(balance.classes, list(categories)) if balance else {}
        cases = self.stress.cases if self.stress else {}
        return Rates(
            self.worlds,
            self.frames,
            total,
            tuple(
                Placed(
                    key, n, self.placed[key], dict(self.reasons.get(key, Counter()).most_common())
                )
                for key, n in sorted(self.asked.items())
            ),
            self.redrawn / max(sum(self.asked.values()), 1),
            self.cameras / max(self.frames, 1),
            dict(self.unlabelled.most_common()),
            tuple(
                ClassShare(n, self.labels[n], self.labels[n] / max(total, 1), wanted.get(n))
                for n in categories
            ),
            tuple(
                CaseShare(
                    name,
                    self.hits[name] / self.judged[name] if self.judged[name] else None,
                    case.share,
                    self.chosen[name],
                    self.met[name],
                    self.thrown[name],
                )
                for name, case in cases.items()
            ),
        )


def picture_step(frames: int) -> int:
    """Each how manieth picture is opened to measure light."""
    return max(1, -(-frames // _MOST_PICTURES))
