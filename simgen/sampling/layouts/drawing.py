"""Drawing of a layout from its law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simgen.plugin.stream import Stream
from simgen.sampling.layouts.model import OBJECT, ClassLaw, Floats, LayoutLaw
from simgen.sampling.layouts.spacing import spaced


@dataclass(frozen=True)
class Wish:
    """A wanted object.

    Args:
        category: name.
        size: root of the box's area over root of the image's.
        across, down: centre of the box, share of the image's width and height.
    """

    category: str
    size: float
    across: float
    down: float


def draw_layout(law: LayoutLaw, rng: Stream, aspect: float = 1.0) -> tuple[Wish, ...]:
    """The objects of a picture; same stream, same layout.

    Object N draws from the stream `object.N`, so that pictures with more objects have the
    numbers of pictures with fewer.

    Args:
        aspect: width over height of the picture that it is for; places and sizes are relative,
            spacing is not.
    """
    scores = rng.child("picture")
    ranks = law.copula.uniforms([scores.normal() for _ in law.copula.correlation])
    classes = _classes(law, ranks)
    if not classes:
        return ()
    after = 1 + len(law.classes)
    level, across, down, spread = (
        margin.at(u) for margin, u in zip(law.picture, ranks[after:], strict=True)
    )
    drawn = np.array([_object(law, one, rng.child("object").child(str(number)))
                      for number, one in enumerate(classes)])  # fmt: skip
    means = np.array([(one.log_size, one.across, one.down) for one in classes])
    sizes = np.clip(np.exp(means[:, 0] + level + drawn[:, 0]), *law.sizes)
    places = means[:, 1:] + (across, down) + spread * _standardised(drawn[:, 1:3])
    low, high = np.array([law.across, law.down]).T
    # Lengths in both directions must be alike for spacing: roots of the image's area.
    unit = np.array([math.sqrt(aspect), 1 / math.sqrt(aspect)])
    places = spaced(np.clip(places, low, high) * unit, sizes, drawn[:, 3], low * unit, high * unit)
    places /= unit
    return tuple(
        Wish(one.name, float(size), float(x), float(y))
        for one, size, (x, y) in zip(classes, sizes, places, strict=True)
    )


def _classes(law: LayoutLaw, ranks: list[float]) -> list[ClassLaw]:
    """A class for each object: the total shared out in proportion to the classes' counts."""
    total = law.total.at(ranks[0])
    counts = [one.counts.at(u) for one, u in zip(law.classes, ranks[1:], strict=False)]
    if sum(counts) == 0:
        # No class asked for any: those that are likeliest to have been just below one.
        missed = [u - one.counts.shares[0] for one, u in zip(law.classes, ranks[1:], strict=False)]
        counts[int(np.argmax(missed))] = 1
    exact = [total * count / sum(counts) for count in counts]
    whole = [int(value) for value in exact]
    rest = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    for i in rest[: total - sum(whole)]:
        whole[i] += 1
    return [one for one, number in zip(law.classes, whole, strict=True) for _ in range(number)]


def _object(law: LayoutLaw, one: ClassLaw, rng: Stream) -> list[float]:
    own = one.law or law.law
    ranks = own.copula.uniforms([rng.normal() for _ in OBJECT])
    return [margin.at(u) for margin, u in zip(own.margins, ranks, strict=True)]


def _standardised(places: Floats) -> Floats:
    """About their middle, root mean square distance 1: what `spread` was measured on."""
    if len(places) < 2:
        return np.zeros_like(places)
    about: Floats = places - places.mean(axis=0)
    reach = math.sqrt(float((about**2).sum(axis=1).mean()))
    return about / max(reach, 1e-9)
