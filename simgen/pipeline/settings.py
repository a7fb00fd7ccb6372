"""Settings of a plugin that a person gave on the command line, validated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simgen.errors import Fault, PluginError
from simgen.spec.faults import suggest
from simgen.spec.fields import Root


def validated(plugin: Any, settings: dict[str, Any]) -> Any:
    """The plugin's `Params`; paths start at the working folder.

    Raises:
        PluginError: every setting that is unknown or wrong.
    """
    try:
        params = plugin.Params.model_validate(settings)
    except ValidationError as error:
        known = list(plugin.Params.model_fields)
        faults = []
        for found in error.errors():
            at = ".".join(map(str, found["loc"]))
            unknown = found["type"] == "extra_forbidden"
            cure = suggest(at, known, "settings") if unknown else ""
            faults.append(Fault(f"--set {at}", found["msg"], cure))
        raise PluginError(faults) from None
    roots = {
        field: Root(value.written, Path(value.written).expanduser().resolve(), field)
        for field, value in params
        if isinstance(value, Root)
    }
    return params.model_copy(update=roots)
