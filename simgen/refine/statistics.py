"""`statistics`: colours and spectra of real photographs for rendered pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from simgen.imaging import transfer
from simgen.plugin import Integer, Number, Params, Refiner, Root, Sampled, Stream, Unit
from simgen.records.sample import Sample
from simgen.refine.photos import Photos
from simgen.refine.workplace import OneByOne, Workplace

Rgb = NDArray[np.uint8]
Method = Literal["fourier", "histogram", "reinhard"]


class StatisticsParams(Params):
    """Settings; `method`, `band` and `strength` are drawn anew for every picture."""

    path: Root = Field(
        description="folder of photographs, or COCO file of them", examples=["photos/train.json"]
    )
    method: Sampled[Method] = Field(
        "reinhard",
        description="`fourier` swaps low frequencies (Yang and Soatto 2020), `histogram` matches "
        "value distributions, `reinhard` mean and spread of L*a*b* (2001)",
    )
    reference: Literal["random", "nearest"] = Field(
        "random", description="which photograph: any, or one of those most alike in layout"
    )
    nearest: Annotated[Integer, Field(ge=1, le=1000)] = Field(
        5, description="how many of the most alike are drawn from"
    )
    band: Sampled[Annotated[Number, Field(ge=0, le=0.5)]] = Field(
        0.01, description="of `fourier`: half-width of the swapped square, as part of the side"
    )
    strength: Sampled[Unit] = Field(
        1.0, description="part of the way: 0 is the picture itself, 1 the result"
    )


class Statistics(Refiner):
    """Colours or low frequencies of a real photograph (FDA, histogram matching, Reinhard)."""

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = StatisticsParams

    def open(self, params: StatisticsParams, data: Workplace) -> OneByOne:
        """List the photographs.

        Raises:
            DataError: there is none.
        """
        photos = Photos(params.path.location)

        def change(sample: Sample, rng: Stream, strength: float) -> tuple[Rgb, dict[str, Any]]:
            drawn = rng.draw(params)
            if drawn.reference == "nearest":
                number = rng.child("photo").choice(photos.nearest(sample.rgb, drawn.nearest))
            else:
                number = rng.child("photo").integer(0, len(photos) - 1)
            done = _METHODS[drawn.method](sample.rgb, photos.read(number), drawn.band)
            rgb = transfer.mixed(sample.rgb, done, drawn.strength * strength)
            return rgb, {"method": drawn.method, "photo": photos.files[number].name}

        return OneByOne("statistics", change)


_METHODS: dict[str, Callable[[Rgb, Rgb, float], Rgb]] = {
    "fourier": transfer.fourier,
    "histogram": lambda rgb, like, band: transfer.histogram(rgb, like),
    "reinhard": lambda rgb, like, band: transfer.reinhard(rgb, like),
}
