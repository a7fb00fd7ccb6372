"""`copy_paste`: instances of other pictures laid into this one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from simgen.augment.canvas import Canvas
from simgen.augment.cutout import Cutout, Laid, cut_out, laid, row_values
from simgen.augment.painting import paint
from simgen.augment.placing import Place, Turn, anywhere, guided, on_plane
from simgen.augment.region import Region, scale_of
from simgen.errors import DataError, Fault
from simgen.plugin import (
    Augmenter,
    Integer,
    NonNegative,
    Number,
    Params,
    Positive,
    Root,
    Sampled,
    Stream,
    Unit,
)
from simgen.records.sample import Sample
from simgen.spec.distributions import drawn_from

_TRIES = 12  # places drawn for a cutout before it is given up


class CopyPasteParams(Params):
    """What is pasted, where, and how it is made to fit in; drawn anew for every picture."""

    count: Sampled[Annotated[Integer, Field(ge=0, le=200)]] = Field(
        drawn_from("randint", 1, 4), description="instances pasted"
    )
    donors: Annotated[Integer, Field(ge=1, le=16)] = Field(
        1, description="pictures that instances are taken from"
    )
    categories: tuple[str, ...] | None = Field(None, description="pasted ones; default: all")
    boxes_as_masks: bool = Field(
        False, description="let boxes of labels without masks stand for masks, borders included"
    )
    whole: Unit = Field(
        0.7, description="least share of an instance that its own picture shows, or it is not taken"
    )
    blending: Sampled[Literal["none", "gaussian", "poisson"]] = Field(
        "gaussian", description="hard edges, edges that fade inwards, or joined gradients"
    )
    feather_px: Sampled[NonNegative] = Field(1.5, description="how softly edges fade, pixels")
    scale: Sampled[Positive] = Field(
        drawn_from("loguniform", 0.7, 1.4),
        description="factor on an instance's size, drawn for each",
        json_schema_extra={"unit": "1"},
    )
    angle_deg: Sampled[Number] = Field(
        drawn_from("uniform", -15.0, 15.0), description="turn in the picture, drawn for each, deg"
    )
    mirror: Unit = Field(0.0, description="chance that one is mirrored; not for what has writing")
    placement: Literal["random", "plane", "mask", "same"] = Field(
        "random",
        description="anywhere; on the ground plane z = 0, sized by perspective; where `guide` is "
        "white; or where it was in its own picture",
    )
    guide: Root | None = Field(
        None, description="of `mask`: grey picture, scaled to each; feet stand where it is white"
    )
    horizon: Unit | None = Field(
        None,
        description="of `plane`, for pictures without cameras: its row, as a share of the height",
    )
    largest: Annotated[Number, Field(gt=0, le=1)] = Field(
        0.5, description="longest side of a pasted instance, as a share of the picture's"
    )
    least_px: Positive = Field(8.0, description="shortest side of a pasted instance, pixels")
    hide: Unit = Field(
        0.5,
        description="largest share of any other instance that one may hide; else it goes elsewhere",
    )
    depth: bool = Field(True, description="go behind what is nearer, where both have depth")
    relight: Sampled[Unit] = Field(
        0.5, description="how far it takes on the light of its new surroundings"
    )
    shadow: Sampled[Unit] = Field(
        drawn_from("uniform", 0.0, 0.5), description="darkness of a soft shadow at its foot"
    )
    min_visibility: Unit = Field(0.15, description="labels of which less is left are dropped")
    min_pixels: Annotated[Integer, Field(ge=1)] = Field(16, description="as `min_visibility`")


class CopyPaste(Augmenter):
    """Instances of other pictures: any place, behind what is nearer, relit; labels follow.

    Copy-paste (Ghiasi et al. 2021) that tells the truth: what is hidden loses pixels, box, area and
    visibility, and its label when too little is left.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = CopyPasteParams

    def needs(self, params: CopyPasteParams) -> int:
        """The picture and its donors."""
        return 1 + params.donors

    def augment(self, samples: Sequence[Sample], params: CopyPasteParams, rng: Stream) -> Sample:
        """The first sample with instances of the others.

        Raises:
            DataError: labels without masks, and nobody said that boxes are to stand for them.
        """
        base, donors = samples[0], samples[1:]
        drawn = rng.draw(params)
        canvas = Canvas(base, params.boxes_as_masks)
        deep = params.depth and canvas.depth_m is not None
        guide = _guide(params, canvas.size)
        pasted, seen = [], []
        candidates = _candidates(donors, params)
        for number in range(int(drawn.count) if candidates else 0):
            own = rng.child(f"thing{number}")
            donor, row = own.child("which").choice(candidates)
            cutout = cut_out(donor, row, box_as_mask=params.boxes_as_masks)
            deep_here = deep and cutout.depth_m is not None
            found = _placed(canvas, cutout, params, guide, deep_here, own)
            if found is None:
                continue
            put, modal = found
            instance = canvas.next_id()
            paint(canvas, put, modal, drawn)
            canvas.cover(modal, instance)
            canvas.add(row_values(put, instance, canvas.size, modal))
            pasted.append({"frame": donor.frame, "instance": cutout.values["instance"]})
            seen.append(donor)
        operator = {"name": "copy_paste", "blending": drawn.blending, "pasted": pasted}
        return canvas.finished(
            operator,
            min_visibility=params.min_visibility,
            min_pixels=params.min_pixels,
            others=[donor for donor in donors if any(donor is one for one in seen)],
            captions=base.captions,  # they still speak of the picture
        )


def _candidates(donors: Sequence[Sample], params: CopyPasteParams) -> list[tuple[Sample, int]]:
    """Rows that may be taken.

    Raises:
        DataError: there are labels, none of them has a mask.
    """
    out, maskless = [], None
    for donor in donors:
        labels = donor.annotations
        for row in range(len(labels)):
            if params.categories is not None and labels.category[row] not in params.categories:
                continue
            if labels.mask[row] is None and not params.boxes_as_masks:
                maskless = maskless or donor
                continue
            seen, cut = labels.visibility[row], labels.truncation[row]
            share = (1.0 if seen is None else seen) * (1 - (cut or 0.0))
            if share >= params.whole and not labels.is_ignored(row) and labels.area_px[row] >= 4:
                out.append((donor, row))
    if maskless is not None and not out:
        what = f"frame {maskless.frame} has boxes and no masks; "
        what += "a box that is cut out takes its surroundings along"
        cure = "take instances from a set with masks, or set `boxes_as_masks: true` to do it anyway"
        raise DataError(Fault("augment copy_paste", what, cure))
    return out


def _placed(
    canvas: Canvas,
    cutout: Cutout,
    params: CopyPasteParams,
    guide: NDArray[np.bool_] | None,
    deep: bool,
    rng: Stream,
) -> tuple[Laid, Region] | None:
    """A place that is large enough and hides nothing too much; None: none was found."""
    for place in _places(canvas, cutout, params, guide, rng):
        put = laid(cutout, place.matrix, canvas.size, place.nearer)
        if not put.modal.patch.size:
            continue
        modal = _in_front(canvas, put) if deep else put.modal
        _, _, width, height = put.modal.rect
        if min(width, height) < params.least_px or modal.area < params.min_pixels:
            continue
        if modal.area < params.min_visibility * put.whole_px:
            continue
        if params.placement == "same" or _hides(canvas, modal) <= params.hide:
            return put, modal
    return None


def _places(
    canvas: Canvas,
    cutout: Cutout,
    params: CopyPasteParams,
    guide: NDArray[np.bool_] | None,
    rng: Stream,
) -> Iterator[Place]:
    _, _, width, height = cutout.modal.rect
    limit = params.largest * max(canvas.size) / max(width, height)
    for number in range(_TRIES):
        own = rng.child(f"try{number}")
        turn = Turn(
            min(float(own.child("scale").draw(params.scale)), limit),
            float(own.child("angle").draw(params.angle_deg)),
            own.child("mirror").random() < params.mirror,
        )
        at = own.child("at")
        place: Place | None
        if params.placement == "same":
            place = Place(np.eye(3))
        elif params.placement == "plane":
            camera = canvas.sample.camera
            place = on_plane(cutout, turn, camera, params.horizon, canvas.size, at)
            if place is not None and scale_of(place.matrix) > limit:
                place = None
        elif guide is not None:
            place = guided(cutout, turn, guide, at)
        else:
            place = anywhere(cutout, turn, canvas.size, at)
        if place is not None:
            yield place


def _in_front(canvas: Canvas, put: Laid) -> Region:
    """Pixels of a laid cutout that nothing nearer hides; no surface is infinitely far."""
    assert canvas.depth_m is not None
    assert put.depth_m is not None
    there = canvas.depth_m[put.modal.at()]
    seen = put.modal.patch & ((there <= 0) | (put.depth_m < there)) & (put.depth_m > 0)
    return Region(put.modal.x, put.modal.y, seen).tight()


def _hides(canvas: Canvas, modal: Region) -> float:
    """Largest share of what is to be seen of any label that a region would hide."""
    worst = 0.0
    for row in canvas.rows:
        area = row.modal.area
        if area:
            worst = max(worst, row.modal.common_px(modal) / area)
    return worst


def _guide(params: CopyPasteParams, size: tuple[int, int]) -> NDArray[np.bool_] | None:
    if params.placement != "mask":
        return None
    if params.guide is None:
        what = "`placement: mask` needs a `guide`"
        raise DataError(
            Fault("augment copy_paste", what, "name a grey picture, white where feet stand")
        )
    from PIL import Image

    with Image.open(params.guide.location) as picture:
        grey = picture.convert("L").resize(size)
    return np.asarray(grey) > 127
