"""JSON schema of scene files with the settings of all installed plugins, for editors."""

from __future__ import annotations

import copy
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from simgen.errors import SimgenError
from simgen.plugin.fitness import doc_of
from simgen.plugin.registry import GROUPS, Registry
from simgen.spec.distributions import distribution_json_schema
from simgen.spec.scene_file import (
    AnnotatorSection,
    ObjectSection,
    PluginSection,
    RandomizerSection,
    SceneFile,
    SceneSection,
)

# Group -> section of the scene file and the key that names the plugin.
_SECTIONS: dict[str, tuple[type[PluginSection], str]] = {
    "scene_types": (SceneSection, "type"),
    "assets": (ObjectSection, "asset"),
    "randomizers": (RandomizerSection, "kind"),
    "annotators": (AnnotatorSection, "kind"),
}
_BOUNDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
}
_DISTRIBUTION = distribution_json_schema()
_REFERENCE = {"$ref": "#/$defs/Distribution"}


class _Generator(GenerateJsonSchema):
    # A default that is no JSON value is left out; the description says what it is.
    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012


def scene_schema(registry: Registry) -> tuple[dict[str, Any], list[str]]:
    """The schema, and what had to be left out.

    Each plugin section is one alternative whose key (`type`, `asset`, `kind`) is a constant, so
    that an editor offers the settings of the plugin that was named. Settings may stand in a file
    that is extended, so nothing but the plugin's name is required where `extends` is used.

    Returns:
        JSON schema (2020-12), and one line per plugin that cannot be loaded.
    """
    schema = schema_of(SceneFile)
    definitions = schema.setdefault("$defs", {})
    problems: list[str] = []
    for group, (section, key) in _SECTIONS.items():
        names = []
        for name in registry.names(group):
            try:
                plugin = registry.get(group, name)
            except SimgenError as error:
                problems.append(f"{GROUPS[group]} {name}: {error.faults[0].what}")
                continue
            title = f"{section.__name__}_{name}"
            definitions[title] = _section_schema(section, key, name, plugin, definitions)
            names.append(title)
        definitions[section.__name__] = _one_of(key, names, definitions)
    _name_choices(definitions["RenderSetting"], "engine", registry.names("renderers"))
    definitions["RenderSetting"]["properties"]["settings"] |= {
        "properties": _engine_settings(registry, definitions, problems),
        "additionalProperties": False,
    }
    _allow_extends(schema)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "simgen scene file"
    return schema, problems


def _engine_settings(
    registry: Registry, definitions: dict[str, Any], problems: list[str]
) -> dict[str, Any]:
    """By engine, its settings; none is required, for they are laid over a preset."""
    out = {}
    for name in registry.names("renderers"):
        try:
            params = schema_of(registry.get("renderers", name).Params)
        except SimgenError as error:
            problems.append(f"{GROUPS['renderers']} {name}: {error.faults[0].what}")
            continue
        _merge_definitions(definitions, params, name)
        params.pop("required", None)
        out[name] = params
    return out


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """A model's own schema in JSON schema's words, names as they are written in YAML."""
    schema = model.model_json_schema(by_alias=True, schema_generator=_Generator)
    schema.setdefault("$defs", {})["Distribution"] = distribution_json_schema()
    tidy: dict[str, Any] = _tidy(schema)
    return tidy


def _tidy(node: Any) -> Any:
    """The schema with bounds in JSON schema's words and one definition of distributions.

    pydantic leaves bounds that follow a validator under its own names, which editors ignore.
    """
    if isinstance(node, list):
        return [_tidy(value) for value in node]
    if not isinstance(node, dict):
        return node
    out = {}
    for key, value in node.items():
        if key == "anyOf" and _DISTRIBUTION in value:
            value = [_REFERENCE if v == _DISTRIBUTION else v for v in value]
        bound = key in _BOUNDS and isinstance(value, (int, float))
        out[_BOUNDS[key] if bound else key] = _tidy(value)
    return out


def _section_schema(
    section: type[PluginSection],
    key: str,
    name: str,
    plugin: Any,
    definitions: dict[str, Any],
) -> dict[str, Any]:
    """One object schema: the section's own settings plus the plugin's."""
    own, params = schema_of(section), schema_of(plugin.Params)
    for part in (own, params):
        _merge_definitions(definitions, part, f"{section.__name__}_{name}")
    properties = {**own["properties"], **params.get("properties", {})}
    properties[key] = {"const": name, "description": own["properties"][key].get("description", "")}
    return {
        "type": "object",
        "title": name,
        "description": doc_of(plugin).partition("\n")[0],
        "properties": properties,
        "required": [key, *params.get("required", [])],
        "additionalProperties": False,
    }


def _merge_definitions(target: dict[str, Any], part: dict[str, Any], prefix: str) -> None:
    """Move a part's `$defs` into the whole; another thing of the same name is renamed."""
    renamed: dict[str, str] = {}
    found = part.pop("$defs", {})
    for name, body in found.items():
        taken = name in target and target[name] != body
        renamed[name] = f"{prefix}_{name}" if taken else name
    references = {f"#/$defs/{a}": f"#/$defs/{b}" for a, b in renamed.items() if a != b}
    if references:
        _rewrite(part, references)
    for name, body in found.items():
        body = copy.deepcopy(body)
        _rewrite(body, references)
        target[renamed[name]] = body


def _rewrite(node: Any, references: dict[str, str]) -> None:
    if isinstance(node, dict):
        if node.get("$ref") in references:
            node["$ref"] = references[node["$ref"]]
        for value in node.values():
            _rewrite(value, references)
    elif isinstance(node, list):
        for value in node:
            _rewrite(value, references)


def _one_of(key: str, names: list[str], definitions: dict[str, Any]) -> dict[str, Any]:
    values = [definitions[name]["properties"][key]["const"] for name in names]
    return {
        "type": "object",
        "required": [key],
        "properties": {key: {"enum": values}},
        "discriminator": {
            "propertyName": key,
            "mapping": {v: f"#/$defs/{n}" for v, n in zip(values, names, strict=True)},
        },
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in names],
    }


def _name_choices(model: dict[str, Any], name: str, choices: list[str]) -> None:
    model["properties"][name]["enum"] = choices


def _allow_extends(schema: dict[str, Any]) -> None:
    description = "another scene file; this one is laid over it"
    schema["properties"]["extends"] = {"type": "string", "description": description}
    required = schema.pop("required", [])
    schema["anyOf"] = [{"required": ["extends"]}, {"required": required}]
