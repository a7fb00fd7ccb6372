"""Writer `points`: point clouds of frames, or fused over the views of each world."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from simgen.annotate.points import PointCloud, cloud, fused
from simgen.dataset.ply import encode_ply
from simgen.dataset.writers.pictures import cannot, write
from simgen.plugin.stage_protocols import SetFacts
from simgen.records.sample import Sample
from simgen.spec.fields import Params


class PointsWriterParams(Params):
    """How many points of what."""

    per: Literal["world", "frame"] = Field("world", description="what becomes one cloud")
    voxel_m: float = Field(
        0.002, ge=0, description="edge of the cubes of which each keeps one point, metres; 0: all"
    )
    depth: Literal["depth", "sensor_depth"] = Field("depth", description="output to take")


class PointsWriter:
    """Point clouds (PLY, world frame) of each world, fused over its views, or of each frame.

    From depth, colour, camera and, where the set has them, normals and instances.
    """

    api = 1
    Params = PointsWriterParams
    outputs = frozenset({"depth", "sensor_depth", "normals", "instances"})

    def open(self, params: PointsWriterParams, facts: SetFacts, out: Path) -> PointsSession:
        """See `plugin.Writer`."""
        return PointsSession(params, out)


class PointsSession:
    """Clouds that are being written; the frames of a world follow each other."""

    def __init__(self, params: PointsWriterParams, out: Path) -> None:
        self.params, self.out = params, out
        self._number: int | None = None
        self._clouds: list[PointCloud] = []

    def write(self, sample: Sample) -> None:
        """Add a sample; a cloud is written when its world is over."""
        depth = sample.depth_m if self.params.depth == "depth" else sample.sensor_depth_m
        if sample.camera is None or depth is None:
            what = f"it has no {'camera' if sample.camera is None else self.params.depth}"
            raise cannot(sample, what, "give a rendered set with that output")
        number = sample.world if self.params.per == "world" else sample.frame
        if number != self._number:
            self._flush()
            self._number = number
        self._clouds.append(
            cloud(sample.camera, depth, sample.rgb, sample.normals, sample.instances)
        )

    def close(self) -> Path:
        """Write the last cloud."""
        self._flush()
        return Path("points")

    def _flush(self) -> None:
        if self._number is not None:
            whole = fused(self._clouds, self.params.voxel_m)
            write(self.out / "points" / f"{self._number:08d}.ply", encode_ply(whole))
        self._clouds = []
