"""Whether a class can be a plugin of its kind: version, settings, methods with their arguments."""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Any

from simgen.plugin.kinds import kind_of
from simgen.spec.fields import Params

API = 1


@lru_cache(maxsize=1024)
def misfit(plugin: Any, group: str) -> str:
    """What is wrong with what an entry point named, or ""."""
    if not inspect.isclass(plugin):
        return "is not a class"
    if getattr(plugin, "api", None) != API:
        return f"has api = {getattr(plugin, 'api', None)!r}; this simgen speaks {API}"
    params = getattr(plugin, "Params", None)
    if not (inspect.isclass(params) and issubclass(params, Params)):
        return "has no `Params` class derived from simgen.plugin.Params"
    protocol = kind_of(group).protocol
    for name, method in _methods(protocol):
        problem = _method_problem(getattr(plugin, name, None), name, method)
        if problem:
            derive = f"; deriving from simgen.plugin.{protocol.__name__} gives its default"
            return problem + ("" if _is_stub(method) else derive)
    return ""


def doc_of(plugin: Any) -> str:
    """The class's own docstring; one that it inherits speaks of something else."""
    return inspect.cleandoc(type(plugin).__doc__ or "")


def _methods(protocol: type) -> list[tuple[str, Any]]:
    found = inspect.getmembers(protocol, inspect.isfunction)
    return [(name, method) for name, method in found if not name.startswith("_")]


def _stub() -> None:
    """What a method without a body compiles to."""


def _is_stub(method: Any) -> bool:
    """Whether a protocol's method does nothing; others are defaults for those that derive."""
    code = method.__code__
    # `return 1` compiles to the same bytes as a stub; only the constant differs.
    return bool(code.co_code == _stub.__code__.co_code and code.co_consts[-1] is None)


def _method_problem(mine: Any, name: str, wanted: Any) -> str:
    """Whether `mine` takes the arguments with which simgen calls `wanted`."""
    parameters = list(inspect.signature(wanted).parameters.values())[1:]
    call = f"{name}({', '.join(p.name for p in parameters)})"
    if not callable(mine) or (mine is wanted and _is_stub(wanted)):
        return f"has no method {call}"
    required = [p for p in parameters if p.default is inspect.Parameter.empty]
    for count in {len(required), len(parameters)}:
        try:
            inspect.signature(mine).bind(None, *([None] * count))
        except TypeError:
            return f"has a method {name} that cannot be called as {call}"
        except ValueError:  # a builtin without a signature
            return ""
    return ""
