"""The scene of one world at a time, and its renders."""

from __future__ import annotations

import json
import os
import resource
import time
from typing import Any

import bpy
from mathutils import Matrix

from .albedo import write_albedo
from .lens import add_camera, aim
from .lights import Surroundings, add_lamp
from .materials import Materials
from .meshes import Meshes
from .motion import motion
from .settings import apply_settings


class Stage:
    """Obeys the engine's messages.

    Args:
        folder: for shaders and finished frames.
        settings: the engine's Params.
    """

    def __init__(self, folder: str, settings: dict[str, Any]) -> None:
        self.folder = folder
        for thing in list(bpy.data.objects):
            bpy.data.objects.remove(thing)
        apply_settings(settings)
        self.meshes, self.materials = Meshes(), Materials()
        self.surroundings = Surroundings()
        self.camera, self.albedo = add_camera(), bool(settings["albedo"])
        self.things: list[Any] = []

    def obey(self, message: dict[str, Any]) -> dict[str, Any]:
        """Do what a message says: `world` sets the scene, `frame` renders a view of it."""
        start = time.perf_counter()
        kind = message["do"]
        if kind == "world":
            with open(message["path"], encoding="utf-8") as stream:
                self._set(json.load(stream))
        else:
            self._render(message)
        seconds = time.perf_counter() - start
        return {"done": kind, "seconds": seconds, "memory_mib": _memory_mib()}

    def _set(self, world: dict[str, Any]) -> None:
        # Drops Cycles' own scene: one that has seen other worlds keeps its objects in another
        # order, and then the same lamps get other random numbers.
        bpy.context.scene.render.use_persistent_data = False
        bpy.context.scene.render.use_persistent_data = True
        lamps = [thing.data for thing in self.things if thing.type == "LIGHT"]
        bpy.data.batch_remove([*self.things, *lamps])
        self.meshes.held.next_world()
        self.materials.next_world()
        self.things = [self._object(thing) for thing in world["objects"]]
        if self.albedo:
            for thing in self.things:
                for slot in thing.material_slots:
                    write_albedo(slot.material)
        self.things += [add_lamp(lamp) for lamp in world["lights"]]
        self.surroundings.show(world["environment"])
        bpy.context.scene.render.film_transparent = world["transparent"]

    def _object(self, thing: dict[str, Any]) -> Any:
        surfaces = thing["surfaces"]
        mesh = self.meshes.mesh(thing["mesh"]["key"], thing["mesh"]["path"], len(surfaces))
        out = bpy.data.objects.new(thing["name"], mesh)
        out.matrix_world = Matrix(thing["matrix"])
        out.pass_index = thing["id"]
        for slot, surface in zip(out.material_slots, surfaces, strict=True):
            slot.link = "OBJECT"
            slot.material = self.materials.material(surface)
        bpy.context.scene.collection.objects.link(out)
        return out

    def _render(self, view: dict[str, Any]) -> None:
        scene = bpy.context.scene
        aim(self.camera, view, self.folder)
        scene.cycles.seed = view["seed"]
        # Renamed when whole, so that the engine never reads half a file.
        scene.render.filepath = view["path"] + ".part"
        with motion(self.camera, self.things, view["moving"]):
            bpy.ops.render.render(write_still=True)
        os.replace(view["path"] + ".part", view["path"])


def _memory_mib() -> float:
    """Resident memory; its peak where the system does not tell the present (macOS)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:
            pages = int(stream.read().split()[1])
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)
