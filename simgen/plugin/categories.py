"""Category lists: declared, copied from a COCO file, or enumerated from the scene file alone."""

from __future__ import annotations

import itertools
import json
import string
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from simgen.errors import Fault, SceneFileError, SimgenError
from simgen.plugin.category_marks import merged, with_marks
from simgen.plugin.scene import Category, Collection
from simgen.records.marks import Marks
from simgen.spec.distributions import Distribution, values_of
from simgen.spec.document import Document
from simgen.spec.faults import place, suggest
from simgen.spec.scene_file import CategoriesFrom, CategoryRule, ObjectSection, SceneFile


def category_rule(section: ObjectSection) -> CategoryRule | None:
    """The rule of a collection; None for distractors."""
    if section.category is None or isinstance(section.category, CategoryRule):
        return section.category
    return CategoryRule(template=section.category)


def category_of(rule: CategoryRule | None, facts: Mapping[str, str]) -> str | None:
    """Category name of an object with these attributes and states, or None for no label."""
    if rule is None:
        return None
    for name, wanted in rule.when.items():
        allowed = [wanted] if isinstance(wanted, str) else wanted
        if facts.get(name) not in allowed:
            return None
    try:
        text = rule.template.format_map(facts)
    except KeyError:  # a state that this pose does not show: a die on its edge has no `top`
        return None
    if rule.map is None:
        return text
    # YAML reads `9:` as a number; a person means the text.
    return {str(key): value for key, value in rule.map.items()}.get(text)


def resolve_categories(
    file: SceneFile, collections: tuple[Collection, ...], document: Document
) -> tuple[Category, ...]:
    """The scene's category list.

    Raises:
        SceneFileError: a collection can make a category that is not in the declared list, a
            template names something unknown, or nothing can be enumerated.
    """
    faults: list[Fault] = []
    made: dict[str, str] = {}
    marks: dict[str, list[Marks]] = {}
    for collection in collections:
        where = place(document, ("objects", collection.key, "category"))
        try:
            for name, variants in enumerate_categories(collection, where).items():
                made.setdefault(name, where)
                if file.labels.keypoints:
                    marks.setdefault(name, []).extend(_marks(collection, variants))
        except SimgenError as error:
            faults += error.faults
    declared = _declared(file, document, faults)
    if faults:
        raise SceneFileError(faults)
    if declared is None:
        declared = tuple(Category(i + 1, name) for i, name in enumerate(made))
    names = {category.name for category in declared}
    for name, where in made.items():
        if name not in names:
            hint = suggest(name, names, "categories")
            stop = "" if hint.endswith("?") else "."
            cure = f"{hint}{stop} Or add it to `categories:`."
            faults.append(Fault(where, f"unknown category {name!r}", cure))
    if faults:
        raise SceneFileError(faults)
    return tuple(with_marks(c, merged(marks.get(c.name, ()))) for c in declared)


def _marks(collection: Collection, variants: list[str]) -> Iterator[Marks]:
    return (collection.source.marks(collection.params, variant) for variant in variants)


def enumerate_categories(collection: Collection, where: str) -> dict[str, list[str]]:
    """Every category that a collection can make, in order of appearance, and the variants.

    Raises:
        SceneFileError: the template uses a name that does not exist or has no finite values.
    """
    rule = category_rule(collection.section)
    if rule is None:
        return {}
    fields = [name for _, name, _, _ in _parsed(rule.template, where) if name is not None]
    fields += [name for name in rule.when if name not in fields]
    out: dict[str, dict[str, None]] = {}
    for variant, facts in _combinations(collection, fields, where):
        name = category_of(rule, facts)
        if name is not None and not name.strip():
            what = f"the template {rule.template!r} can give an empty category name"
            cure = "map that value to a name, or to null for no label (`map:`)"
            raise SceneFileError(Fault(where, what, cure))
        if name:
            out.setdefault(name, {})[variant] = None
    return {name: list(variants) for name, variants in out.items()}


def _parsed(template: str, where: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise SceneFileError(Fault(where, f"bad template {template!r}: {error}")) from None
    for _, name, spec, conversion in parts:
        if name is not None and (not name.isidentifier() or spec or conversion):
            what = f"bad template {template!r}: expected {{name}} with a plain name"
            raise SceneFileError(Fault(where, what))
    return parts


def _combinations(
    collection: Collection, fields: list[str], where: str
) -> list[tuple[str, dict[str, str]]]:
    """Facts of every variant times every value of the drawn attributes and states in use."""
    drawn: dict[str, tuple[str, ...]] = dict(collection.source.state_values(collection.params))
    for name, raw in collection.section.attributes.items():
        value: Any = raw
        values = values_of(value) if isinstance(value, Distribution) else (value,)
        if values is None and name in fields:
            what = f"attribute {name!r} has no finite list of values: {value}"
            raise SceneFileError(Fault(where, what, "use choice or weighted"))
        drawn[name] = tuple(str(v) for v in values or ())
    used = {name: values for name, values in drawn.items() if name in fields}
    out = []
    for variant in collection.source.variants(collection.params):
        fixed = {"key": collection.key, "name": variant.name, **variant.attributes}
        unknown = [name for name in fields if name not in fixed and name not in used]
        if unknown:
            cure = suggest(unknown[0], [*fixed, *drawn], "names")
            raise SceneFileError(Fault(where, f"there is no attribute {unknown[0]!r}", cure))
        out += [
            (variant.name, {**fixed, **dict(zip(used, combination, strict=True))})
            for combination in itertools.product(*used.values())
        ]
    return out


def _declared(
    file: SceneFile, document: Document, faults: list[Fault]
) -> tuple[Category, ...] | None:
    where = place(document, ("categories",))
    if file.categories is None:
        return None
    if isinstance(file.categories, CategoriesFrom):
        return _from_coco(file.categories, where, faults)
    twice = sorted({n for n in file.categories if file.categories.count(n) > 1})
    if twice:
        faults.append(Fault(where, f"written twice: {', '.join(twice)}", "keep one of each"))
    return tuple(Category(i + 1, name) for i, name in enumerate(file.categories))


def _from_coco(source: CategoriesFrom, where: str, faults: list[Fault]) -> tuple[Category, ...]:
    path = source.from_.location
    try:
        rows = json.loads(path.read_bytes())["categories"]
        out = tuple(_coco_category(row) for row in rows)
    except (OSError, ValueError, KeyError, TypeError) as error:
        faults.append(Fault(where, f"cannot read categories of {path}: {error}"))
        return ()
    if not out or len({c.id for c in out}) != len(out) or len({c.name for c in out}) != len(out):
        faults.append(Fault(where, f"{path} has no categories, or some twice"))
    return out


def _coco_category(row: Mapping[str, Any]) -> Category:
    """A row of COCO's categories; its keypoints stay as they are, in their order."""
    category = Category(int(row["id"]), str(row["name"]), str(row.get("supercategory", "")))
    if not row.get("keypoints"):
        return category
    points = tuple(str(name) for name in row["keypoints"])
    bones = tuple((int(a), int(b)) for a, b in row.get("skeleton", ()))
    return replace(category, keypoints=points, skeleton=bones)
