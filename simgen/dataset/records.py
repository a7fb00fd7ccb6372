"""Records at rest: the manifest of a run folder and the record of one frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simgen.plugin.scene import Category
from simgen.records.absent import leave_out
from simgen.records.annotations import Annotations, Unlabelled
from simgen.records.asset import Credit
from simgen.records.camera import Camera
from simgen.records.frame import Exposure, FrameSpec

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
    """

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class FrameRecord:
    """All that is known about one frame; no clock, no host, no absolute path.

    Args:
        frame, world, view: as in `FrameSpec`.
        camera, exposure: as asked for.
        exposure_ev: stops that were applied.
        agreement: share of pixels on which engine and ray caster agree.
        files: by output name.
        annotations, unlabelled: labels, and instances in the map without one.
        facts: numbers worth slicing by: of where the camera is (`camera.distance_m`,
            `camera.elevation_deg`), and those of the `FrameSpec`.
        licences: of the assets in the world, sorted.
        credits: of those assets that a licence ledger knows; None: of none.
        drawn: as in `FrameSpec`.
    """

    frame: int
    world: int
    view: int
    camera: Camera
    exposure: Exposure
    exposure_ev: float
    agreement: float
    files: dict[str, FileFact]
    annotations: Annotations
    unlabelled: tuple[Unlabelled, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    licences: tuple[str, ...] = ()
    simgen: int = FORMAT
    credits: tuple[Credit, ...] | None = None
    drawn: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        leave_out(self, "credits", "drawn")

    @property
    def spec(self) -> FrameSpec:
        """The frame as it was asked for; rendering it again gives the same files."""
        facts = {k: v for k, v in self.facts.items() if k not in VIEW_FACTS}
        return FrameSpec(
            self.frame, self.world, self.view, self.camera, self.exposure, self.drawn, facts
        )


@dataclass(frozen=True)
class Manifest:
    """What all shards of a dataset share; refuses every other input.

    Args:
        format: version of this layout.
        simgen: version of the program that created the folder.
        input_hash: of the merged scene without paths, seed, engine, quality, size, outputs.
        seed: of all streams.
        engine: renderer.
        quality: the values of its preset.
        size: width and height, pixels.
        outputs: names of the files of each frame.
        views_per_world: frames N * views_per_world ... show world N.
        max_points: points kept per cloud.
        metres_per_depth_step: of the 16-bit depth images.
        categories: in the order of their ids.
        scene: the merged scene; paths are replaced by `<their dotted name>`.
        splits: shares of the worlds by name; None: one index of all.
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

    def __post_init__(self) -> None:
        leave_out(self, "splits")
