"""A usage example of any plugin: a whole file that validates, made from its own settings.

A plugin may bring one, `example`: what the file says, as a dict, without the `simgen: 1`. For the
others it is put together: settings without a default take the first of their field's `examples`,
and so does every other setting that gives one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simgen.plugin.describing import one_line, plain
from simgen.plugin.kinds import kind_of
from simgen.spec.fields import Params

_BOXES = {"asset": "box", "count": {"randint": [3, 6]}, "size_m": [0.06, 0.04, 0.03]}
_CLUTTER = {"asset": "box", "category": None, "count": 3, "size_m": [0.03, 0.03, 0.03]}
_SHOWN = 3
_WIDTH = 96


def example_of(plugin: Any, group: str, name: str) -> dict[str, Any]:
    """The data of the example file.

    Args:
        plugin: an instance or class.
    """
    own = getattr(plugin, "example", None)
    if isinstance(own, Mapping):
        return {"simgen": 1, **own} if kind_of(group).in_scene else dict(own)
    return _file(group, name, example_settings(plugin.Params))


def example_text(plugin: Any, group: str, name: str) -> str:
    """The example as a person uses it: a file, or a command line."""
    usage = kind_of(group).usage
    if not usage:
        return as_yaml(example_of(plugin, group, name))
    sets = example_settings(plugin.Params).items()
    options = "".join(f" --set {key}={one_line(value)}" for key, value in sets)
    return usage.format(name=name) + options + "\n"


def example_settings(model: type[Params]) -> dict[str, Any]:
    """Settings that show how the plugin is used; enough to be valid."""
    out: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if info.examples:
            out[info.alias or name] = plain(info.examples[0])
    for name, info in model.model_fields.items():
        if len(out) >= _SHOWN:
            break
        value = None if info.is_required() else info.get_default(call_default_factory=True)
        shown = plain(value)
        if isinstance(shown, (str, int, float)) and shown != "":
            out[info.alias or name] = shown
    order = [info.alias or name for name, info in model.model_fields.items()]
    return dict(sorted(out.items(), key=lambda item: order.index(item[0])))


def _file(group: str, name: str, settings: dict[str, Any]) -> dict[str, Any]:
    scene: dict[str, Any] = {"type": "flying", "size_m": 0.25}
    things: dict[str, Any] = dict(_BOXES)
    if group == "scene_types":
        scene = {"type": name, **settings}
    if group == "assets":
        scene = {"type": "tabletop", "placement": "upright"}
        things = {"asset": name, "count": {"randint": [1, 3]}, **settings}
    kind = kind_of(group)
    file = {"simgen": 1, "scene": scene, "objects": {"things": things}}
    if group == "randomizers":
        file["objects"] = {"things": things, "clutter": dict(_CLUTTER)}
        file["randomizers"] = {"look": {"kind": name, **settings}}
    if group == "annotators":
        file["annotators"] = {"more": {"kind": name, **settings}}
    if group == "renderers":
        file["render"] = {"engine": name, "settings": {name: settings}}
    if group == "refiners":
        return {"refine": 1, "refiners": {"look": {"kind": name, **settings}}}
    if group == "augmenters":
        return {"augment": 1, "augmenters": {"more": {"kind": name, **settings}}}
    if group == "detectors":
        return {"detector": {"kind": name, **settings}, "data": {"synthetic": {"path": "out/dice"}}}
    return file if kind.in_scene else {kind.word: {"kind": name, **settings}}


def as_yaml(data: Mapping[str, Any], indent: int = 0) -> str:
    """YAML as people write it: what fits stands on one line, sections at the top do not."""
    lines = []
    for key, value in data.items():
        line = f"{' ' * indent}{key}: {one_line(value)}\n"
        section = isinstance(value, Mapping) and value
        deep = section and any(isinstance(v, Mapping) and len(v) > 1 for v in value.values())
        if section and (len(line) > _WIDTH or (indent == 0 and deep)):
            line = f"{' ' * indent}{key}:\n{as_yaml(value, indent + 2)}"
        lines.append(line)
    return "".join(lines)
