"""Made-up brands: names and palettes for printed things."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.painting.sheet import Ink

# Ground, second colour, ink for the name, light: chosen by eye as printers combine them.
PALETTES: tuple[tuple[Ink, Ink, Ink, Ink], ...] = (
    ((196, 24, 36), (120, 8, 20), (255, 250, 240), (244, 206, 92)),
    ((24, 70, 148), (10, 34, 84), (250, 250, 250), (120, 190, 232)),
    ((22, 104, 62), (8, 60, 38), (250, 246, 226), (214, 186, 72)),
    ((238, 232, 214), (40, 58, 92), (160, 32, 40), (255, 252, 242)),
    ((244, 180, 28), (206, 92, 20), (46, 24, 14), (255, 244, 206)),
    ((20, 20, 24), (66, 66, 72), (226, 190, 108), (240, 236, 226)),
    ((236, 236, 238), (30, 126, 178), (24, 44, 78), (206, 228, 240)),
    ((104, 36, 92), (58, 16, 62), (250, 222, 240), (232, 128, 174)),
    ((238, 108, 44), (180, 54, 26), (255, 248, 234), (255, 202, 122)),
    ((168, 206, 72), (74, 130, 44), (28, 58, 24), (244, 250, 214)),
    ((116, 190, 206), (24, 108, 130), (252, 252, 248), (250, 214, 96)),
    ((86, 54, 34), (46, 26, 16), (240, 220, 176), (196, 142, 76)),
    ((212, 150, 160), (136, 50, 72), (86, 18, 44), (252, 236, 232)),
)
_HEADS = "Al Bel Cor Dor El Fjor Gal Hol Is Kal Lum Mar Nor Ol Pel Quin Ros Sol Tam Ur Vel Zan"
_TAILS = "a ana ina ando era etta ia ico ino is oro osa una elle ona iva igo ura"
_GOODS = {
    "drink": "COLA|LEMON SODA|ORANGE|TONIC|GINGER ALE|ICED TEA|SPARKLING|CHERRY|ENERGY|ROOT BEER",
    "food": "TOMATOES|SWEET CORN|BEANS|PEAS|PEACHES|TUNA|SOUP|CHICKPEAS|COCONUT MILK|LENTILS",
    "wine": "MERLOT|RIESLING|PINOT NOIR|TEMPRANILLO|CHARDONNAY|MALBEC|SYRAH|CABERNET",
    "beer": "LAGER|PALE ALE|STOUT|PILSNER|AMBER|WHEAT BEER|PORTER|SAISON",
    "water": "SPRING WATER|STILL|MINERAL WATER|SPARKLING WATER|ALPINE",
    "dairy": "WHOLE MILK|KEFIR|BUTTERMILK|OAT DRINK|CREAM",
    "sauce": "KETCHUP|MUSTARD|HOT SAUCE|BARBECUE|SOY SAUCE|MAPLE SYRUP",
    "cereal": "OAT FLAKES|MUESLI|GRANOLA|CRISP RICE|CORN FLAKES|BRAN LOOPS|MALT RINGS",
    "tea": "GREEN TEA|EARL GREY|PEPPERMINT|ROOIBOS|CHAMOMILE|ASSAM|JASMINE",
    "game": "1000 PIECES|BOARD GAME|CARD GAME|PUZZLE|FAMILY GAME|STRATEGY GAME",
    "spread": "HONEY|STRAWBERRY JAM|PEANUT BUTTER|PICKLES|OLIVES|MARMALADE",
}


@dataclass(frozen=True)
class Brand:
    """What a maker's things have in common.

    Args:
        name: of the maker.
        goods: what is inside.
        ground, second, ink, light: sRGB.
    """

    name: str
    goods: str
    ground: Ink
    second: Ink
    ink: Ink
    light: Ink


def brand(rng: np.random.Generator, goods: str, ground: Ink | None = None) -> Brand:
    """A brand of `goods` (a key of the list); `ground` replaces the palette's first colour."""
    palette = PALETTES[int(rng.integers(len(PALETTES)))]
    name = _one(_HEADS.split(), rng) + _one(_TAILS.split(), rng)
    what = _one(_GOODS[goods].split("|"), rng)
    if ground is None:
        return Brand(name, what, *palette)
    bright = 0.3 * ground[0] + 0.59 * ground[1] + 0.11 * ground[2] > 128
    second: Ink = (ground[0] // 2, ground[1] // 2, ground[2] // 2)
    ink: Ink = (28, 26, 30) if bright else (252, 250, 244)
    return Brand(
        name, what, ground, second, ink, (246, 240, 226) if not bright else (255, 255, 255)
    )


def _one(names: list[str], rng: np.random.Generator) -> str:
    return names[int(rng.integers(len(names)))]
