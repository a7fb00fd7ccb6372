"""Captions say what is so, and nothing that is not known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simgen.annotate.annotators.captions import Captions, CaptionsParams
from simgen.annotate.sentences import counted, material_sentences, relation_sentences
from simgen.annotate.wording import color_name, listed, numbered, plural, spoken
from simgen.records.annotations import from_rows
from simgen.records.masks import encode
from simgen.records.material import Material
from simgen.records.sample import Sample
from simgen.records.serial import to_plain
from simgen.sampling.streams import KeyedStream

RNG = KeyedStream(0, "frame", 0, "captions")


def made(*rows: dict[str, Any]) -> Sample:
    return Sample(np.zeros((40, 60, 3), np.uint8), from_rows(rows))


def thing(name: str, x: int, w: int = 10, **row: Any) -> dict[str, Any]:
    mask = np.zeros((40, 60), bool)
    mask[5:30, x : x + w] = True
    usual = {"category": name, "box_xywh_px": (x, 5, w, 25), "mask": encode(mask)}
    return usual | {"amodal_mask": encode(mask)} | row


def look(**material: Any) -> dict[str, Any]:
    return {"facts": {"materials": {"body": to_plain(Material(**material))}}}


def test_counts_are_those_of_the_labels() -> None:
    sample = made(
        thing("mug", 0), thing("mug", 12), thing("apple", 30), thing("can", 45, ignore=True)
    )
    texts = counted(sample, RNG)
    assert len(texts) == 2
    assert all("two mugs and an apple" in text.lower() for text in texts)
    assert not any("can" in text for text in texts)
    assert counted(made(), RNG)[0] in {
        "A photo without any of the things looked for.", "An empty scene."
    }  # fmt: skip


def test_relations_hold_and_name_things_that_are_alone() -> None:
    sample = made(thing("mug", 0), thing("can", 40), thing("die", 15), thing("die", 28))
    texts = relation_sentences(sample)
    assert "The mug is to the left of the can." in texts
    assert "The can is to the right of the mug." in texts
    assert not any("die" in text for text in texts)
    overlapping = made(thing("mug", 0, 20), thing("can", 15, 20))
    assert relation_sentences(overlapping) == []


def test_hiding_is_read_off_the_masks() -> None:
    front, back = thing("mug", 10, 20), thing("can", 20, 20)
    shown = np.zeros((40, 60), bool)
    shown[5:30, 30:40] = True
    back |= {"mask": encode(shown), "box_xywh_px": (30, 5, 10, 25)}
    assert "The mug partly hides the can." in relation_sentences(made(front, back))
    assert not any("can partly hides" in text for text in relation_sentences(made(front, back)))


def test_materials_are_named_where_there_is_one() -> None:
    red = look(base_color=(0.6, 0.01, 0.01), roughness=0.1)
    metal = look(base_color=(0.2, 0.2, 0.2), metallic=1.0)
    glass = look(base_color=(1.0, 1.0, 1.0), transmission=1.0)
    sample = made(
        thing("mug", 0, **red),
        thing("can", 20, **metal),
        thing("jar", 40, **glass),
        thing("box", 50),
    )
    assert sorted(material_sentences(sample)) == [
        "The can is grey and made of metal.",
        "The jar is made of clear glass.",
        "The mug is red and glossy.",
    ]
    two = made(thing("die", 0, **red), thing("die", 20, **metal))
    assert any(text.startswith("The red die is to the left") for text in relation_sentences(two))


def test_captions_take_turns_and_are_the_same_again() -> None:
    sample = made(thing("mug", 0), thing("can", 40))
    plugin, params = Captions(), CaptionsParams(count=3)
    first = plugin.annotate(sample, None, params, RNG.child("a")).captions  # type: ignore[arg-type]
    again = plugin.annotate(sample, None, params, RNG.child("a")).captions  # type: ignore[arg-type]
    assert first == again
    assert len(first) == 3
    assert "a can and a mug" in first[0].lower()
    only = CaptionsParams(count=9, topics=("relations",))
    texts = plugin.annotate(sample, None, only, RNG).captions  # type: ignore[arg-type]
    assert set(texts) == set(relation_sentences(sample))
    assert plugin.annotate(replace(sample), None, params, RNG).columns == {}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("noun", "expected"),
    [("mug", "mugs"), ("box", "boxes"), ("berry", "berries"), ("toy", "toys"), ("dish", "dishes"),
     ("queen of hearts", "queens of hearts"), ("sugar box", "sugar boxes")],
)  # fmt: skip
def test_plurals(noun: str, expected: str) -> None:
    assert plural(noun) == expected


def test_words() -> None:
    assert spoken("queen_of-hearts") == "queen of hearts"
    assert (numbered(1, "apple"), numbered(14, "mug")) == ("an apple", "14 mugs")
    assert [listed(list("abc")[:n]) for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]
    linear = {
        "red": (0.6, 0, 0),
        "blue": (0.02, 0.05, 0.6),
        "white": (0.9, 0.9, 0.9),
        "black": (0, 0, 0),
        "yellow": (0.8, 0.7, 0.02),
        "green": (0.02, 0.3, 0.03),
    }
    assert {name: color_name(rgb) for name, rgb in linear.items()} == {n: n for n in linear}
