"""What a plugin's settings are: name, kind, unit, bounds, default, description.

Read off the JSON schema of its `Params`, the one that editors complete scene files from, so that
list, documentation and validation cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from simgen.plugin.schema import schema_of
from simgen.plugin.units import unit_of
from simgen.spec.distributions import Distribution
from simgen.spec.fields import Params, Root

# Settings that many plugins share have a page of their own.
SHARED = {
    "MaterialSetting": "material",
    "TextureSetting": "texture",
    "MaterialByAttribute": "material by attribute",
}
_WORDS = {"number": "number", "integer": "whole number", "boolean": "true or false"}


@dataclass(frozen=True)
class Setting:
    """One setting.

    Args:
        name: dotted where it lies inside another (`sky.turbidity`).
        kind: what to write, in words.
        unit: "" where it has none.
        bounds: in words; "" where there are none.
        default: as one writes it.
        required: whether it has no default.
        sampled: whether it may be a distribution.
        description: what it does.
        numeric: whether it is made of numbers, so that unit and bounds mean something.
    """

    name: str
    kind: str
    unit: str
    bounds: str
    default: str
    sampled: bool
    description: str
    numeric: bool = False
    required: bool = False


def settings_of(model: type[Params]) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    """Settings in the order in which they are declared, and the shared models among them."""
    schema = schema_of(model)
    walk = _Walk(schema.get("$defs", {}))
    found = tuple(walk.settings(schema, model, ""))
    return found, tuple(walk.shared)


def shared_settings() -> dict[str, tuple[Setting, ...]]:
    """Settings of the shared models by their names in `SHARED`."""
    from simgen.spec import material

    return {word: tuple(settings_of(getattr(material, name))[0]) for name, word in SHARED.items()}


class _Walk:
    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self.definitions = definitions
        self.shared: dict[str, None] = {}

    def settings(
        self, schema: Mapping[str, Any], model: type[BaseModel], before: str
    ) -> Iterator[Setting]:
        fields = {info.alias or name: info for name, info in model.model_fields.items()}
        for name, node in schema.get("properties", {}).items():
            info = fields[name]
            dotted = f"{before}{name}"
            forms = _Forms(node, self.definitions)
            for word in forms.shared:
                self.shared.setdefault(word)
            yield Setting(
                dotted,
                forms.kind,
                str(node.get("unit", "")) or (unit_of(name) if forms.numeric else ""),
                forms.bounds,
                _default_text(info),
                forms.sampled,
                node.get("description", ""),
                forms.numeric,
                info.is_required(),
            )
            for title in forms.own:
                inner = _model_called(title, info.annotation)
                if inner is not None and before.count(".") < 3:
                    yield from self.settings(self.definitions[title], inner, f"{dotted}.")


class _Forms:
    """What may be written for a setting, out of its schema."""

    def __init__(self, node: Mapping[str, Any], definitions: Mapping[str, Any]) -> None:
        self.definitions = definitions
        self.sampled = False
        self.numeric = False
        self.shared: list[str] = []
        self.own: list[str] = []
        self._bounds: dict[str, None] = {}
        self.kind = " or ".join(dict.fromkeys(self._kinds(node)))

    @property
    def bounds(self) -> str:
        return ", ".join(self._bounds)

    def _kinds(self, node: Mapping[str, Any]) -> list[str]:
        if "$ref" in node:
            return self._reference(node["$ref"].rpartition("/")[2])
        for key in ("anyOf", "oneOf"):
            if key in node:
                parts = [p for p in node[key] if p.get("type") != "null"]
                if any("#" in str(p.get("pattern")) for p in parts):
                    return ["colour"]
                return [kind for part in parts for kind in self._kinds(part)]
        if "enum" in node or "const" in node:
            values = node.get("enum", [node.get("const")])
            return [" | ".join(str(value) for value in values)]
        return self._plain(node)

    def _reference(self, title: str) -> list[str]:
        if title == "Distribution":
            self.sampled = True
            return []
        if title in SHARED:
            self.shared.append(SHARED[title])
            return [SHARED[title]]
        self.own.append(title)
        return ["settings below"]

    def _plain(self, node: Mapping[str, Any]) -> list[str]:
        kind = node.get("type")
        if kind in ("number", "integer"):
            self.numeric = True
            text = _range_text(node)
            if text:
                self._bounds.setdefault(text)
        if kind == "array":
            return [self._array(node)]
        if kind == "object":
            inner = node.get("additionalProperties")
            kinds = self._kinds(inner) if isinstance(inner, dict) else []
            return [f"map from name to {' or '.join(kinds) or 'anything'}"]
        if kind == "string":
            return ["path" if node.get("format") == "path" else "text"]
        return [_WORDS.get(str(kind), "anything")]

    def _array(self, node: Mapping[str, Any]) -> str:
        if "prefixItems" in node:
            parts = [" or ".join(self._kinds(part)) for part in node["prefixItems"]]
            return f"[{', '.join(parts)}]"
        low, high = node.get("minItems"), node.get("maxItems")
        if low is not None or high is not None:
            self._bounds.setdefault(f"{_span(low, high)} values")
        return f"list of {' or '.join(self._kinds(node.get('items', {}))) or 'anything'}"


def _range_text(node: Mapping[str, Any]) -> str:
    low, high = node.get("minimum"), node.get("maximum")
    if low is not None and high is not None:
        return f"{low} to {high}"
    signs = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
    return ", ".join(f"{sign} {node[key]}" for key, sign in signs.items() if key in node)


def _span(low: int | None, high: int | None) -> str:
    if high is None:
        return f"{low} or more"
    return f"{low} to {high}" if low else f"at most {high}"


def _model_called(title: str, annotation: Any) -> type[BaseModel] | None:
    """The model of that name inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation if annotation.__name__ == title else None
    for part in get_args(annotation):
        found = _model_called(title, part)
        if found is not None:
            return found
    return None


def _default_text(info: FieldInfo) -> str:
    if info.is_required():
        return ""
    value = info.get_default(call_default_factory=True)
    if value is None:
        return "none"
    if isinstance(value, BaseModel) and not value.model_fields_set:
        return "as below"
    return one_line(plain(value))


def plain(value: Any) -> Any:
    """A setting's value as one would write it in YAML."""
    if isinstance(value, Distribution):
        return _written(value)
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in sorted(value.model_fields_set)}
    if isinstance(value, Root):
        return value.written
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value


def _written(value: Distribution) -> Any:
    """As data: its text, which may be shorter, or its arguments where the text is no YAML."""
    try:
        data = yaml.safe_load(value.text)
    except yaml.YAMLError:
        data = None
    if isinstance(data, dict):
        return data
    if value.kind == "weighted":
        return {"weighted": dict(zip(*value.args, strict=True))}
    return {value.kind: plain(value.args)}


def one_line(value: Any) -> str:
    """YAML in flow style, on one line."""
    text = yaml.safe_dump(
        value, default_flow_style=True, width=10_000, sort_keys=False, allow_unicode=True
    )
    return text.removesuffix("...\n").strip()
