"""The detector `compact`: small, anchor-free, from scratch."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from simgen.detect.detector import DetectorParams, TorchDetector
from simgen.spec.fields import Integer


class Compact(TorchDetector):
    """Small one-stage detector that trains from scratch on a CPU in minutes (1.5 M parameters)."""

    class Params(DetectorParams):
        """Size of the network."""

        channels: tuple[Annotated[Integer, Field(ge=8, le=2048)], ...] = Field(
            (16, 32, 64, 128, 192),
            description="of the stem at stride 2 and of each stage at stride 4, 8, 16, ...",
        )
        blocks: tuple[Annotated[Integer, Field(ge=1)], ...] = Field(
            (1, 2, 2, 1), description="residual blocks of each stage"
        )
        neck: Integer = Field(64, ge=8, le=512, description="channels of the feature pyramid")
        head: Integer = Field(64, ge=8, le=512, description="channels of the head")
        smallest_stride: Literal[4, 8, 16] = Field(
            8, description="pixels per cell of the finest map; 4 finds smaller objects, slower"
        )

        @model_validator(mode="after")
        def _stages_match(self) -> Any:
            stages = len(self.blocks)
            if not 3 <= stages <= 4 or len(self.channels) != stages + 1:
                raise ValueError("expected 3 or 4 stages, and one more `channels` than `blocks`")
            return self

    build = "simgen.detect._torch_compact:build"
    learning_rate = 0.002
