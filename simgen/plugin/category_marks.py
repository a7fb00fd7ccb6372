"""Which keypoints and bones a category has: those of every asset that can become one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from simgen.plugin.scene import Category
from simgen.records.marks import Marks


def merged(marks: Iterable[Marks]) -> Marks:
    """Names of several assets together, each once, in order of appearance."""
    points: dict[str, None] = {}
    bones: dict[tuple[str, str], None] = {}
    for one in marks:
        points |= dict.fromkeys(one.keypoints)
        bones |= dict.fromkeys(b for b in one.skeleton if (b[1], b[0]) not in bones)
    return Marks(tuple(points), tuple(bones))


def with_marks(category: Category, marks: Marks) -> Category:
    """The category with these keypoints; one that brings its own (a real set's) keeps them."""
    if category.keypoints is not None or not marks.keypoints:
        return category
    number = {name: i for i, name in enumerate(marks.keypoints, start=1)}
    bones = tuple((number[a], number[b]) for a, b in marks.skeleton)
    return replace(category, keypoints=marks.keypoints, skeleton=bones)
