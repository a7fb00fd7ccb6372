"""Reproduce one frame from its record, its world, the manifest's scene and the run's paths."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from simgen.annotate.labels import annotate
from simgen.dataset.atomic import create_exclusive
from simgen.dataset.coco import finalize
from simgen.dataset.frame_writer import FrameWriter, frame_record
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset, read_record, read_world
from simgen.dataset.records import FrameRecord
from simgen.errors import Fault, RunFolderError
from simgen.pipeline import runs
from simgen.pipeline.annotating import annotate_more
from simgen.pipeline.manifest import open_run_folder
from simgen.pipeline.plan import RunPlan
from simgen.pipeline.pool import cores
from simgen.pipeline.portable import with_paths
from simgen.pipeline.worker import WorldWorker
from simgen.plugin.gate import scene_from
from simgen.plugin.registry import Registry
from simgen.plugin.scene import Scene
from simgen.records.frame import RenderedFrame
from simgen.records.serial import to_json
from simgen.records.world import World
from simgen.spec.document import Document, Position
from simgen.spec.fields import machine_settings, program_settings
from simgen.spec.overlay import apply_sets

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Replay:
    """How a reproduced frame compares with what is recorded.

    Args:
        frame: number.
        files: by output, whether its bytes are the recorded ones.
        record: whether the record is the same, byte for byte.
        written: run folder that was written, if any.
    """

    frame: int
    files: dict[str, bool]
    record: bool
    written: Path | None = None

    @property
    def equal(self) -> bool:
        """Whether everything is as recorded."""
        return self.record and all(self.files.values())


def replay(
    record_path: Path,
    out: Path | None = None,
    sets: tuple[str, ...] = (),
    plugin_dirs: tuple[Path, ...] = (),
) -> Replay:
    """Render a recorded frame again.

    Args:
        record_path: `OUT/frames/0000/00000042.json`.
        out: folder for the reproduced frame (a dataset of its own); None only compares.
        sets: for example new places of moved files: `objects.parts.path=/new/meshes`.
        plugin_dirs: folders with the plugins that the scene names.

    Raises:
        RunFolderError: not a record inside a run folder.
        AssetError: files have changed since the world was drawn.
    """
    record = read_record(record_path)
    source = Dataset.open(_folder_of(record_path, record))
    if source.manifest.stage is not None:
        what = f"the frame was made by `simgen {source.manifest.stage.kind}`, not rendered"
        raise RunFolderError(Fault(str(record_path), what, "give a record of a rendered dataset"))
    plan = recorded_plan(source, range(record.frame, record.frame + 1), sets, plugin_dirs)
    world = read_world(source.layout.world(record.world))
    writer = FrameWriter(Layout(out or source.layout.root), plan.manifest)
    with runs.reminding(source.layout.root, plugin_dirs):
        opened = WorldWorker(plan, source.layout.root, cores())
    with opened as worker:
        (rendered,) = worker.render(world, [record.spec])
        labels = annotate(rendered, world, worker.scene.file.labels)
        extras = annotate_more(worker.scene, plan.seed, rendered, world, labels, worker.library)
        credits = worker.library.credits(world)
    encoded = writer.encode(rendered, extras)
    fresh = frame_record(rendered, world, labels, encoded, credits, extras)
    if out is not None:
        _store(out, plan, writer, world, rendered, fresh, encoded)
    same = {
        name: fact.sha256 == hashlib.sha256(encoded.get(name, b"")).hexdigest()
        for name, fact in record.files.items()
    }
    return Replay(record.frame, same, to_json(fresh) == record_path.read_bytes(), out)


def _store(
    out: Path,
    plan: RunPlan,
    writer: FrameWriter,
    world: World,
    rendered: RenderedFrame,
    fresh: FrameRecord,
    encoded: dict[str, bytes],
) -> None:
    open_run_folder(out, plan.manifest)
    create_exclusive(writer.layout.world(world.index), to_json(world))
    writer.commit(fresh, encoded)
    finalize(out)


def _folder_of(path: Path, record: FrameRecord) -> Path:
    root = path.resolve().parents[2] if len(path.resolve().parents) > 2 else path.parent
    if Layout(root).record(record.frame) != path.resolve():
        what = "expected a record where a run folder has it: OUT/frames/0000/00000042.json"
        raise RunFolderError(Fault(str(path), what, "give the record inside its run folder"))
    return root


def recorded_plan(
    source: Dataset, frames: range, sets: tuple[str, ...], plugin_dirs: tuple[Path, ...]
) -> RunPlan:
    """The plan of a rendered set, with the paths and machine of its newest run.

    Programs are not taken from a run folder: it may be a stranger's. `sets` can name them, as well
    as other settings of the machine.

    Args:
        frames: to make.
        sets: for example new places of moved files.
        plugin_dirs: folders with the plugins that the scene names.
    """
    root, manifest = source.layout.root, source.manifest
    log = runs.newest(root)
    document = _recorded(source, sets)
    with runs.reminding(root, plugin_dirs):
        model = Registry.installed(plugin_dirs).get("renderers", manifest.engine).Params
    recorded = {**manifest.quality, **(log.machine if log else {})}
    programs = {name for name in program_settings(model) if recorded.get(name)}
    ours = _of_machine(sets, manifest.engine, model)
    for name in sorted(programs - set(ours)):
        given = f"--set render.settings.{manifest.engine}.{name}={recorded[name]}"
        _LOG.warning("%s names a program, which is not started; if you trust it: %s", root, given)
    machine = {**(log.machine if log else {}), **ours}
    machine = {n: value for n, value in machine.items() if n in ours or n not in programs}
    quality = {name: value for name, value in manifest.quality.items() if name not in programs}
    manifest = replace(manifest, quality=quality)
    path = source.layout.manifest
    return RunPlan(document, path, manifest.seed, manifest, frames, machine, plugin_dirs)


def _of_machine(sets: tuple[str, ...], engine: str, model: Any) -> dict[str, Any]:
    """Settings of the machine that `--set render.settings.ENGINE.NAME=VALUE` gives."""
    data = apply_sets(Document({}), sets).data
    for key in ("render", "settings", engine):
        data = data.get(key) if isinstance(data, dict) else None
    wanted = machine_settings(model)
    return {n: v for n, v in data.items() if n in wanted} if isinstance(data, dict) else {}


def recorded_scene(
    out: Path, sets: tuple[str, ...] = (), plugin_dirs: tuple[Path, ...] = ()
) -> Scene:
    """The scene of a run folder, with the paths of its newest run.

    Args:
        sets: for example new places of moved files.
        plugin_dirs: folders with the plugins that the scene names.

    Raises:
        SceneFileError: files have moved, or the scene does not validate any more.
        RunFolderError: no run folder.
    """
    source = Dataset.open(out)
    with runs.reminding(out, plugin_dirs):
        registry = Registry.installed(plugin_dirs)
        return scene_from(_recorded(source, sets), source.layout.manifest, registry)


def _recorded(source: Dataset, sets: tuple[str, ...]) -> Document:
    log = runs.newest(source.layout.root)
    scene = with_paths(source.manifest.scene, log.roots if log else {})
    position = Position(str(source.layout.manifest), 0, 0, source.layout.root)
    return apply_sets(Document(scene, {(): position}), sets)
