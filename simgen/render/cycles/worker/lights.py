"""Lamps through blenderproc, and the environment."""

from __future__ import annotations

import math
from typing import Any

import bpy
import numpy as np
from blenderproc.python.renderer import RendererUtility as renderer
from blenderproc.python.types.LightUtility import Light

from .recent import Recent


def add_lamp(lamp: dict[str, Any]) -> Any:
    """A lamp of the scene; fields as `records.world.Light`, `matrix` lamp to world."""
    light = Light(lamp["kind"].upper(), lamp["name"])
    light.set_energy(lamp["power"])
    light.set_color(lamp["color"])
    light.set_local2world_mat(np.asarray(lamp["matrix"]))
    thing = light.blender_obj
    data = thing.data
    if lamp["kind"] == "sun":
        data.angle = math.radians(lamp["angle_deg"])
    elif lamp["kind"] == "area":
        data.shape = "RECTANGLE"
        data.size, data.size_y = lamp["size_m"]
    else:
        light.set_radius(lamp["radius_m"])
        data.use_soft_falloff = False
    if lamp["kind"] == "spot":
        data.spot_size, data.spot_blend = math.radians(lamp["angle_deg"]), lamp["blend"]
    thing.visible_camera = False  # lamps light, they are not objects of the picture
    return thing


_FINER = 4  # columns of the map that light is sampled by, against the panorama's


class Surroundings:
    """The world's light; panoramas are cached by content."""

    def __init__(self) -> None:
        self.images: Recent[Any] = Recent(bpy.data.images.remove, worlds=4)
        self._current = ""
        bpy.context.scene.world = bpy.context.scene.world or bpy.data.worlds.new("world")

    def show(self, environment: dict[str, Any]) -> None:
        """Light the scene with `{color}`, or with a panorama `{key, path}` in world axes."""
        self.images.next_world()
        if "color" in environment:
            self._current = ""
            renderer.set_world_background(list(environment["color"]))
            return
        key = environment["key"]
        image = self.images.get(key, lambda: _panorama(environment["path"]))
        if key == self._current:
            return
        self._current = key
        renderer.set_world_background([0.0, 0.0, 0.0])
        tree = bpy.context.scene.world.node_tree
        for node in [n for n in tree.nodes if n.type == "TEX_ENVIRONMENT"]:
            tree.nodes.remove(node)
        node = tree.nodes.new("ShaderNodeTexEnvironment")
        node.image = image
        # Left to itself, Cycles evaluates a map of 4096 columns for each world, 2 s on two cores.
        # Four times the panorama's width costs 1 % more noise, its own width doubles the noise.
        sampling = bpy.context.scene.world.cycles
        sampling.sampling_method = "MANUAL"
        sampling.sample_map_resolution = min(_FINER * image.size[0], 4096)
        tree.links.new(node.outputs["Color"], tree.nodes["Background"].inputs["Color"])


def _panorama(path: str) -> Any:
    radiance = np.load(path)
    height, width = radiance.shape[:2]
    image = bpy.data.images.new("panorama", width, height, alpha=False, float_buffer=True)
    image.colorspace_settings.name = "Linear Rec.709"
    rgba = np.ones((height, width, 4), np.float32)
    # Blender's panoramas grow clockwise, ours counter-clockwise; its rows start at the bottom.
    rgba[..., :3] = radiance[::-1, ::-1]
    image.pixels.foreach_set(rgba.ravel())
    image.update()
    return image
