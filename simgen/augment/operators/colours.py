"""`colours`: brightness, contrast, saturation, hue and the like; labels stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from simgen.plugin import Augmenter, NonNegative, Number, Params, Sampled, Stream, Unit
from simgen.records.provenance import Step
from simgen.records.sample import ARRAYS, Sample
from simgen.spec.distributions import drawn_from

Factor = Annotated[Number, Field(ge=0, le=8)]


class ColoursParams(Params):
    """Factors and chances; 1 (of factors) and 0 (of the others) change nothing."""

    brightness: Sampled[Factor] = Field(drawn_from("uniform", 0.75, 1.3), description="factor")
    contrast: Sampled[Factor] = Field(drawn_from("uniform", 0.75, 1.3), description="factor")
    saturation: Sampled[Factor] = Field(drawn_from("uniform", 0.6, 1.4), description="factor")
    sharpness: Sampled[Factor] = Field(1.0, description="factor; below 1 is softer")
    hue_deg: Sampled[Annotated[Number, Field(ge=-180, le=180)]] = Field(
        drawn_from("uniform", -8.0, 8.0), description="turn of the hue, deg"
    )
    blur_px: Sampled[NonNegative] = Field(0.0, description="standard deviation, pixels")
    grey: Unit = Field(0.0, description="chance of no colour at all")
    equalize: Unit = Field(0.0, description="chance of an even histogram")
    autocontrast: Unit = Field(0.0, description="chance of the full range of values")
    solarize: Unit = Field(0.0, description="chance that bright values are turned round")
    posterize: Unit = Field(0.0, description="chance of four bits a channel")


class Colours(Augmenter):
    """Photometric changes, each by Pillow: factors, hue, blur, greys and such."""

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = ColoursParams

    def needs(self, params: ColoursParams) -> int:
        """One picture."""
        return 1

    def keeps(self, params: ColoursParams) -> frozenset[str]:
        """Everything."""
        return frozenset(ARRAYS) | {"points", "passes"}

    def augment(self, samples: Sequence[Sample], params: ColoursParams, rng: Stream) -> Sample:
        """The sample with other colours."""
        from PIL import Image, ImageEnhance, ImageFilter, ImageOps

        (sample,) = samples
        drawn = rng.draw(params)
        picture = Image.fromarray(np.asarray(sample.rgb))
        factors: dict[str, Any] = {
            "brightness": ImageEnhance.Brightness,
            "contrast": ImageEnhance.Contrast,
            "saturation": ImageEnhance.Color,
            "sharpness": ImageEnhance.Sharpness,
        }
        done: dict[str, Any] = {}
        for name, enhance in factors.items():
            factor = float(getattr(drawn, name))
            if factor != 1:
                better = enhance(picture)
                picture, done[name] = better.enhance(factor), round(factor, 4)
        if round(256 * float(drawn.hue_deg) / 360):
            picture, done["hue_deg"] = _turned(picture, drawn.hue_deg), round(drawn.hue_deg, 2)
        if float(drawn.blur_px) > 0:
            picture = picture.filter(ImageFilter.GaussianBlur(float(drawn.blur_px)))
            done["blur_px"] = round(float(drawn.blur_px), 3)
        chances: dict[str, Any] = {
            "grey": lambda p: ImageOps.grayscale(p).convert("RGB"),
            "equalize": ImageOps.equalize,
            "autocontrast": ImageOps.autocontrast,
            "solarize": ImageOps.solarize,
            "posterize": lambda p: ImageOps.posterize(p, 4),
        }
        for name, change in chances.items():
            if rng.child(name).random() < getattr(params, name):
                picture, done[name] = change(picture), True
        step = Step("augment", operators=({"name": "colours", **done},))
        return sample.with_step(step, rgb=np.array(picture) if done else sample.rgb)


def _turned(picture: Any, hue_deg: float) -> Any:
    """The hue turned: Pillow's HSV has 256 steps around."""
    from PIL import Image

    hue, saturation, value = picture.convert("HSV").split()
    turned = (np.asarray(hue, np.int16) + round(256 * hue_deg / 360)) % 256
    fresh = Image.fromarray(turned.astype(np.uint8))
    return Image.merge("HSV", (fresh, saturation, value)).convert("RGB")
