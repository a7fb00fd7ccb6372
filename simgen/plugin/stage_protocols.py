"""What plugins of the stages after rendering must offer: labels, refining, formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from simgen.plugin.protocols import Library, Stream
from simgen.plugin.scene import Category
from simgen.records.sample import Extras, Sample
from simgen.spec.fields import Params


class Annotator(Protocol):
    """Group `simgen.annotators`: more labels for rendered frames; moves and changes nothing.

    `outputs` names what it adds beside columns and captions: `sensor_depth`.
    """

    api: ClassVar[int]
    Params: ClassVar[type[Params]]
    outputs: ClassVar[frozenset[str]] = frozenset()

    def annotate(self, sample: Sample, library: Library, params: Any, rng: Stream) -> Extras:
        """What is added; the same sample and stream give the same.

        Args:
            sample: a whole frame with its world.
            library: its assets.
            params: drawn for this frame.
        """


class RefineSession(AbstractContextManager["RefineSession"], Protocol):
    """An open refiner."""

    def refine(
        self, samples: Sequence[Sample], rngs: Sequence[Stream], strength: float = 1.0
    ) -> Sequence[Sample]:
        """The samples with other pixels and the same labels; none depends on its batch.

        Each has one step more, with one operator that says what was done.

        Args:
            strength: 1 is what the params say, 0 leaves the pixels alone. What lost its labels
                is tried again with less, from the same streams.
        """


class Refiner(Protocol):
    """Group `simgen.refiners`: changes pixels and leaves labels alone.

    One that resizes scales the camera, masks and boxes exactly.
    """

    api: ClassVar[int]
    Params: ClassVar[type[Params]]

    def factor(self, params: Any) -> int:
        """By how much pictures grow; default: not."""
        return 1

    def open(self, params: Any, data: Any) -> RefineSession:
        """Ready to work.

        Args:
            data: what the stage offers beside: threads, device, real pictures.
        """


class Augmenter(Protocol):
    """Group `simgen.augmenters`: moves pixels and labels together."""

    api: ClassVar[int]
    Params: ClassVar[type[Params]]

    def needs(self, params: Any) -> int:
        """How many samples one result is made from; params are undrawn here."""

    def keeps(self, params: Any) -> frozenset[str]:
        """Outputs that a result still has; default: those that move with the pixels."""
        return frozenset({"rgb", "depth", "instances"})

    def augment(self, samples: Sequence[Sample], params: Any, rng: Stream) -> Sample:
        """A new sample; the first one gives number, group and provenance, none is changed.

        Its last step is of stage `augment` and has one operator that says what was done.

        Args:
            params: undrawn; what is drawn for each sample or instance comes from `rng.draw`.
        """


@dataclass(frozen=True)
class SetFacts:
    """What holds for a whole dataset; the rest stands in its samples.

    Args:
        name: short, for descriptions.
        categories: in the order of their ids.
        outputs: that the samples have.
        metres_per_depth_step: of its 16-bit depth images; 0: there are none.
        size: width and height; (0, 0): they differ.
        splits: shares of the worlds by name.
        assets: opens the library of the worlds' assets; None: they were not rendered.
    """

    name: str
    categories: tuple[Category, ...]
    outputs: tuple[str, ...] = ("rgb",)
    metres_per_depth_step: float = 0.0
    size: tuple[int, int] = (0, 0)
    splits: Mapping[str, float] | None = None
    assets: Callable[[], Library] | None = None


class WriteSession(Protocol):
    """A format that is being written, into a folder that gets its name when all is there."""

    def write(self, sample: Sample) -> None:
        """Add a sample; they come in the order of their numbers."""

    def close(self) -> Path:
        """Finish; the file or folder that a reader opens, relative to the output."""


class Writer(Protocol):
    """Group `simgen.writers`: a dataset in another format (`simgen export --to NAME`).

    `outputs` names the arrays that it reads beside the picture; None: all.
    """

    api: ClassVar[int]
    Params: ClassVar[type[Params]]
    outputs: ClassVar[frozenset[str] | None] = None

    def open(self, params: Any, facts: SetFacts, out: Path) -> WriteSession:
        """Ready to write into the empty folder `out`."""


class ReadSession(Protocol):
    """An open set of another format; everything but the pictures has been read and checked.

    `numbers` are those of the frames that it makes, ascending; `digest` is that of its label files.
    """

    facts: SetFacts
    numbers: Sequence[int]
    digest: str

    def read(self, number: int) -> Sample:
        """One frame; files that are kept as they are stand in its `files`.

        Raises:
            DataError: a picture is damaged, or not of the size that its labels say.
        """


class Reader(Protocol):
    """Group `simgen.readers`: a foreign set becomes a dataset (`simgen import --from NAME`)."""

    api: ClassVar[int]
    Params: ClassVar[type[Params]]

    def recognises(self, path: Path) -> bool:
        """Whether the path looks like this format; cheap, reads no pictures."""

    def open(self, params: Any, path: Path) -> ReadSession:
        """Ready to read.

        Raises:
            DataError: not such a set, or its labels are inconsistent; every fault that was found.
        """
