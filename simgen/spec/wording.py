"""Pydantic's messages in words that a person who writes YAML knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BY_KIND = {
    "dict_type": "expected a mapping of settings",
    "model_type": "expected a mapping of settings",
    "model_attributes_type": "expected a mapping of settings",
    "mapping_type": "expected a mapping of settings",
    "list_type": "expected a list",
    "tuple_type": "expected a list",
    "string_type": "expected text",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "int_type": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "finite_number": "expected a finite number",
    "string_too_short": "expected text that is not empty",
    "string_pattern_mismatch": (
        "expected a name of letters, digits, '_' and '-' (at most 64) that starts with a letter"
    ),
}


def worded(error: Mapping[str, Any]) -> str:
    """What an entry of `ValidationError.errors()` says, without the value that was found."""
    kind = str(error["type"])
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    context = error.get("ctx") or {}
    if kind == "too_short":
        return f"expected at least {context.get('min_length')} values"
    if kind == "too_long":
        return f"expected at most {context.get('max_length')} values"
    message = str(error["msg"]).removeprefix("Value error, ")
    return message.replace("Input should be", "expected")
