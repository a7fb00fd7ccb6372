"""blenderproc as in its example `coco_annotations`: normals and segmentation, then COCO.

What its authors' script does, step by step, with the settings of the other ways: `init`,
`load_blend`, a category per object, intrinsics and camera poses, normals and segmentation
output, `render`, `write_coco_annotations` with JPEG pictures. It is spared what its command
does before a script runs (looking for Blender, `pip list`), and, for worlds after the first,
setting its outputs up once more: an output node per world would be added each time.
"""

from __future__ import annotations

import os
import tempfile
import time
from typing import Any

import bpy
import numpy as np
from worker.startup import start_blender

from tests.bench.ways.talk import plan_of_this_process, serve


class Script:
    """The example's script.

    Args:
        plan: what to render.
        temporary: where blenderproc keeps its intermediate files; memory, as by its command.
    """

    def __init__(self, plan: dict, temporary: str) -> None:
        from blenderproc.python.utility.Utility import Utility

        self.plan = plan
        self.first = True
        Utility.temp_dir = temporary
        self._init()
        self._set_renderer(plan["settings"])

    def _init(self) -> None:
        from blenderproc.python.utility.Initializer import _Initializer, clean_up

        # `init` without its choice of English: bpy from the registry has one language only.
        clean_up(clean_up_camera=True)
        _Initializer.set_default_parameters()

    def _set_renderer(self, settings: dict[str, Any]) -> None:
        from blenderproc.python.renderer import RendererUtility as renderer

        renderer.set_render_devices(use_only_cpu=True)
        renderer.set_cpu_threads(settings["threads"])
        renderer.set_max_amount_of_samples(settings["samples"])
        renderer.set_noise_threshold(settings["noise_threshold"])
        renderer.set_light_bounces(
            diffuse_bounces=settings["diffuse_bounces"],
            glossy_bounces=settings["glossy_bounces"],
            ao_bounces_render=0,
            max_bounces=settings["max_bounces"],
            transmission_bounces=settings["transmission_bounces"],
            transparent_max_bounces=settings["transparent_bounces"],
            volume_bounces=0,
        )
        # Its denoiser is OIDN in the compositor, with albedo and normals as guides.
        for node in bpy.context.scene.node_tree.nodes:
            if node.bl_idname == "CompositorNodeDenoise":
                node.prefilter = settings["prefilter"].upper()

    def make(self, world: int) -> float:
        """Seconds from an empty scene to the written annotations."""
        from blenderproc.python.utility.Initializer import clean_up
        from blenderproc.python.writer.CocoWriterUtility import write_coco_annotations

        began = time.perf_counter()
        if not self.first:
            clean_up()
        self._load(world)
        self._place_camera(world)
        data = self._render()
        write_coco_annotations(
            os.path.join(self.plan["out"], f"coco-{world}"),
            instance_segmaps=data["instance_segmaps"],
            instance_attribute_maps=data["instance_attribute_maps"],
            colors=data["colors"],
            color_file_format="JPEG",
        )
        return time.perf_counter() - began

    def _load(self, world: int) -> None:
        from blenderproc.python.loader.BlendLoader import load_blend

        path = self.plan["blends"][world]
        loaded = load_blend(path, obj_types=["mesh", "light"], data_blocks=["objects", "worlds"])
        for number, thing in enumerate(loaded):
            if isinstance(thing, bpy.types.World):
                bpy.context.scene.world = thing
                thing.cycles.sampling_method = "AUTOMATIC"  # as its own world settings leave it
                thing["category_id"] = 0
            else:
                thing.set_cp("category_id", number + 1)

    def _place_camera(self, world: int) -> None:
        from blenderproc.python.camera import CameraUtility as camera

        views = self.plan["views"][world]
        lens = views[0]["lens"]
        matrix = [[lens["fx"], 0, lens["cx"] - 0.5], [0, lens["fy"], lens["cy"] - 0.5], [0, 0, 1]]
        camera.set_intrinsics_from_K_matrix(matrix, lens["width"], lens["height"], 1e-3, 1e5)
        flip = np.diag([1.0, -1.0, -1.0, 1.0])
        for view in views:
            camera.add_camera_pose(np.asarray(view["matrix"]) @ flip)

    def _render(self) -> dict[str, Any]:
        from blenderproc.python.renderer import RendererUtility as renderer
        from blenderproc.python.utility.BlenderUtility import get_all_blender_mesh_objects

        if self.first:
            renderer.enable_normals_output()
            renderer.enable_segmentation_output(map_by=["category_id", "instance", "name"])
            self.first = False
        for number, thing in enumerate(get_all_blender_mesh_objects()):
            thing.pass_index = number + 1
        data: dict[str, Any] = renderer.render()
        return data


def main() -> None:
    """Make a world whenever its number comes."""
    start_blender()
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="bench-blenderproc-", dir=place) as temporary:
        script = Script(plan_of_this_process(), temporary)
        serve(script.make)


if __name__ == "__main__":
    main()
    os._exit(0)  # bpy may hang in the interpreter's shutdown
