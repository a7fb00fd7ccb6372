"""Drawn Params to plain JSON without paths, and back with the scene's own paths put in."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from simgen.spec.fields import Params, Root


def plain_settings(params: BaseModel) -> dict[str, Any]:
    """Concrete parameters as plain JSON; settings that are paths are left out.

    Paths are left out because records must not depend on where a file lies; its content is in
    the digest. Enough to build the asset again, together with the collection's own paths.
    """
    written = params.model_dump(mode="json", by_alias=True)
    for name, info in type(params).model_fields.items():
        value, key = getattr(params, name), info.alias or name
        if isinstance(value, Root):
            del written[key]
        elif isinstance(value, BaseModel):
            written[key] = plain_settings(value)
    return written


def restored(kind: type[Params], plain: dict[str, Any], like: BaseModel | None) -> Params:
    """Params out of `plain_settings`, with the paths of `like` (the collection's own) put back.

    Raises:
        pydantic.ValidationError: the plain data do not fit the plugin.
    """
    return kind.model_validate(_with_roots(plain, like))


def _with_roots(plain: dict[str, Any], like: BaseModel | None) -> dict[str, Any]:
    out = dict(plain)
    if like is None:
        return out
    for name, info in type(like).model_fields.items():
        value, key = getattr(like, name), info.alias or name
        if isinstance(value, Root):
            out[key] = value
        elif isinstance(value, BaseModel) and isinstance(out.get(key), dict):
            out[key] = _with_roots(out[key], value)
    return out
