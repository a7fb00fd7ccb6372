"""`mosaic`: several pictures side by side in one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from simgen.augment.canvas import Canvas
from simgen.augment.region import Matrix, Rect, Region, moved
from simgen.plugin import Augmenter, Integer, Number, Params, Sampled, Stream, Unit
from simgen.records.sample import Sample
from simgen.spec.distributions import drawn_from

Cells = Annotated[Integer, Field(ge=1, le=8)]


class MosaicParams(Params):
    """How many pictures, where the lines between them are, how much of each is to be seen."""

    rows: Cells = Field(2, description="pictures above one another")
    columns: Cells = Field(2, description="pictures side by side")
    line: Sampled[Unit] = Field(
        drawn_from("uniform", 0.1, 0.9),
        description="where a line between two pictures is, drawn for each, as a share of the way "
        "between its neighbours",
    )
    zoom: Sampled[Annotated[Number, Field(ge=1, le=8)]] = Field(
        drawn_from("loguniform", 1.0, 2.5),
        description="how much larger a picture is than needed to fill its cell, drawn for each",
    )
    min_visibility: Unit = Field(
        0.3, description="labels of which a cut leaves a smaller share are dropped"
    )
    min_pixels: Annotated[Integer, Field(ge=1)] = Field(16, description="as `min_visibility`")


class Mosaic(Augmenter):
    """Pictures in a grid with random lines, each enlarged and cut (YOLOv4); labels are cut, too.

    What a cut leaves too little of loses its label. Captions are joined.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = MosaicParams

    def needs(self, params: MosaicParams) -> int:
        """One picture a cell."""
        return params.rows * params.columns

    def augment(self, samples: Sequence[Sample], params: MosaicParams, rng: Stream) -> Sample:
        """A picture of the first sample's size; cells are filled row by row."""
        size = samples[0].size
        cells = _cells(params, size, rng.child("lines"))
        canvas: Canvas | None = None
        for number, (sample, cell) in enumerate(zip(samples, cells, strict=True)):
            own = rng.child(f"cell{number}")
            tile = Canvas(sample)
            tile.warp(_window(sample.size, cell, params.zoom, own), size, cell)
            if canvas is None:
                canvas = tile
                continue
            whole = Region(cell[0], cell[1], np.ones((cell[3], cell[2]), bool))
            canvas.join(tile, whole)
        assert canvas is not None
        operator = {"name": "mosaic", "frames": [sample.frame for sample in samples]}
        return canvas.finished(
            operator,
            min_visibility=params.min_visibility,
            min_pixels=params.min_pixels,
            others=samples[1:],
        )


def _cells(params: MosaicParams, size: tuple[int, int], rng: Stream) -> list[Rect]:
    """Rectangles that fill the picture, row by row."""
    xs = _lines(params, params.columns, size[0], rng.child("x"))
    ys = _lines(params, params.rows, size[1], rng.child("y"))
    return [(x0, y0, x1 - x0, y1 - y0) for y0, y1 in pairwise(ys) for x0, x1 in pairwise(xs)]


def _lines(params: MosaicParams, count: int, length: int, rng: Stream) -> list[int]:
    """Ends and lines between; each line lies between the middles of even cells beside it."""
    out = [0]
    for number in range(1, count):
        share = float(rng.child(str(number)).draw(params.line))
        line = round((number - 0.5 + share) * length / count)
        out.append(max(line, number))  # a cell is a pixel wide at least
    return [*out, length]


def _window(size: tuple[int, int], cell: Rect, zoom: Any, rng: Stream) -> Matrix:
    """A picture enlarged so that it fills a cell, at a random place of it."""
    x, y, width, height = cell
    factor = float(rng.child("zoom").draw(zoom))
    scale = max(width / size[0], height / size[1]) * factor
    spare = (size[0] * scale - width, size[1] * scale - height)
    left, top = rng.child("x").uniform(0, spare[0]), rng.child("y").uniform(0, spare[1])
    return np.asarray(moved(x - left, y - top) @ np.diag([scale, scale, 1.0]), np.float64)


def filling(size: tuple[int, int], target: tuple[int, int], rng: Stream) -> Matrix:
    """A picture enlarged or reduced so that it just fills another size, at a random place."""
    return _window(size, (0, 0, *target), 1.0, rng)
