"""The session: sends worlds to the worker, makes labels meanwhile, outlives its crashes."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simgen.errors import Fault, WorkError
from simgen.plugin.protocols import Library
from simgen.records.frame import FrameSpec, Geometry, RenderedFrame
from simgen.records.parity import Parity
from simgen.records.world import World
from simgen.render.cycles.blur import blur_px
from simgen.render.cycles.exchange import Exchange
from simgen.render.cycles.export import frame_message, world_message
from simgen.render.cycles.parity import parity
from simgen.render.cycles.passes import channel_count, switches
from simgen.render.cycles.picture import Passes, agreement, compose, read_passes
from simgen.render.cycles.process import Worker, WorkerDied, missing
from simgen.render.raycast import Raycast
from simgen.render.raycast.engine import RaycastSession
from simgen.render.raycast.exposure import encode_srgb
from simgen.render.raycast.lighting import FramePainter

if TYPE_CHECKING:
    from simgen.render.cycles import Cycles

_LEAST_AGREEMENT = 0.95
_AHEAD = 3  # frames that the worker holds: one in work, others waiting
_CHANNELS = 13  # of a frame's file, without what was asked for besides


@dataclass(frozen=True)
class Shot:
    """One frame as both engines see it.

    Args:
        passes: Cycles'.
        geometry, exposure_ev: the ray caster's.
        blur_px: how far each pixel's surface is smeared, float64[H, W]; None: nothing is.
    """

    spec: FrameSpec
    passes: Passes
    geometry: Geometry
    exposure_ev: float
    blur_px: NDArray[np.float64] | None = None


class CyclesSession:
    """An open Cycles engine.

    Args:
        params: how hard to try.
        library: realises assets, surfaces, environments.
        threads: share of this job's cores; `params.threads` overrides it.
        outputs: `albedo` and `passes` are rendered if they are among them.

    Raises:
        MissingExtraError: bpy is not installed in this interpreter, and no other was named.
    """

    def __init__(
        self, params: Cycles.Params, library: Library, threads: int, outputs: Collection[str] = ()
    ) -> None:
        if not params.python and importlib.util.find_spec("bpy") is None:
            raise missing("bpy (Blender as a Python module) is not installed")
        self.params, self.library = params, library
        self.settings = params.model_dump(mode="json")
        self.settings["threads"] = params.threads or threads
        self.passes = params.passes if "passes" in outputs else ()
        self.settings["switches"] = switches(self.passes)
        self.settings["albedo"] = "albedo" in outputs
        more = channel_count(self.passes) + 4 * self.settings["albedo"]
        self.pixel_bytes = 4 * (_CHANNELS + more)
        self.labels = RaycastSession(Raycast.Params(), library, threads)
        self.exchange: Exchange | None = None
        self.worker: Worker | None = None

    def __enter__(self) -> CyclesSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._drop_worker()
        if self.exchange is not None:
            self.exchange.close()
            self.exchange = None
        self.labels.__exit__(kind, error, trace)

    def render(self, world: World, frames: Iterable[FrameSpec]) -> Iterator[RenderedFrame]:
        """Each frame of one world, in order; the world is loaded once.

        Raises:
            MissingExtraError: the worker's interpreter has no bpy.
            WorkError: the worker failed in every attempt, or a frame disagrees with its labels.
        """
        backdrop = self.library.texture(world.background) if world.background else None
        for shot in self.shots(world, frames):
            share = agreement(shot.passes.index, shot.geometry.instances, shot.blur_px)
            if share < _LEAST_AGREEMENT:
                raise _disagreement(shot.spec, share)
            rgb = compose(shot.passes, shot.spec.exposure.gain(shot.exposure_ev), backdrop)
            albedo = None if shot.passes.albedo is None else encode_srgb(shot.passes.albedo)
            yield RenderedFrame(
                shot.spec,
                rgb,
                shot.geometry,
                shot.exposure_ev,
                share,
                albedo,
                shot.passes.layers,
            )

    def parity(self, world: World, frames: Iterable[FrameSpec]) -> Iterator[Parity]:
        """How well each frame's passes and labels agree.

        Raises:
            MissingExtraError, WorkError: as `render`.
        """
        return (parity(shot) for shot in self.shots(world, frames))

    def shots(self, world: World, frames: Iterable[FrameSpec]) -> Iterator[Shot]:
        """Each frame's passes next to its labels; `render` and the parity check use it.

        Raises:
            MissingExtraError, WorkError: as `render`.
        """
        self.exchange = self.exchange or Exchange()
        job = _Job(self, world, list(frames), self.exchange)
        try:
            yield from self._shots(job)
        except BaseException:  # also when the caller wants no more: GeneratorExit
            self._drop_worker()  # it may still be at work for this world
            raise
        self._after_world()

    def _shots(self, job: _Job) -> Iterator[Shot]:
        job.start()
        labels, lit = self.labels.prepare(job.world)
        for spec in job.specs:
            geometry, hits = labels.trace(spec.camera)  # while the worker renders
            painter = FramePainter(lit, spec.camera, self.labels.params)
            ev = painter.exposure_ev(hits, spec.exposure)
            smeared = blur_px(job.world, spec.camera, geometry)
            yield Shot(spec, job.passes(spec), geometry, ev, smeared)

    def ready_worker(self) -> Worker:
        """The worker, started if there is none."""
        assert self.exchange is not None
        if self.worker is None:
            self.worker = Worker(self.exchange.folder, self.settings, self.params.python)
        return self.worker

    def _after_world(self) -> None:
        worker = self.worker
        assert self.exchange is not None
        self.exchange.trim()
        if worker is None:
            return
        worker.worlds += 1
        if (
            worker.worlds >= self.params.worlds_per_worker
            or worker.memory_mib > self.params.memory_limit_mib
        ):
            self._drop_worker()

    def _drop_worker(self) -> None:
        if self.worker is not None:
            self.worker.kill()
            self.worker = None

    def replace_worker(self) -> None:
        """Throw the worker away; the next message goes to a fresh one."""
        self._drop_worker()


class _Job:
    """One world at the worker, with what has been asked of it."""

    def __init__(
        self, session: CyclesSession, world: World, specs: list[FrameSpec], exchange: Exchange
    ) -> None:
        self.session, self.world, self.specs, self.exchange = session, world, specs, exchange
        self.message: dict[str, Any] = {}
        self.asked = self.got = 0  # frames sent, frames taken
        self.loaded = False  # whether the answer to the world has been read
        self.failures = 0

    def start(self) -> None:
        """Send the world and the first frames."""
        # By file: a pipe would block for good if a hung worker left a long message unread.
        world = world_message(self.world, self.session.library, self.exchange)
        path = self.exchange.folder / "world.json"
        path.write_text(json.dumps(world))
        self.message = {"do": "world", "path": str(path)}
        self._try(self._send_world)

    def passes(self, spec: FrameSpec) -> Passes:
        """The passes of the next frame."""
        message = frame_message(spec, self.world, self.exchange)
        path = Path(message["path"])
        while True:
            if self.asked == self.got and not self._try(self._send_world):
                continue
            if self._try(self._wait):
                try:
                    return read_passes(path, spec.camera.intrinsics, self.session.passes)
                finally:
                    path.unlink(missing_ok=True)

    def _try(self, step: Any) -> bool:
        """Whether a step worked; else there is a fresh worker that knows nothing yet."""
        try:
            step()
        except WorkerDied as death:
            self.session.replace_worker()
            self.asked = self.got
            self.failures += 1
            if self.failures > self.session.params.retries:
                raise self._failed(death) from None
            return False
        return True

    def _send_world(self) -> None:
        self.asked, self.loaded = self.got, False
        self.session.ready_worker().send(self.message)
        self._ask()

    def _ask(self) -> None:
        worker = self.session.ready_worker()
        while self.asked < min(len(self.specs), self.got + _AHEAD):
            spec = self.specs[self.asked]
            lens = spec.camera.intrinsics
            self.exchange.guard(lens.width * lens.height * self.session.pixel_bytes)
            worker.send(frame_message(spec, self.world, self.exchange))
            self.asked += 1

    def _wait(self) -> None:
        worker, limit = self.session.ready_worker(), float(self.session.params.timeout_s)
        if not self.loaded:
            worker.answer(limit)
            self.loaded = True
        self._ask()
        worker.answer(limit)
        self.got += 1

    def _failed(self, death: WorkerDied) -> WorkError:
        cure = "look at the log lines above; with little memory, use fewer --jobs or smaller images"
        if "no answer" in str(death):
            cure = "raise `timeout_s` in the quality preset's `cycles:` section, or lower `samples`"
        what = f"the Cycles worker failed {self.failures} times: {death}"
        return WorkError(Fault(f"world {self.world.index}", what, cure))


def _disagreement(spec: FrameSpec, share: float) -> WorkError:
    what = f"Cycles and the labels agree on {share:.1%} of the pixels, below {_LEAST_AGREEMENT:.0%}"
    cure = "a bug of simgen or a surface that the two engines see differently; please report it"
    return WorkError(Fault(f"frame {spec.frame}", what, cure))
