"""Records at rest: the manifest of a dataset folder and the record of one frame."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from simgen.plugin.scene import Category
from simgen.records.absent import leave_out
from simgen.records.annotations import Annotations, Unlabelled
from simgen.records.asset import Credit
from simgen.records.camera import Camera
from simgen.records.exposure import Exposure
from simgen.records.frame import FrameSpec
from simgen.records.provenance import Origin, Step
from simgen.records.rig import RigView

FORMAT = 1
# Worked out from camera and world when a record is made, see `frame_writer.view_facts`.
VIEW_FACTS = ("camera.distance_m", "camera.elevation_deg", "camera.azimuth_deg")


@dataclass(frozen=True)
class FileFact:
    """A file by content.

    Args:
        name: path below the run folder, with forward slashes.
        bytes: size.
        sha256: hex digest.

    Raises:
        ValueError: the name leads out of the folder; records may be a stranger's.
    """

    name: str
    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        if self.name.startswith("/") or "\\" in self.name or ".." in self.name.split("/"):
            raise ValueError(f"the file name {self.name!r} leads out of the dataset")


@dataclass(frozen=True)
class FrameRecord:
    """All that is known about one frame; no clock, no host, no absolute path.

    Args:
        frame, world, view: as in `FrameSpec`; of photographs `world` is the group of frames
            that a split keeps together.
        camera, exposure: as asked for; None where nobody knows.
        exposure_ev: stops that were applied.
        agreement: share of pixels on which engine and ray caster agree.
        files: by output name.
        annotations, unlabelled: labels, and instances in the map without one.
        facts: numbers worth slicing by: of where the camera is (`camera.distance_m`,
            `camera.elevation_deg`), and those of the `FrameSpec`.
        licences: of the assets in the world, sorted.
        credits: of those assets that a licence ledger knows; None: of none.
        drawn, rig: as in `FrameSpec`.
        size: width and height where they are not the manifest's.
        captions: sentences about the picture.
        provenance: one step for every stage after rendering, the latest last.
    """

    frame: int
    world: int
    view: int
    camera: Camera | None
    exposure: Exposure | None
    exposure_ev: float | None
    agreement: float | None
    files: dict[str, FileFact]
    annotations: Annotations
    unlabelled: tuple[Unlabelled, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    licences: tuple[str, ...] = ()
    simgen: int = FORMAT
    credits: tuple[Credit, ...] | None = None
    drawn: dict[str, Any] | None = None
    rig: RigView | None = None
    size: tuple[int, int] | None = None
    captions: tuple[str, ...] | None = None
    provenance: tuple[Step, ...] | None = None

    def __post_init__(self) -> None:
        leave_out(self, "credits", "drawn", "rig", "size", "captions", "provenance")

    @property
    def spec(self) -> FrameSpec:
        """The frame as it was asked for; rendering it again gives the same files.

        Raises:
            ValueError: it was not rendered.
        """
        if self.camera is None or self.exposure is None:
            raise ValueError(f"frame {self.frame} was not rendered")
        facts = {k: v for k, v in self.facts.items() if k not in VIEW_FACTS}
        return FrameSpec(
            self.frame,
            self.world,
            self.view,
            self.camera,
            self.exposure,
            self.drawn,
            facts,
            self.rig,
        )

    @property
    def origin(self) -> Origin | None:
        """What the latest stage made the frame from; None: it was rendered here."""
        sources = self.provenance[-1].sources if self.provenance else ()
        return sources[0] if sources else None


@dataclass(frozen=True)
class DroppedFrame:
    """A frame that a stage decided not to make, and why; resuming does not try it again.

    Args:
        frame: number that it would have had.
        step: what was measured and decided.
    """

    frame: int
    step: Step


@dataclass(frozen=True)
class SourceInfo:
    """What a stage read: a dataset, or label files of a foreign set.

    Args:
        name: of its folder or file, without the path.
        digest: of its content: of all frame records, or of the label files.
        input_hash: of its manifest; "" for foreign sets.
        frames: how many there were.
        stage: how the source itself was made; None: rendered, or a foreign set.
    """

    name: str
    digest: str
    input_hash: str = ""
    frames: int = 0
    stage: StageInfo | None = None

    def __post_init__(self) -> None:
        leave_out(self, "stage")


@dataclass(frozen=True)
class StageInfo:
    """How a dataset was made from others.

    Args:
        kind: `import`, `augment`, `refine`, `merge`, `filter`, `subset`, `split`, ...
        params: of the stage, plain and without paths.
        sources: in the order in which origins count them.
    """

    kind: str
    params: dict[str, Any]
    sources: tuple[SourceInfo, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """What all shards of a dataset share; refuses every other input.

    A dataset that no engine rendered has `stage`, engine "" and an empty scene.

    Args:
        format: version of this layout.
        simgen: version of the program that created the folder.
        input_hash: of the merged scene without paths, seed, engine, quality, size, outputs.
        seed: of all streams.
        engine: renderer.
        quality: the values of its preset.
        size: width and height, pixels; (0, 0): every frame's record has its own.
        outputs: names of the files of each frame.
        views_per_world: frames N * views_per_world ... show world N; of a rig the scene file's
            `views_per_world` times its cameras.
        max_points: points kept per cloud.
        metres_per_depth_step: of the 16-bit depth images.
        categories: in the order of their ids.
        scene: the merged scene; paths are replaced by `<their dotted name>`.
        splits: shares of the worlds by name; None: one index of all.
        stage: how it was made from other sets; None: it was rendered.
    """

    format: int
    simgen: str
    input_hash: str
    seed: int
    engine: str
    quality: dict[str, Any]
    size: tuple[int, int]
    outputs: tuple[str, ...]
    views_per_world: int
    max_points: int
    metres_per_depth_step: float
    categories: tuple[Category, ...]
    scene: dict[str, Any]
    splits: dict[str, float] | None = None
    stage: StageInfo | None = None

    def __post_init__(self) -> None:
        leave_out(self, "splits", "stage")
        for name in self.splits or {}:  # each becomes a file; manifests may be a stranger's
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,31}", name) or name == "instances":
                raise ValueError(f"the split {name!r} is no plain word")
