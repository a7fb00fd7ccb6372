"""Bent, twisted, tinted and worn things for engine tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import trimesh
from worlds import FakeLibrary, thing, world_of

from simgen.assets.deforming import deformed
from simgen.assets.finishing.charts import unfolded
from simgen.assets.finishing.realising import tinted, worn
from simgen.records.asset import Surface
from simgen.records.deformation import Deformation
from simgen.records.finish import Finish
from simgen.records.pose import Pose
from simgen.records.world import World, WorldObject

BROWN, PALE = [0.2, 0.1, 0.04], [0.6, 0.55, 0.5]
TINT = Finish(
    "tint", {"hue_deg": 70.0, "saturation": 0.7, "value": 1.1, "roughness": 1.2, "metallic": 0.2}
)
WORN = (
    Finish("dirt", {"amount": 0.6, "color": BROWN}, 1),
    Finish("scratches", {"amount": 0.7, "color": PALE}, 2),
    Finish("fingerprints", {"count": 5}, 3),
    Finish("sticker", {"size_m": 0.07, "turn_deg": 20.0, "roughness": 0.3}, 4),
    Finish("dust", {"amount": 0.5, "color": PALE}, 5),
)


def aged(library: FakeLibrary, item: WorldObject, steps: tuple[Finish, ...]) -> None:
    """Give an object's asset a finish, as the real library would."""
    asset = library.assets[item.asset.variant]
    surfaces = tinted(asset.surfaces, [s for s in steps if s.kind == "tint"])
    layers = [s for s in steps if s.kind != "tint"]
    if layers:
        charts = unfolded(asset.mesh, item.scale, 60_000)
        wear = worn(layers, item.pose, charts, lambda ref: np.zeros((2, 2, 3), np.uint8))
        surfaces = tuple(replace(surface, wear=wear) for surface in surfaces)
    library.assets[item.asset.variant] = replace(asset, surfaces=surfaces)


def aged_world(library: FakeLibrary) -> World:
    """A dusty table; a bent bar, a twisted slab, a worn can and ball, a tinted checkered cube."""
    y, x = np.mgrid[0:32, 0:32] // 8
    checks = np.where(((x + y) % 2)[..., None] == 0, (230, 60, 40), (40, 90, 200)).astype(np.uint8)
    shapes = {
        "table": (trimesh.creation.box((1.2, 1.0, 0.04)), Surface((0.5, 0.35, 0.2))),
        "bar": (trimesh.creation.box((0.3, 0.03, 0.02)), Surface((0.1, 0.5, 0.2))),
        "slab": (trimesh.creation.box((0.06, 0.02, 0.2)), Surface((0.7, 0.6, 0.1))),
        "can": (
            trimesh.creation.cylinder(0.05, 0.14, sections=48),
            Surface((0.9, 0.9, 0.9), metallic=1.0, roughness=0.2),
        ),
        "ball": (trimesh.creation.icosphere(4, 0.06), Surface((0.7, 0.1, 0.1), roughness=0.2)),
        "cube": (
            trimesh.creation.box((0.1, 0.1, 0.1)),
            Surface((0.9, 1.0, 0.8), checks, uv_in_metres=True, tile_m=0.05),
        ),
    }
    refs = {name: library.put(name, *rest) for name, rest in shapes.items()}
    for name, kind, angle in (("bar", "bend", 150.0), ("slab", "twist", 110.0)):
        library.assets[name] = deformed(library.assets[name], [Deformation(kind, angle)])[0]
    things = [
        thing(0, refs["table"], Pose((0, 0, -0.02))),
        thing(1, refs["bar"], Pose((-0.12, -0.14, 0.012))),
        thing(2, refs["slab"], Pose((0.16, -0.1, 0.1))),
        thing(3, refs["can"], Pose((0.02, -0.1, 0.07))),
        thing(4, refs["ball"], Pose((0.1, 0.1, 0.06))),
        thing(5, refs["cube"], Pose.from_yaw((-0.1, 0.08, 0.05), 0.4)),
    ]
    for item, steps in zip(things, (WORN, (), (), WORN, WORN, (TINT,)), strict=True):
        aged(library, item, steps)
    aged(library, things[2], (TINT, WORN[0]))
    return world_of(things)
