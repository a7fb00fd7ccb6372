"""English sentences about a sample: counts, relations, materials; nothing that is not known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from simgen.annotate.wording import color_name, listed, numbered, spoken, with_article
from simgen.plugin.protocols import Stream
from simgen.records.annotations import Annotations
from simgen.records.masks import decode
from simgen.records.sample import Sample

_OPENINGS = ("A photo of {}.", "A picture showing {}.", "There {be} {}.", "{} in view.")
_NOTHING = ("A photo without any of the things looked for.", "An empty scene.")
_SHOWN = 6
_HIDES = 0.05  # share of the hidden object's outline from which on one speaks of hiding


def counted(sample: Sample, rng: Stream) -> list[str]:
    """What there is and how many of each, and on what it stands, in two wordings."""
    labels = sample.annotations
    names = [labels.category[i] for i in range(len(labels)) if not labels.is_ignored(i)]
    if not names:
        return rng.shuffled(_NOTHING)[:1]
    counts = sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))
    parts = [numbered(count, spoken(name)) for name, count in counts[:_SHOWN]]
    if len(counts) > _SHOWN:
        parts.append("other things")
    whole = listed(parts) + _support(sample)
    be = "is" if counts[0][1] == 1 else "are"
    out = []
    for template in rng.shuffled(_OPENINGS)[:2]:
        text = template.format(whole, be=be)
        out.append(text[0].upper() + text[1:])
    return out


def _support(sample: Sample) -> str:
    """` on a table`, if there is one support and it has a plain name."""
    things = sample.scene.objects if sample.scene else ()
    names = {spoken(t.collection.rpartition(".")[2]) for t in things if t.role == "support"}
    names -= {"floor", "ground"}
    return f" on {with_article(names.pop())}" if len(names) == 1 else ""


def relation_sentences(sample: Sample) -> list[str]:
    """What hides what, and what is left of what, between things that have a name of their own."""
    labels = sample.annotations
    names = _references(labels)
    pairs = [(i, j) for i in names for j in names if i != j]
    hiding = [(i, j) for i, j in pairs if _hides(labels, i, j)]
    out = [f"{_start(names[i])} partly hides {names[j]}." for i, j in hiding]
    for i, j in pairs:
        x, _, w, _ = labels.box_xywh_px[i]
        if x + w <= labels.box_xywh_px[j][0]:
            out.append(f"{_start(names[i])} is to the left of {names[j]}.")
            out.append(f"{_start(names[j])} is to the right of {names[i]}.")
    return out


def _hides(labels: Annotations, front: int, back: int) -> bool:
    """Whether pixels of one lie where the other would be seen."""
    mask, amodal, own = labels.mask[front], labels.amodal_mask[back], labels.mask[back]
    if mask is None or amodal is None or own is None:
        return False
    whole = decode(amodal)
    hidden = decode(mask) & whole & ~decode(own)
    return bool(hidden.sum() > _HIDES * whole.sum())


def material_sentences(sample: Sample) -> list[str]:
    """Colour and substance of things whose material is one and has no texture."""
    labels = sample.annotations
    return [
        f"{_start(name)} is {words}."
        for i, name in _references(labels, colors=False).items()
        if (words := " and ".join(_material_words(labels, i)))
    ]


def _references(labels: Annotations, colors: bool = True) -> dict[int, str]:
    """Words that fit one thing alone, by row: its category, or colour and category."""
    rows = [i for i in range(len(labels)) if not labels.is_ignored(i)]
    plain = {i: spoken(labels.category[i]) for i in rows}
    found = {}
    for i, name in plain.items():
        if list(plain.values()).count(name) == 1:
            found[i] = f"the {name}"
    if colors:
        colored = {i: f"{_color(labels, i)} {name}" for i, name in plain.items()}
        for i, name in colored.items():
            if i not in found and _color(labels, i) and list(colored.values()).count(name) == 1:
                found[i] = f"the {name}"
    return dict(sorted(found.items()))


def _material_words(labels: Annotations, row: int) -> Iterator[str]:
    material = _material(labels, row)
    if material is None:
        return
    if material["transmission"] > 0.5:
        yield "made of clear glass" if _color(labels, row) in ("", "white") else "made of glass"
    elif _color(labels, row):
        yield _color(labels, row)
    if material["metallic"] > 0.5:
        yield "made of metal"
    elif material["roughness"] < 0.15 and material["transmission"] <= 0.5:
        yield "glossy"


def _color(labels: Annotations, row: int) -> str:
    material = _material(labels, row)
    if material is None or material["texture"] is not None:
        return ""
    return color_name(material["base_color"])


def _material(labels: Annotations, row: int) -> dict[str, Any] | None:
    """The one material of a thing as its facts have it; None: several, or not known."""
    materials = list((labels.facts[row].get("materials") or {}).values())
    same = bool(materials) and all(m == materials[0] for m in materials)
    found: dict[str, Any] | None = materials[0] if same else None
    return found


def _start(text: str) -> str:
    return text[0].upper() + text[1:]
