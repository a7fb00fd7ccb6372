"""Cells: the kinds of objects that a collection can draw, with their natural probabilities.

A cell is a variant together with the drawn attributes that its category depends on. All objects
of a cell can get the same categories (several where a pose decides, as with the face of a die),
so cells are what `odds` weigh. Cells that share a key have one weight.
"""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simgen.errors import Fault
from simgen.plugin.categories import category_of, category_rule
from simgen.plugin.protocols import Variant
from simgen.plugin.scene import Collection
from simgen.spec.distributions import Distribution
from simgen.spec.document import Document
from simgen.spec.faults import place, suggest
from simgen.spec.quotas import Balance
from simgen.spec.scene_file import CategoryRule


@dataclass(frozen=True)
class Cell:
    """One kind of object.

    Args:
        variant: of the asset source.
        attributes: drawn attributes that the category depends on.
        probability: natural share among the collection's objects.
        categories: that its objects can get, by state; empty: never labelled.
    """

    variant: Variant
    attributes: Mapping[str, str]
    probability: float
    categories: tuple[str, ...]

    @property
    def key(self) -> str:
        """What `odds` calls it: its category where there is one, else its variant's name."""
        return self.categories[0] if len(self.categories) == 1 else self.variant.name


def drawable(collection: Collection, params: Any = None) -> tuple[Variant, ...]:
    """Variants that the collection can draw: those of its source that its `split` holds.

    Args:
        params: the source's parameters, drawn or not; default: the collection's own.
    """
    params = collection.params if params is None else params
    variants, split = tuple(collection.source.variants(params)), collection.section.split
    if split is None:
        return variants
    return tuple(v for v in variants if split.holds(v.key or v.name))


def cells_of(
    collection: Collection, variants: Sequence[Variant], params: Any = None
) -> tuple[Cell, ...]:
    """Every cell of a collection, in a fixed order.

    Args:
        variants: that can be drawn, all equally likely.
        params: the source's parameters, drawn or not; default: the collection's own.
    """
    section, rule = collection.section, category_rule(collection.section)
    params = collection.params if params is None else params
    fields = _fields(rule)
    drawn = {n: probabilities(v) for n, v in section.attributes.items() if n in fields}
    shown = collection.source.state_values(params)
    states = {name: values for name, values in shown.items() if name in fields}
    out = []
    for variant in variants:
        fixed = {"key": collection.key, "name": variant.name, **variant.attributes}
        for chosen in itertools.product(*(p.items() for p in drawn.values())):
            attributes = {n: pair[0] for n, pair in zip(drawn, chosen, strict=True)}
            probability = 1 / len(variants)
            for _, share in chosen:
                probability *= share
            names = _categories(rule, {**fixed, **attributes}, states)
            out.append(Cell(variant, attributes, probability, names))
    return tuple(out)


def probabilities(value: Any) -> dict[str, float]:
    """Probability of each text that an attribute's setting gives.

    Raises:
        ValueError: the setting has no finite list of values.
    """
    if not isinstance(value, Distribution):
        return {str(value): 1.0}
    if value.kind == "randint":
        low, high = value.args
        return {str(n): 1 / (high - low + 1) for n in range(low, high + 1)}
    if value.kind not in ("choice", "weighted", "constant"):
        raise ValueError(f"{value} has no finite list of values")
    items = value.args[0] if value.kind == "weighted" else value.args
    weights = value.args[1] if value.kind == "weighted" else (1.0,) * len(items)
    out: dict[str, float] = {}
    for item, weight in zip(items, weights, strict=True):
        for text, share in probabilities(item).items():
            out[text] = out.get(text, 0.0) + share * weight / sum(weights)
    return out


def quota_faults(
    balance: Balance | None,
    collections: Iterable[Collection],
    categories: Sequence[str],
    document: Document,
) -> list[Fault]:
    """Names in `balance.classes` and `odds` that nothing of the scene has, odds that are all 0."""
    faults = []
    if balance is not None and not isinstance(balance.classes, str):
        at = ("balance", "classes")
        for name in balance.classes:
            if name not in categories:
                hint = suggest(name, categories, "categories")
                what = f"there is no category {name!r}"
                faults.append(Fault(place(document, (*at, name)), what, hint))
        if not faults and set(balance.classes) == set(categories):
            total = sum(balance.classes.values())
            if abs(total - 1) > 1e-6:
                what = f"every category has a share; they add up to {total:g}, not 1"
                faults.append(Fault(place(document, at), what))
    for collection in collections:
        if collection.section.odds:
            faults += _odds_faults(collection, document)
    return faults


def _odds_faults(collection: Collection, document: Document) -> list[Fault]:
    at = ("objects", collection.key, "odds")
    cells = cells_of(collection, drawable(collection))
    keys, odds = {cell.key for cell in cells}, collection.section.odds
    faults = [
        Fault(
            place(document, (*at, name)),
            f"{name!r} is neither a category nor a variant of {collection.key}",
            suggest(name, keys, "names"),
        )
        for name in odds
        if name not in keys
    ]
    if not faults and not any(odds.get(key, 1.0) for key in keys):
        faults.append(Fault(place(document, at), "all odds are 0: nothing can be drawn"))
    return faults


def _fields(rule: CategoryRule | None) -> set[str]:
    if rule is None:
        return set()
    return {name for _, name, _, _ in string.Formatter().parse(rule.template) if name} | {
        *rule.when
    }


def _categories(
    rule: CategoryRule | None, facts: dict[str, str], states: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for values in itertools.product(*states.values()):
        name = category_of(rule, {**facts, **dict(zip(states, values, strict=True))})
        if name:
            found[name] = None
    return tuple(found)
