"""A world's view rendered once, then denoised in every way: Cycles' own denoiser on its passes.

`bpy.ops.cycles.denoise_animation` runs Cycles' denoiser on the noisy picture and the guides
that a render stored, so that variants of the denoiser need no second rendering. It wants a
motion pass beside them.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import bpy
from worker.startup import start_blender

from tests.bench.ways.talk import plan_of_this_process, serve


def main() -> None:
    """Render and denoise view N of the world whenever its number comes."""
    start_blender()
    from worker.settings import set_denoiser
    from worker.stage import Stage

    plan = plan_of_this_process()
    stage = Stage(plan["out"], plan["settings"])
    layer = bpy.context.view_layer
    layer.use_pass_vector = layer.cycles.denoising_store_passes = True
    stage.obey({"do": "world", "path": plan["message"]})

    def make(number: int) -> float:
        view = plan["views"][number]
        began = time.process_time()
        stage.obey(view)
        seconds = time.process_time() - began
        times = {}
        for name, settings in plan["variants"].items():
            set_denoiser({**plan["settings"], **settings})
            began = time.process_time()
            bpy.ops.cycles.denoise_animation(
                input_filepath=view["path"], output_filepath=f"{view['path']}.{name}.exr"
            )
            times[name] = time.process_time() - began
        set_denoiser(plan["settings"])
        Path(f"{view['path']}.json").write_text(json.dumps(times))
        return seconds

    serve(make)


if __name__ == "__main__":
    main()
    os._exit(0)  # bpy may hang in the interpreter's shutdown
