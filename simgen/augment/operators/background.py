"""`background`: the objects of a picture before another photograph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from simgen.augment.canvas import Canvas, smoothly_warped
from simgen.augment.operators.mosaic import filling
from simgen.errors import AssetError, Fault
from simgen.imaging.blending import composited
from simgen.imaging.pasting import relit, soft_edge
from simgen.plugin import Augmenter, NonNegative, Params, Root, Sampled, Stream, Unit, list_files
from simgen.plugin.files import IMAGE_SUFFIXES
from simgen.records.colour import SRGB_TO_LINEAR
from simgen.records.sample import Sample


class BackgroundParams(Params):
    """Which photographs, what stays, how it is made to fit in."""

    path: Root = Field(description="picture, or folder of pictures", examples=["photos/rooms"])
    keep: Literal["labelled", "all", "none"] = Field(
        "labelled",
        description="of `all` things without label stay, too; `none` leaves a photograph "
        "to compose on",
    )
    feather_px: Sampled[NonNegative] = Field(1.5, description="how softly edges fade, pixels")
    relight: Sampled[Unit] = Field(
        0.4, description="how far objects take on the light of the photograph"
    )
    boxes_as_masks: bool = Field(
        False, description="let boxes of labels without masks stand for masks, borders included"
    )


class Background(Augmenter):
    """Objects before other photographs; with `keep: none` a canvas for cut-and-paste.

    Cut-and-paste (Dwibedi et al. 2017) is `background` with `keep: none`, then `copy_paste`. The
    background has no depth.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = BackgroundParams

    def needs(self, params: BackgroundParams) -> int:
        """One picture."""
        return 1

    def augment(self, samples: Sequence[Sample], params: BackgroundParams, rng: Stream) -> Sample:
        """The sample with another background.

        Raises:
            DataError: a label without mask, and nobody said that its box is to stand for one.
            AssetError: there are no photographs.
        """
        canvas = Canvas(samples[0], params.boxes_as_masks)
        drawn = rng.draw(params)
        names = list_files(params.path, IMAGE_SUFFIXES)
        name = rng.child("photo").choice(names)
        photo = _photo(params.path, name)
        matrix = filling((photo.shape[1], photo.shape[0]), canvas.size, rng.child("fit"))
        behind = smoothly_warped(photo, matrix, canvas.size)
        kept = _kept(canvas, params)
        if kept.any():
            light, here = (
                np.asarray(SRGB_TO_LINEAR[one].mean(axis=(0, 1)), np.float64)
                for one in (canvas.rgb, behind)
            )
            above = relit(canvas.rgb, light, here, float(drawn.relight))
            canvas.rgb = composited(behind, above, soft_edge(kept, float(drawn.feather_px)))
        else:
            canvas.rgb = behind.copy()
        _clear(canvas, kept, params)
        operator = {"name": "background", "photo": name or params.path.location.name}
        return canvas.finished(operator, captions=())


def _photo(root: Root, name: str) -> NDArray[np.uint8]:
    from PIL import Image, ImageOps

    path = root.location / name if name else root.location
    try:
        with Image.open(path) as picture:
            return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    except (OSError, Image.DecompressionBombError) as error:
        what = f"the picture cannot be read: {error}"
        raise AssetError(Fault(str(path), what, "replace it or take it out")) from None


def _kept(canvas: Canvas, params: BackgroundParams) -> NDArray[np.bool_]:
    """Pixels that stay, bool[H, W]."""
    out = np.zeros(canvas.rgb.shape[:2], bool)
    if params.keep == "none":
        return out
    for row in canvas.rows:
        canvas.masked(row)
        out[row.modal.at()] |= row.modal.patch
    if params.keep == "all" and canvas.instances is not None:
        out |= canvas.instances > 0
    return out


def _clear(canvas: Canvas, kept: NDArray[np.bool_], params: BackgroundParams) -> None:
    """Take labels, ids and depth away where the photograph is now."""
    if canvas.depth_m is not None:
        canvas.depth_m[~kept] = 0
    if canvas.instances is not None:
        canvas.instances[~kept] = 0
    if params.keep == "none":
        canvas.rows = []
    if params.keep != "all":
        canvas.unlabelled = []
    canvas.moved = canvas.moved or params.keep == "none"
