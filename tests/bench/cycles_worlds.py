"""Worlds of a scene as messages for the Cycles worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.assets.library import AssetLibrary
from simgen.pipeline.plan import RenderRequest, prepare
from simgen.pipeline.pool import cores
from simgen.plugin.registry import Registry
from simgen.records.frame import FrameSpec
from simgen.records.world import World
from simgen.render.cycles import Cycles
from simgen.render.cycles.exchange import Exchange
from simgen.render.cycles.export import frame_message, world_message
from simgen.sampling.sampler import Sampler

SETTINGS: dict[str, Any] = {
    "noise_threshold": 0.0,
    "max_bounces": 4,
    "diffuse_bounces": 3,
    "glossy_bounces": 3,
    "transmission_bounces": 4,
    "transparent_bounces": 16,
    "denoiser": "oidn",
    "guides": "albedo_normal",
    "prefilter": "accurate",
    "light_tree": False,
    "threads": cores(),
}


def worker_settings(settings: dict[str, Any], library: AssetLibrary) -> dict[str, Any]:
    """What an engine with these settings tells its worker."""
    with Cycles().open(Cycles.Params(**settings), library, cores()) as session:
        return session.settings


@dataclass(frozen=True)
class Drawn:
    """Worlds, ready for a worker.

    Args:
        library: realises their assets.
        worlds, specs: the worlds, and each one's views.
        messages: paths of the world messages.
        views: frame messages by world and view.
    """

    library: AssetLibrary
    exchange: Exchange
    worlds: list[World]
    specs: list[list[FrameSpec]]
    messages: list[str]
    views: list[list[dict[str, Any]]]


@contextmanager
def draw(scene: Path, worlds: int, sets: tuple[str, ...] = ()) -> Iterator[Drawn]:
    """The first worlds of a scene with seed 0; their arrays are on disk until the exit."""
    registry = Registry.installed()
    request = RenderRequest(scene, renderer="cycles", sets=sets)
    plan, checked = prepare(request, registry)
    library = AssetLibrary(checked, registry)
    sampler = Sampler(checked, library, plan.seed)
    views = plan.manifest.views_per_world
    exchange = Exchange()
    try:
        drawn = [sampler.world(index) for index in range(worlds)]
        specs = [[sampler.frame(w.index * views + v, w) for v in range(views)] for w in drawn]
        paths = []
        for world in drawn:
            path = exchange.folder / f"world-{world.index}.json"
            path.write_text(json.dumps(world_message(world, library, exchange)))
            paths.append(str(path))
        frames = [
            [frame_message(spec, world, exchange) for spec in views]
            for world, views in zip(drawn, specs, strict=True)
        ]
        yield Drawn(library, exchange, drawn, specs, paths, frames)
    finally:
        exchange.close()
