"""From what a person asks to a plan that every worker can carry out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simgen.dataset.layout import MAX_FRAMES
from simgen.dataset.records import Manifest
from simgen.errors import Fault, SceneFileError
from simgen.pipeline.manifest import build_manifest
from simgen.pipeline.quality import load_quality
from simgen.plugin.gate import scene_from
from simgen.plugin.registry import Registry
from simgen.plugin.scene import Scene
from simgen.spec.distributions import support
from simgen.spec.document import Document
from simgen.spec.faults import place
from simgen.spec.overlay import apply_sets, overlay, read_with_extends


@dataclass(frozen=True)
class RenderRequest:
    """What a person asks for.

    Args:
        scene: the scene file.
        frames: numbers; None: the scene file's count.
        renderer: instead of the scene file's engine.
        quality: preset or file (relative to the working folder), instead of the scene file's.
        sets: `dotted.path=value` settings.
        over: settings in the scene file's own form, laid over everything else.
        plugin_dirs: folders whose plugins count beside the installed ones.
        shard: `(i, N)`: of the frames only those of worlds whose number modulo N is i.
    """

    scene: Path
    frames: range | None = None
    seed: int = 0
    renderer: str | None = None
    quality: str | None = None
    sets: tuple[str, ...] = ()
    over: Document | None = None
    plugin_dirs: tuple[Path, ...] = ()
    shard: tuple[int, int] = (0, 1)

    def registry(self) -> Registry:
        """The plugins that this request may use.

        Raises:
            PluginError: a plugin folder does not exist or holds no plugin.
        """
        return Registry.installed(self.plugin_dirs)


@dataclass(frozen=True)
class RunPlan:
    """Everything that a worker process needs to make any world; pickles.

    Args:
        document: merged scene data with positions.
        scene_path: for messages.
        seed: of all streams.
        manifest: of the run folder.
        frames: to make.
        machine: engine settings that are no part of the manifest.
        plugin_dirs: absolute; every worker loads plugins from them, too.
        shard: see `RenderRequest`.
    """

    document: Document
    scene_path: Path
    seed: int
    manifest: Manifest
    frames: range
    machine: dict[str, Any] = field(default_factory=dict)
    plugin_dirs: tuple[Path, ...] = ()
    shard: tuple[int, int] = (0, 1)

    @property
    def engine_settings(self) -> dict[str, Any]:
        """Everything that the engine's `Params` want."""
        return {**self.manifest.quality, **self.machine}


def prepare(request: RenderRequest, registry: Registry) -> tuple[RunPlan, Scene]:
    """Validate everything that can be validated without building or drawing anything.

    Raises:
        SceneFileError: faults in the scene file, a setting or the preset.
        PluginError: the renderer cannot be used.
    """
    sets = request.sets
    if request.renderer is not None:
        sets = (*sets, f"render.engine={request.renderer}")
    document = apply_sets(read_with_extends(request.scene), sets)
    if request.over is not None:
        document = overlay(document, request.over)
    scene = scene_from(document, request.scene, registry)
    render = scene.file.render
    position = document.position(("render", "quality"))
    base = position.base if position else request.scene.resolve().parent
    if request.quality is not None:
        where, base = f"--quality {request.quality}", Path.cwd()
    else:
        where = place(document, ("render", "quality"))
    name = request.quality or render.quality
    quality = load_quality(name, render.engine, registry, where, base, _settings_of(document))
    _check_depth_far(scene)
    manifest = build_manifest(scene, request.seed, render.engine, quality.portable)
    frames = range(scene.file.frames) if request.frames is None else request.frames
    if frames.stop > MAX_FRAMES:
        what = f"frame numbers end at {MAX_FRAMES - 1}, got {frames.stop - 1}"
        raise SceneFileError(Fault("frames", what))
    plan = RunPlan(
        document,
        request.scene,
        request.seed,
        manifest,
        frames,
        quality.machine,
        registry.folders,
        request.shard,
    )
    return plan, scene


def require_planned(scene: Scene) -> None:
    """Refuse to render shares that are wished for and have no weights yet.

    Raises:
        SceneFileError: `balance:` or `stress:` as a person writes them, before `simgen plan`.
    """
    faults = unplanned(scene)
    if faults:
        raise SceneFileError(faults)


def unplanned(scene: Scene) -> list[Fault]:
    """What `simgen plan` has to do before the scene can be rendered."""
    file, faults = scene.file, []
    cure = f"run `simgen plan {scene.path.name} --out resolved.yaml` and render that file"
    if file.balance is not None and file.balance.planned is None:
        what = "the wanted class shares have no weights yet"
        faults.append(Fault(place(scene.document, ("balance",)), what, cure))
    if file.stress is not None and not file.stress.planned:
        lacking = [name for name, case in file.stress.cases.items() if case.frames is None]
        what = f"no `frames` yet for {', '.join(lacking)}"
        faults.append(Fault(place(scene.document, ("stress",)), what, cure + ", or set `frames`"))
    return faults


def _settings_of(document: Document) -> Document | None:
    """`render.settings` as a document of its own, laid out like a quality preset."""
    at = ("render", "settings")
    data = (document.data.get("render") or {}).get("settings")
    if not data:
        return None
    inside = {p[len(at) :]: where for p, where in document.positions.items() if p[: len(at)] == at}
    return Document(data, inside)


def _check_depth_far(scene: Scene) -> None:
    far, nearest = scene.file.render.depth_far_m, support(scene.file.camera.distance_m)[0]
    if far is not None and far < nearest:
        what = f"{far:g} m is nearer than any camera: camera.distance_m is {nearest:g} m or more"
        cure = "leave it out: the default follows from the scene"
        where = place(scene.document, ("render", "depth_far_m"))
        raise SceneFileError(Fault(where, what, cure))
