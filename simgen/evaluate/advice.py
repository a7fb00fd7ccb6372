"""Sentences that say what to change in the scene, out of slices, error types and boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simgen.evaluate.bootstrap import Estimate
from simgen.evaluate.confusion import BoxBias, Confusion
from simgen.evaluate.error_types import Cost
from simgen.evaluate.slices import Slice

MIN_LABELS = 10  # a slice of fewer says nothing for sure
_MIN_POINTS = 0.01
_MIN_BIAS = 0.07
_MIN_DEFICIT = 0.03
_MOST_OF_LABELS = 0.5  # "show more like most of them" is no advice
_MOST = 6

# Parameter -> what to change when small values are the weak ones, and when large ones are.
_CHANGES: dict[str, tuple[str, str]] = {
    "size_px": ("show objects smaller (raise camera.distance_m or lower their size) and train at "
                "a higher resolution or on crops",
                "show objects larger (lower camera.distance_m)"),
    "visibility": ("let objects hide each other more: more of them on less area, add unlabelled "
                   "clutter in front", "show more objects unhidden"),
    "truncation": ("show more whole objects: aim the camera at them",
                   "cut more objects at the border: aim the camera beside them, come closer"),
    "distance_m": ("come closer (lower camera.distance_m)",
                   "go further away (raise camera.distance_m)"),
    "overlap": ("show more objects that stand alone (larger scene area, lower counts)",
                "let objects touch and overlap (smaller scene area, higher counts)"),
    "objects": ("render scenes with fewer objects (lower objects.*.count)",
                "render fuller scenes (higher objects.*.count)"),
    "aspect": ("show objects turned so that they look tall", "show objects turned so that they "
               "look wide"),
    "camera.elevation_deg": ("look from lower (camera.elevation_deg down)",
                             "look from higher (camera.elevation_deg up)"),
    "light_power": ("use weaker lamps (randomizers.*.power down)",
                    "use stronger lamps (randomizers.*.power up)"),
    "brightness": ("render darker pictures (exposure and lamp power down)",
                   "render brighter pictures (exposure and lamp power up)"),
    "contrast": ("use softer, more even light and plainer backgrounds",
                 "use harder light and busier backgrounds"),
    "sharpness": ("blur some pictures (focus, motion) or smooth their textures",
                  "use sharper pictures: more samples, finer textures, busier backgrounds"),
}  # fmt: skip
_ERRORS = {
    "missed": "objects look unlike anything in training: widen materials, light and backgrounds, "
    "most where the weak slices are",
    "background": "background is taken for objects: add unlabelled clutter, more backgrounds and "
    "frames without objects",
    "localisation": "boxes are off: check the label style (tight or loose), let objects overlap "
    "and be cut off more",
    "classification": "categories are mixed up: make what tells them apart visible (resolution, "
    "views, print and texture detail)",
    "duplicate": "one object is found twice: lower the NMS threshold; not the scene's fault",
    "both": "detections are wrong in place and category: train longer, then look again",
}


@dataclass(frozen=True)
class Advice:
    """One thing to change.

    Args:
        change: what to do.
        because: the numbers behind it.
        points: mAP50 that is at stake, at most; in points of 100.
    """

    change: str
    because: str
    points: float


def advise(
    whole: Estimate,
    slices: Sequence[Slice],
    costs: Sequence[Cost],
    confusion: Confusion,
    bias: BoxBias | None,
) -> tuple[Advice, ...]:
    """The changes that promise most, largest first."""
    found = [
        *_from_slices(whole, slices),
        *_from_costs(costs, slices, confusion),
        *_from_boxes(bias, costs),
    ]
    found = [a for a in found if a.points >= 100 * _MIN_POINTS]
    return tuple(sorted(found, key=lambda a: -a.points)[:_MOST])


def ranked(slices: Sequence[Slice]) -> tuple[Slice, ...]:
    """Slices, weakest first; those with too few labels to tell last."""

    def place(s: Slice) -> tuple[bool, float]:
        return (s.labels < MIN_LABELS, s.mAP50.value if s.mAP50.value is not None else 2.0)

    return tuple(sorted(slices, key=place))


def is_weak(part: Slice) -> bool:
    """Whether a slice is clearly below the whole, beyond chance, with labels enough to tell."""
    value, high = part.against_rest.value, part.against_rest.high
    clear = value is not None and high is not None and value <= -_MIN_DEFICIT and high < 0
    return clear and part.labels >= MIN_LABELS


def _from_slices(whole: Estimate, slices: Sequence[Slice]) -> list[Advice]:
    """The costliest weak slice of each parameter."""
    total: dict[str, int] = {}
    for part in slices:
        total[part.parameter] = total.get(part.parameter, 0) + part.labels
    out: dict[str, Advice] = {}
    for part in slices:
        share = part.labels / max(total[part.parameter], 1)
        if not is_weak(part) or share > _MOST_OF_LABELS:
            continue
        value, all_of = part.mAP50.value or 0.0, whole.value or 0.0
        because = (
            f"{part.parameter} {part.label}: mAP50 {value:.2f} against {all_of:.2f} over all, "
            f"{part.labels} labels"
        )
        found = Advice(_change(part, slices), because, 100 * (all_of - value) * share)
        known = out.get(part.parameter)
        if known is None or found.points > known.points:
            out[part.parameter] = found
    return list(out.values())


def _change(part: Slice, slices: Sequence[Slice]) -> str:
    siblings = [s for s in slices if s.parameter == part.parameter]
    if part.parameter not in _CHANGES:
        return f"render more like {part.parameter} = {part.label}, in more variety"
    low, high = _CHANGES[part.parameter]
    return low if siblings.index(part) < len(siblings) / 2 else high


def _from_costs(
    costs: Sequence[Cost], slices: Sequence[Slice], confusion: Confusion
) -> list[Advice]:
    out = []
    for cost in costs:
        points = 100 * (cost.gain.value or 0.0)
        because = f"{cost.count} {cost.name} errors cost {points:.1f} points of mAP50"
        known = [s for s in slices if s.labels >= MIN_LABELS]
        if cost.name == "missed" and known:
            least = min(known, key=lambda s: s.recall50)
            because += (
                f"; found least often: {least.parameter} {least.label} "
                f"({100 * least.recall50:.0f} % of {least.labels})"
            )
        if cost.name == "classification" and (pair := _most_confused(confusion)):
            because += f"; most often {pair}"
        out.append(Advice(_ERRORS[cost.name], because, points))
    return out


def _most_confused(confusion: Confusion) -> str:
    pairs = [
        (number, i, j)
        for i, row in enumerate(confusion.counts[:-1])
        for j, number in enumerate(row[:-1])
        if i != j and number
    ]
    if not pairs:
        return ""
    number, i, j = max(pairs, key=lambda p: (p[0], -p[1], -p[2]))
    return f"{confusion.names[i]} taken for {confusion.names[j]} ({number})"


def _from_boxes(bias: BoxBias | None, costs: Sequence[Cost]) -> list[Advice]:
    if bias is None or max(abs(bias.width - 1), abs(bias.height - 1)) < _MIN_BIAS:
        return []
    gain = next(100 * (c.gain.value or 0.0) for c in costs if c.name == "localisation")
    because = (
        f"detected boxes are {bias.width:.2f} times as wide and {bias.height:.2f} times as high "
        f"as labels (median of {bias.pairs})"
    )
    change = (
        "boxes are drawn in another style than the labels: set a label style (as square_boxes) "
        "for training so that they agree"
    )
    return [Advice(change, because, max(gain, 100 * _MIN_POINTS))]
