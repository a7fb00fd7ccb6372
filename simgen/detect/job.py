"""The training job: everything that a training depends on, resolved, as plain frozen data.

It is what `simgen train` makes of a config, and what a bare GPU machine reads as JSON; nothing
here needs more than the standard library.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from simgen.detect.card import read_card
from simgen.errors import Fault, SceneFileError, SimgenError
from simgen.learn.schedule import WEIGHTS, Machine, Schedule, sha256_of

T = TypeVar("T")


@dataclass(frozen=True)
class Source:
    """One labelled set of images.

    Args:
        annotations: absolute path of the COCO file.
        images: absolute path of the folder that its `file_name`s start at.
        share: part of the samples that come from here, relative to the other sources.
        mapping: its category names -> names of the detector; None leaves objects out.
        square_boxes: side of a centred square that replaces each box, in longer sides of that
            box; 0 leaves boxes as they are.
        min_visibility: objects that show less are neither learnt nor background.
        limit: at most so many images, chosen by the seed; 0 is all.
        balance: frequency of a category (part of the images) below which its images are
            repeated (LVIS, Gupta et al. 2019, section 5.2); 0 is off.
        zoom: magnification of this set on top of all others.
    """

    annotations: str
    images: str
    share: float = 1.0
    mapping: dict[str, str | None] = field(default_factory=dict)
    square_boxes: float = 0.0
    min_visibility: float = 0.1
    limit: int = 0
    balance: float = 0.0
    zoom: float = 1.0


@dataclass(frozen=True)
class View:
    """How pictures reach the network.

    Args:
        side: longer side of a whole image, pixels, at inference and at scale 1.
        crop: side of the square training crops, pixels.
        scale: smallest and largest magnification of training crops, drawn log-uniformly.
        stretch: largest change of the aspect ratio, as part of it.
        on_object: part of the crops that show a chosen object in full.
        min_visible: part of a box that must be inside a crop for it to be learnt.
    """

    side: int = 640
    crop: int = 256
    scale: tuple[float, float] = (0.7, 1.5)
    stretch: float = 0.1
    on_object: float = 0.8
    min_visible: float = 0.5


@dataclass(frozen=True)
class Augment:
    """Changes of training crops; strengths as in torchvision, the rest are probabilities."""

    flip: bool = False
    quarter_turns: bool = False
    brightness: float = 0.4
    contrast: float = 0.4
    saturation: float = 0.4
    hue: float = 0.05
    channel_shuffle: float = 0.0
    grayscale: float = 0.05
    blur: float = 0.2
    noise: float = 0.3
    jpeg: float = 0.3


@dataclass(frozen=True)
class Inference:
    """How images are searched.

    Args:
        side: longer side to which images are scaled, pixels; 0 is the one of the training.
        tile: side of square tiles for images larger than that, pixels after scaling; 0 is off.
        overlap: part of a tile that the next one shows again; more than the largest object
            is enough for every object to be whole in one of them.
        batch: images or tiles at a time.
        min_score: detections below are left out.
        max_detections: in one image, the surest.
        device: as in `Machine`.
    """

    side: int = 0
    tile: int = 0
    overlap: float = 0.25
    batch: int = 8
    min_score: float = 0.02
    max_detections: int = 100
    device: str = "auto"


@dataclass(frozen=True)
class TrainJob:
    """One training.

    Args:
        detector: name of the plugin.
        build: `module:function` that makes the network from params and number of categories.
        params: settings of the detector.
        categories: names in the order of the network's labels; empty: as the first source.
        sources: by name.
        init: detector folder or safetensors file to start from; "" is none.
        trust_pickle: load weights that are pickles, which can run any code.
    """

    detector: str
    build: str
    params: dict[str, Any]
    sources: dict[str, Source]
    categories: tuple[str, ...] = ()
    view: View = View()
    augment: Augment = Augment()
    schedule: Schedule = field(default_factory=Schedule)
    machine: Machine = field(default_factory=Machine)
    seed: int = 0
    init: str = ""
    trust_pickle: bool = False

    def identity(self) -> str:
        """Hex digest of all that the result depends on: not the machine, not where data lies."""
        plain = dataclasses.asdict(self)
        del plain["machine"]
        if self.init:
            plain["init"] = _digest(Path(self.init)) or self.init
        for name, source in self.sources.items():
            file = Path(source.annotations)
            if file.is_file():
                plain["sources"][name]["annotations"] = sha256_of(file)
            del plain["sources"][name]["images"]
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _digest(init: Path) -> str | None:
    """Of the weights to start from; of a detector whose weights stayed on the machine that
    trained it, as its card has it."""
    weights = init / WEIGHTS if init.is_dir() else init
    if weights.is_file():
        return sha256_of(weights)
    try:
        return str(read_card(init)["weights_sha256"])
    except (SimgenError, KeyError):
        return None


def write_job(job: TrainJob, path: Path) -> None:
    """Write the job as JSON, for a machine that has no YAML and no pydantic."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dataclasses.asdict(job), indent=1) + "\n")


def read_job(path: Path) -> TrainJob:
    """A job that `write_job` wrote.

    Raises:
        SceneFileError: unreadable, or not such a job.
    """
    try:
        data = json.loads(path.read_bytes())
        sources = {str(k): _filled(Source, v) for k, v in data["sources"].items()}
        parts: dict[str, Any] = {"sources": sources, "categories": tuple(data["categories"])}
        parts["view"] = _filled(View, {**data["view"], "scale": tuple(data["view"]["scale"])})
        for name, kind in (("augment", Augment), ("schedule", Schedule), ("machine", Machine)):
            parts[name] = _filled(kind, data[name])
        return _filled(TrainJob, {**data, **parts})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"not a training job: {type(error).__name__}: {error}"
        raise SceneFileError(
            Fault(str(path), what, "write it with `simgen train CONFIG --write-job FILE`")
        ) from None


def _filled(kind: type[T], values: Mapping[str, Any]) -> T:
    return kind(**values)
