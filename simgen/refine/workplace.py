"""What a refine stage offers to its refiners, and the base of their sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol

from simgen.plugin.protocols import Stream
from simgen.records.provenance import Step
from simgen.records.sample import Sample


@dataclass(frozen=True)
class Workplace:
    """Where refiners work.

    Args:
        threads: that one may use; 0 is all.
        device: of networks: `auto`, `cpu`, `cuda`, `cuda:1`.
    """

    threads: int = 1
    device: str = "auto"


class PictureFunction(Protocol):
    """Refines one sample: gives pixels, and what was drawn for provenance."""

    def __call__(self, sample: Sample, rng: Stream, strength: float) -> tuple[Any, dict[str, Any]]:
        """uint8[H, W, 3] and plain values by name."""


class OneByOne:
    """A session of a refiner that works on one picture at a time.

    Args:
        name: of the refiner, for provenance.
        function: that does the work.
    """

    def __init__(self, name: str, function: PictureFunction) -> None:
        self._name, self._function = name, function

    def __enter__(self) -> OneByOne:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def refine(
        self, samples: Sequence[Sample], rngs: Sequence[Stream], strength: float = 1.0
    ) -> list[Sample]:
        """The samples with other pixels and the same labels."""
        return [self._one(s, rng, strength) for s, rng in zip(samples, rngs, strict=True)]

    def _one(self, sample: Sample, rng: Stream, strength: float) -> Sample:
        if strength <= 0:
            return refined(sample, self._name, sample.rgb, strength, {})
        rgb, drawn = self._function(sample, rng, strength)
        return refined(sample, self._name, rgb, strength, drawn)


def refined(sample: Sample, name: str, rgb: Any, strength: float, drawn: dict[str, Any]) -> Sample:
    """The sample with these pixels; its last step says what was done."""
    operator = {"name": name, "strength": strength, **drawn}
    return sample.with_step(Step("refine", operators=(operator,)), rgb=rgb)
