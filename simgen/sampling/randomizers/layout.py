"""Layouts of real annotations: how many objects of which classes lie where in the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import Field

from simgen.errors import DataError, Fault, SceneFileError
from simgen.plugin import NonNegative, Number, Params, Positive, Root, Stream, Unit
from simgen.plugin.files import sha256_of
from simgen.records.places import Spot
from simgen.records.world import Draft, DraftObject, DraftView
from simgen.sampling.layouts.drawing import Wish, draw_layout
from simgen.sampling.layouts.file import read_layout
from simgen.sampling.layouts.matching import Match, key_of, matched, targets_of
from simgen.sampling.layouts.model import LayoutLaw
from simgen.sampling.layouts.picture import framing_of, places_m, resized


class LayoutParams(Params):
    """Settings of the layout."""

    path: Root = Field(
        description="file that `simgen layouts fit` wrote", examples=["layouts/dice.json"]
    )
    objects: dict[str, str | None] = Field(
        default_factory=dict,
        description="collection by category of the layout, or `KEY/WORD`: those of its objects "
        "whose asset, or one of whose attributes, is WORD; `*`: every other category; null: left "
        "out. Default: the collection of the category's name",
        examples=[{"*": "things"}],
    )
    probability: Unit = Field(1.0, description="share of worlds that are laid out so")
    looseness: Annotated[Number, Field(ge=1, le=4)] = Field(
        1.0, description="sides of the layout's boxes over those of tight boxes"
    )
    resize: Unit = Field(
        0.0,
        description="how far objects are scaled towards the sizes of the layout: 0 not at all, 1 "
        "wholly; the camera's distance follows the median size in any case",
    )
    gap_m: NonNegative = Field(0.0005, description="smallest distance of footprints, m")
    distance_m: tuple[Positive, Positive] = Field(
        (0.1, 2.0), description="nearest and farthest that the camera may stand for that, m"
    )


class Layout:
    """Arranges objects as a layout fitted to real labels has them: number, class, size, place.

    Of the collections that stand for categories as many objects stay as the layout wants; draw
    enough (`count`). Each is put where the ray of the world's first view through its place in the
    picture meets the table, and lies there as it fell. All views look at the middle of the
    picture from the distance at which the median object has the wanted size: a camera that can
    see, drawn at the first try, shows the layout itself; later views of the same world
    show it from elsewhere. Needs a scene type that puts objects where they are wanted (`tabletop`).
    """

    api: ClassVar[int] = 1
    stage: ClassVar[str] = "objects"
    identity: ClassVar[Mapping[str, Any] | None] = {"path": "layout.json", "probability": 0.0}
    example: ClassVar[Mapping[str, Any]] = {
        "scene": {"type": "tabletop", "placement": "drop"},
        "objects": {"things": {"asset": "box", "count": 12, "size_m": [0.02, 0.02, 0.02]}},
        "randomizers": {
            "real": {"kind": "layout", "path": "layouts/dice.json", "objects": {"*": "things"}}
        },
    }
    Params: ClassVar[type[Params]] = LayoutParams

    def far_m(self, params: Any, bound_m: float) -> float:
        """No surface is farther from a camera than this, if it was `bound_m` without it."""
        return bound_m + float(max(params.distance_m))

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft with fewer objects, each with a spot, and with a framing.

        Raises:
            SceneFileError: the file cannot be used, or categories and collections do not fit.
        """
        arranged = rng.child("probability").random() < params.probability
        if not arranged or draft.view is None:
            return replace(draft, facts={**draft.facts, "arranged": False})
        law = _law(params)
        targets = targets_of(law, params.objects, draft.collections)
        lens = draft.view.camera.intrinsics
        wishes = [
            replace(wish, size=wish.size / params.looseness)
            for wish in draw_layout(law, rng.child("draw"), lens.width / lens.height)
            if targets[wish.category] is not None
        ]
        ruled = {key_of(target) for target in targets.values() if target}
        things = [thing for thing in draft.objects if thing.collection in ruled]
        matches = matched(wishes, things, targets, rng.child("short"))
        digest = sha256_of(params.path.location)
        return _arranged(draft, draft.view, params, matches, wishes, ruled, digest)


def _arranged(
    draft: Draft,
    view: DraftView,
    params: Any,
    matches: list[Match],
    wishes: list[Wish],
    ruled: set[str],
    digest: str,
) -> Draft:
    spots: dict[str, DraftObject] = {}
    framing = None
    if matches:
        near, far = sorted(params.distance_m)
        framing = framing_of(matches, view.camera, (near, far))
        matches = resized(matches, view.camera, framing, params.resize)
        for one, (x, y) in zip(matches, places_m(matches, view.camera, framing), strict=True):
            if x == x:  # not NaN: a place above the horizon has no spot
                spot = Spot(float(x), float(y), params.gap_m)
                spots[one.thing.name] = replace(one.thing, spot=spot)
    objects = tuple(
        spots.get(thing.name, thing)
        for thing in draft.objects
        if thing.name in spots or thing.collection not in ruled
    )
    facts = {
        "arranged": True,
        "law_sha256": digest,
        "wanted": len(wishes),
        "lacking": len(wishes) - len(matches),
        "above_horizon": len(matches) - len(spots),
        "width_m": 0.0 if framing is None else framing.width_m,
    }
    return replace(draft, objects=objects, framing=framing, facts={**draft.facts, **facts})


def _law(params: Any) -> LayoutLaw:
    try:
        return read_layout(params.path.location)
    except DataError as error:
        faults = [
            Fault("randomizers.path", f"{fault.where}: {fault.what}", fault.cure)
            for fault in error.faults
        ]
        raise SceneFileError(faults) from None
