"""Types of settings that every room shares: vectors, colours, unit intervals, paths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from simgen.spec.distributions import Sampled, SampledMarker


class Params(BaseModel):
    """Base of everything a user can set: frozen, no unknown keys, no NaN."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, strict=False, validate_default=True
    )


@dataclass(frozen=True)
class MachineSetting:
    """Marks a setting that says where and how safely work runs, not what is made.

    It is no part of a dataset's identity: shards made on other machines may differ in it.

    Args:
        program: it names one that is started; run folders, which may be a stranger's, cannot.
    """

    program: bool = False


def machine_settings(model: type[BaseModel]) -> set[str]:
    """Names of a model's fields that are annotated with `MachineSetting`."""
    fields = model.model_fields.items()
    return {name for name, field in fields if _marks(field.metadata)}


def program_settings(model: type[BaseModel]) -> set[str]:
    """Those of them that name a program."""
    fields = model.model_fields.items()
    return {name for name, field in fields if any(mark.program for mark in _marks(field.metadata))}


def _marks(metadata: list[object]) -> list[MachineSetting]:
    return [mark for mark in metadata if isinstance(mark, MachineSetting)]


def _no_bool(value: Any) -> Any:
    # YAML's true would pass as 1.0; a person who writes it meant something else.
    if isinstance(value, bool):
        raise PydanticCustomError("number", "expected a number, got a boolean")
    if isinstance(value, str):
        raise PydanticCustomError("number", "expected a number, got text {v}", {"v": repr(value)})
    return value


Number = Annotated[float, BeforeValidator(_no_bool)]
Integer = Annotated[int, BeforeValidator(_no_bool)]
Positive = Annotated[Number, Field(gt=0)]
NonNegative = Annotated[Number, Field(ge=0)]
Unit = Annotated[Number, Field(ge=0, le=1)]
Vector = tuple[Sampled[Number], Sampled[Number], Sampled[Number]]


def _hex_to_linear(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise PydanticCustomError(
            "colour", "expected '#rrggbb' or [r, g, b] in linear sRGB, got {v}", {"v": repr(value)}
        )
    return [srgb_to_linear(int(value[i : i + 2], 16) / 255) for i in (1, 3, 5)]


def srgb_to_linear(value: float) -> float:
    """IEC 61966-2-1 decoding of one component in [0, 1]."""
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


class _HexInSchema:
    """Lets editors accept '#rrggbb' beside the list."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}]}


# '#rrggbb' is sRGB as in every paint program; a list is linear, as lights are computed.
Color = Annotated[
    tuple[Sampled[Unit], Sampled[Unit], Sampled[Unit]],
    BeforeValidator(_hex_to_linear),
    _HexInSchema(),
    SampledMarker(),  # outermost: a choice of colours is checked colour by colour
]


@dataclass(frozen=True)
class Root:
    """A file or folder named by a scene file.

    Args:
        written: as in the file.
        path: absolute, once the gate has resolved it; relative paths start at the file that
            holds the setting.
        name: dotted scene-file path of the setting; this, not `path`, goes into records.
        follow_links: files below it may be links that lead out (`follow_links:` of the scene).
    """

    written: str
    path: Path | None = None
    name: str = ""
    follow_links: bool = False

    @property
    def location(self) -> Path:
        """The absolute path.

        Raises:
            ValueError: the gate has not resolved it yet.
        """
        if self.path is None:
            raise ValueError(f"path setting {self.written!r} was used before it was resolved")
        return self.path

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def parse(value: Any) -> Root:
            if isinstance(value, Root):
                return value
            if not isinstance(value, str) or not value.strip() or "\0" in value:
                raise PydanticCustomError("path", "expected a path, got {v}", {"v": repr(value)})
            return Root(value)

        return core_schema.no_info_plain_validator_function(
            parse, serialization=core_schema.plain_serializer_function_ser_schema(_written)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "format": "path"}


def _written(root: Root) -> str:
    return root.written
