"""What a scene file asks for: every distribution in it, by the names under which it is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from simgen.plugin.cells import cells_of, drawable, probabilities
from simgen.plugin.scene import Collection, Scene
from simgen.spec.distributions import Distribution
from simgen.spec.material import MaterialByAttribute


@dataclass(frozen=True)
class Setting:
    """A setting with a distribution.

    Args:
        section: `objects.KEY`, `randomizers.KEY`, `scene` or `camera`.
        name: dotted, as a person finds it in the file, branches of choices included.
        stream: dotted, as its random stream is called below the section.
        distribution: what is asked for; None for shares.
        shares: probabilities by value, where values are known by what they are: counts,
            attributes, variants. Elsewhere a choice is known by the number of its item.
        items: of a choice: what each of its numbers means.
        condition: attribute and value that the object must have.
    """

    section: str
    name: str
    stream: str
    distribution: Distribution | None = None
    shares: Mapping[str, float] | None = None
    items: tuple[str, ...] = ()
    condition: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The distribution in short."""
        if self.distribution is not None:
            text = self.distribution.text
            return text if len(text) <= 90 else text[:87] + "..."
        return f"one of {len(self.shares or {})}"


@dataclass
class Wanted:
    """All settings with distributions, to be looked up by stream names."""

    settings: list[Setting] = field(default_factory=list)
    _by_stream: dict[tuple[str, str], list[Setting]] = field(default_factory=dict)

    def add(self, setting: Setting) -> None:
        """One more."""
        self.settings.append(setting)
        self._by_stream.setdefault((setting.section, setting.stream), []).append(setting)

    def find(
        self, section: str, stream: str, attributes: Mapping[str, str] | None = None
    ) -> Setting | None:
        """The setting behind a stream's name; what a plugin put in front is stepped over.

        Args:
            attributes: of the object, for materials by attribute.
        """
        parts, held = stream.split("."), attributes or {}
        for start in range(len(parts)):
            for setting in self._by_stream.get((section, ".".join(parts[start:])), ()):
                if all(held.get(name) == value for name, value in setting.condition):
                    return setting
        return None


def wanted(scene: Scene) -> Wanted:
    """Everything that a scene file leaves to chance."""
    out = Wanted()
    for collection in scene.collections:
        _add_collection(out, collection)
    for name, value in _fields(scene.layout_params):
        _add(out, "scene", name, f"params.{name}", value)
    for step in scene.steps:
        for name, value in _fields(step.params):
            _add(out, f"randomizers.{step.key}", name, name, value)
    for name, value in _fields(scene.file.camera):
        _add(out, "camera", name, name, value)
    return out


def _add_collection(out: Wanted, collection: Collection) -> None:
    section, own = f"objects.{collection.key}", collection.section
    _add_known(out, section, "count", own.count)
    _add_known(out, section, "repeat", own.repeat)
    variants, decided = _by_odds(collection)
    if len(variants) > 1:
        out.add(Setting(section, "variant", "variant", shares=variants))
    for attribute, value in own.attributes.items():
        _add_known(out, section, f"attributes.{attribute}", value, decided.get(attribute))
    for name, value in _fields(collection.params):
        _add(out, section, name, f"params.{name}", value)
    for name in ("scale", "material", "materials"):
        _add(out, section, name, name, getattr(own, name))


def _by_odds(collection: Collection) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Probabilities of the variants, and of the values of attributes that odds decide."""
    odds = collection.section.odds
    cells = cells_of(collection, drawable(collection))
    weights = [cell.probability * odds.get(cell.key, 1.0) for cell in cells]
    variants: dict[str, float] = {}
    decided: dict[str, dict[str, float]] = {}
    for cell, weight in zip(cells, weights, strict=True):
        share = weight / sum(weights)
        variants[cell.variant.name] = variants.get(cell.variant.name, 0.0) + share
        for attribute, value in cell.attributes.items():
            shares = decided.setdefault(attribute, {})
            shares[value] = shares.get(value, 0.0) + share
    return variants, decided


def _add_known(
    out: Wanted, section: str, name: str, value: Any, shares: Mapping[str, float] | None = None
) -> None:
    """A setting whose values are known by what they are, not by which item of a choice."""
    if not isinstance(value, Distribution):
        return
    try:
        shares = shares or probabilities(value)
    except ValueError:  # an attribute that is a number nobody can list
        return
    out.add(Setting(section, name, name, value, shares))


def _add(out: Wanted, section: str, name: str, stream: str, value: Any) -> None:
    for setting in _walk(section, name, stream, value, ()):
        out.add(setting)


def _walk(
    section: str, name: str, stream: str, value: Any, condition: tuple[tuple[str, str], ...]
) -> Iterator[Setting]:
    """Every distribution in a value, outer ones first."""
    if isinstance(value, Distribution):
        nested = value.kind in ("choice", "weighted", "constant")
        items = (value.args[0] if value.kind == "weighted" else value.args) if nested else ()
        texts = tuple(_short(item) for item in items)
        yield Setting(section, name, stream, value, None, texts, condition)
        for index, item in enumerate(items):
            below = f"{stream}.{value.kind}.{index}"
            yield from _walk(section, f"{name} = {texts[index]}", below, item, condition)
    elif isinstance(value, MaterialByAttribute):
        for held, material in value.of.items():
            named = f"{name}[{value.by}={held}]"
            more = (*condition, (value.by, held))
            yield from _walk(section, named, stream, material, more)
    elif isinstance(value, (BaseModel, dict, list, tuple)):
        for key, inner in _fields(value):
            yield from _walk(section, f"{name}.{key}", f"{stream}.{key}", inner, condition)


def _fields(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, BaseModel):
        return [(name, getattr(value, name)) for name in type(value).model_fields]
    if isinstance(value, dict):
        return [(str(key), inner) for key, inner in value.items()]
    return [(str(i), inner) for i, inner in enumerate(value)]


def _short(item: Any) -> str:
    """What tells an item of a choice from its neighbours, in a few words."""
    if isinstance(item, Distribution):
        text = item.text
    elif isinstance(item, BaseModel):
        written = {n: getattr(item, n) for n in sorted(item.model_fields_set)}
        text = ", ".join(f"{n}: {_short(v)}" for n, v in written.items()) or "defaults"
    elif isinstance(item, (list, tuple)):
        text = "[" + ", ".join(_short(v) for v in item) + "]"
    elif isinstance(item, float):
        text = f"{item:.3g}"
    else:
        text = str(item)
    return text if len(text) <= 48 else text[:45] + "..."
