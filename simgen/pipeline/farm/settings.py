"""Farm settings: who works, and how patiently; presets in `configs/farm`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from simgen.errors import Fault, SceneFileError
from simgen.spec.document import Document
from simgen.spec.faults import faults_of, suggest
from simgen.spec.fields import Integer, NonNegative, Number, Params, Positive
from simgen.spec.overlay import overlay, read_with_extends
from simgen.spec.presets import preset_folder, preset_names


class Farm(Params):
    """Who works, and how patiently. None of it changes what is made."""

    kind: Literal["local", "ray", "inline"] = Field(
        "local", description="processes of this machine, a Ray cluster, or the calling process"
    )
    address: str = Field("auto", description="of the Ray cluster")
    jobs: Integer = Field(
        0, ge=0, le=4096, description="workers; 0: as many as cores, memory and GPUs allow"
    )
    threads: Integer = Field(0, ge=0, le=1024, description="of each worker; 0: its part of all")
    gpus: tuple[str, ...] | None = Field(
        None,
        description="ids, one pinned to each worker in turn; default: the machine's, if the work "
        "uses any; []: none",
    )
    memory_limit_mib: NonNegative = Field(
        0, description="of each worker; above it, it is replaced; 0: its part of the machine"
    )
    tries: Integer = Field(
        3, ge=1, le=20, description="on fresh workers, until a world is given up"
    )
    backoff_s: NonNegative = Field(
        1.0, description="seconds before the second try; four times as long before the third"
    )
    world_limit_s: NonNegative = Field(0, description="seconds a world may take; 0: no limit")
    stall_limit_s: NonNegative = Field(
        1800, description="seconds that may pass without a finished frame; 0: no limit"
    )
    recycle_worlds: Integer = Field(
        500, ge=0, description="worlds after which a worker is replaced; 0: never"
    )
    max_hours: Positive | None = Field(None, description="after which a run ends in good order")
    price_per_hour: Number | None = Field(
        None, ge=0, description="of one worker, in any currency; for estimates of cost"
    )


INLINE = Farm(kind="inline", jobs=1)


def load_farm(name: str, over: dict[str, Any] | None = None) -> Farm:
    """Settings of a preset or file.

    Args:
        name: of a preset in `configs/farm`, or a path.
        over: settings of the command line, laid on top.

    Raises:
        SceneFileError: unknown preset, or faults in it.
    """
    document = read_with_extends(_find(name))
    if over:
        document = overlay(document, Document(over))
    try:
        return Farm.model_validate(document.data)
    except ValidationError as error:
        raise SceneFileError(faults_of(error, document, Farm)) from None


def _find(name: str) -> Path:
    known = preset_names("farm")
    if name in known:
        return preset_folder("farm") / f"{name}.yaml"
    path = Path(name).expanduser().resolve()
    if path.is_file():
        return path
    what = f"there is no farm preset or file {name!r}"
    raise SceneFileError(Fault(f"--farm {name}", what, suggest(name, known, "presets")))
