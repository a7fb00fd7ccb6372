"""Worlds as .blend files, built by the engine's own stage, for the two ways that load one."""

from __future__ import annotations

import os

import bpy
from worker.startup import start_blender

from tests.bench.ways.talk import plan_of_this_process, serve


def main() -> None:
    """Save a world whenever its number comes."""
    start_blender()
    from worker.lens import aim
    from worker.stage import Stage

    plan = plan_of_this_process()
    stage = Stage(plan["out"], plan["settings"])

    def make(world: int) -> float:
        stage.obey({"do": "world", "path": plan["messages"][world]})
        aim(stage.camera, plan["views"][world][0], plan["out"])
        for image in bpy.data.images:
            if image.source == "GENERATED":
                image.pack()
        bpy.ops.wm.save_as_mainfile(filepath=plan["blends"][world], copy=True)
        return 0.0

    serve(make)


if __name__ == "__main__":
    main()
    os._exit(0)  # bpy may hang in the interpreter's shutdown
