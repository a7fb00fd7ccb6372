"""Categories of several sets brought together by name."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from simgen.detect.coco import LabelledImage, LabelledSet
from simgen.errors import Fault, SceneFileError


def relabel(
    labelled: LabelledSet,
    names: Sequence[str],
    mapping: Mapping[str, str | None],
    where: str,
    option: str = "mapping:",
) -> tuple[LabelledImage, ...]:
    """The images of a set with labels that index `names`; what is mapped to None is left out.

    Args:
        labelled: a set with its own categories.
        names: categories of the detector.
        mapping: the set's names -> the detector's names.
        where: of the set, for messages.
        option: how the user writes a mapping, for messages.

    Raises:
        SceneFileError: a category has no counterpart; a mapping that fits is offered.
    """
    table = _table(labelled.names, names, mapping, where, option)
    return tuple(_relabelled(image, table) for image in labelled.images)


def counterparts(
    labelled: LabelledSet,
    names: Sequence[str],
    mapping: Mapping[str, str | None],
    where: str,
    option: str,
) -> tuple[int | None, ...]:
    """Id in the set of each name of the detector; None for what the set does not know.

    Raises:
        SceneFileError: as `relabel`.
    """
    table = _table(labelled.names, names, mapping, where, option)
    ids: list[int | None] = [None] * len(names)
    for identity, label in zip(labelled.categories, table.tolist(), strict=True):
        if label >= 0:
            ids[label] = identity
    return tuple(ids)


def _relabelled(image: LabelledImage, table: NDArray[np.int64]) -> LabelledImage:
    labels = table[image.labels]
    kept = labels >= 0
    return dataclasses.replace(
        image, boxes=image.boxes[kept], labels=labels[kept], ignored=image.ignored[kept]
    )


def _table(
    own: Sequence[str],
    names: Sequence[str],
    mapping: Mapping[str, str | None],
    where: str,
    option: str,
) -> NDArray[np.int64]:
    """int64[len(own)]: position in `names`, or -1 for what is left out."""
    faults = [
        Fault(where, f"{option} {name!r} is no category of this set", f"known: {', '.join(own)}")
        for name in mapping
        if name not in own
    ]
    position = {name: i for i, name in enumerate(names)}
    table, unknown = [], []
    for name in own:
        target = mapping.get(name, name)
        if target is not None and target not in position:
            unknown.append(name)
        table.append(position.get(target, -1) if target is not None else -1)
    if unknown:
        what = f"categories without a counterpart: {', '.join(unknown)}"
        cure = f"the detector knows {', '.join(names)}; write `{_offer(unknown, names, option)}`"
        faults.append(Fault(where, what, cure))
    if faults:
        raise SceneFileError(faults)
    return np.array(table, np.int64)


def _offer(unknown: Sequence[str], names: Sequence[str], option: str) -> str:
    """A mapping to copy: the nearest name, and nothing where no name is near."""
    folded = {name.casefold(): name for name in names}
    near = {n: difflib.get_close_matches(n.casefold(), folded, n=1) for n in unknown}
    pairs = [(name, folded[close[0]] if close else "") for name, close in near.items()]
    if option == "--map":
        return " ".join(f"--map {name}={offered}" for name, offered in pairs)
    offer = ", ".join(f"{name}: {offered or 'null'}" for name, offered in pairs)
    return f"{option} {{{offer}}}"
