"""Blender alone: `bpy.ops.render.render` and nothing else is on the clock.

The file is loaded and its images are decoded before the clock starts; no pass but the colour
is made; the picture stays in memory. Views share the loaded scene and persistent data.
"""

from __future__ import annotations

import os
import time

import bpy
from mathutils import Matrix

from tests.bench.ways.talk import plan_of_this_process, serve


def main() -> None:
    """Render a world's views whenever its number comes."""
    plan = plan_of_this_process()

    def make(world: int) -> float:
        bpy.ops.wm.open_mainfile(filepath=plan["blends"][world])
        scene = bpy.context.scene
        scene.cycles.samples = plan["settings"]["samples"]
        layer = bpy.context.view_layer
        layer.use_pass_z = layer.use_pass_normal = layer.use_pass_object_index = False
        for image in bpy.data.images:
            if image.has_data or image.packed_file:
                _ = image.pixels[0]
        seconds = 0.0
        for view in plan["views"][world]:
            matrix = Matrix(view["matrix"])
            matrix.col[1], matrix.col[2] = -matrix.col[1], -matrix.col[2]  # from OpenCV's axes
            scene.camera.matrix_world = matrix
            scene.cycles.seed = view["seed"]
            began = time.perf_counter()
            bpy.ops.render.render()
            seconds += time.perf_counter() - began
        return seconds

    serve(make)


if __name__ == "__main__":
    main()
    os._exit(0)  # bpy may hang in the interpreter's shutdown
