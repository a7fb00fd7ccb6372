"""The part of every gate that validates plugin sections and resolves paths, collecting faults."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from simgen.errors import Fault, SceneFileError, SimgenError
from simgen.plugin.registry import Registry
from simgen.spec.distributions import Distribution
from simgen.spec.document import Document, Location
from simgen.spec.faults import faults_of, place
from simgen.spec.fields import Params, Root
from simgen.spec.scene_file import PluginSection

M = TypeVar("M", bound=BaseModel)


class SectionGate:
    """Collects faults while plugin sections are validated and paths are resolved.

    Args:
        document: merged data with positions.
        registry: installed plugins.
    """

    def __init__(self, document: Document, registry: Registry) -> None:
        self.document, self.registry = document, registry
        self.faults: list[Fault] = []
        self.roots: dict[str, Root] = {}

    def check_name(self, group: str, name: str, at: Location) -> Any:
        try:
            return self.registry.get(group, name, place(self.document, at))
        except SimgenError as error:
            self.faults += error.faults
            return None

    def validate(
        self, model: type[Params], data: dict[str, Any], at: Location, siblings: Iterable[str]
    ) -> Any:
        try:
            return self.rooted(model.model_validate(data), at)
        except ValidationError as error:
            self.faults += faults_of(error, self.document, model, at, siblings)
            return None

    def file(self, model: type[M]) -> M:
        """The whole document as a model, paths resolved.

        Raises:
            SceneFileError: it does not fit.
        """
        try:
            file = model.model_validate(self.document.data)
        except ValidationError as error:
            raise SceneFileError(faults_of(error, self.document, model)) from None
        return self.rooted(file, ())

    def plugin(
        self, group: str, name: str, section: PluginSection, at: Location, word: str = "kind"
    ) -> tuple[Any, Any]:
        """The plugin that a section names, and its validated settings; None where it has faults.

        Args:
            word: key of the section that names it.
        """
        plugin = self.check_name(group, name, (*at, word))
        if plugin is None:
            return None, None
        own = type(section).model_fields
        return plugin, self.validate(plugin.Params, section.plugin_settings(), at, own)

    def rooted(self, model: M, at: Location) -> M:
        """The model with every `Root` in it resolved against the file that wrote it."""
        updates = {}
        for name, info in type(model).model_fields.items():
            value = getattr(model, name)
            fresh = self._rooted_value(value, (*at, info.alias or name))
            if fresh is not value:
                updates[name] = fresh
        return model.model_copy(update=updates) if updates else model

    def _rooted_value(self, value: Any, at: Location) -> Any:
        if isinstance(value, Root):
            return self._root(value, at)
        if isinstance(value, BaseModel):
            return self.rooted(value, at)
        if isinstance(value, Distribution):
            args = tuple(self._rooted_value(v, at) for v in value.args)
            changed = any(a is not b for a, b in zip(args, value.args, strict=True))
            return Distribution(value.kind, args, value.text) if changed else value
        if isinstance(value, dict):
            fresh = {k: self._rooted_value(v, (*at, k)) for k, v in value.items()}
            return fresh if any(fresh[k] is not value[k] for k in value) else value
        if isinstance(value, (list, tuple)):
            items = [self._rooted_value(v, (*at, i)) for i, v in enumerate(value)]
            if any(a is not b for a, b in zip(items, value, strict=True)):
                return type(value)(items)
        return value

    def _root(self, root: Root, at: Location) -> Root:
        if root.path is not None:
            return root
        position = self.document.position(at)
        base = position.base if position else Path.cwd()
        path = Path(root.written).expanduser()
        setting = name = ".".join(str(part) for part in at)
        number = 1
        while name in self.roots and self.roots[name].written != root.written:
            number += 1  # paths inside one distribution; numbered, so that folders can move
            name = f"{setting}#{number}"
        follow = self.document.data.get("follow_links") is True
        resolved = Root(root.written, (base / path).resolve(), name, follow)
        self.roots[name] = resolved
        return resolved

    def check_paths(self) -> None:
        for name, root in self.roots.items():
            if root.location.exists():
                continue
            at: Location = tuple(name.partition("#")[0].split("."))
            position = self.document.position(at)
            cure = "relative paths start at the file that holds the setting"
            if position is None or not position.line:  # written on the command line
                cure = "relative paths of --set start at the working folder"
            what = f"there is no file or folder {root.location}"
            self.faults.append(Fault(place(self.document, at), what, cure))

    def stop_on_faults(self) -> None:
        if self.faults:
            raise SceneFileError(list(dict.fromkeys(self.faults)))
