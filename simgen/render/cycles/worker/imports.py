"""Sources (.blend, URDF, BOP models, other scene formats) to GLB with plain PBR textures.

`imports_open` opens a source and says which objects make which asset; `imports_collect`
evaluates modifiers and instances as a render would see them; `imports_looks` turns every
material into constants and textures, baking (`imports_bake`) what is neither; `imports_write`
exports. What cannot be imported is answered as faults, the rest goes on.

Why not blenderproc's loaders (2.8): `load_urdf` and `load_bop_objs` first install packages from
GitHub with pip; `load_blend` appends objects without their scene (unit, frame, what is hidden or
excluded); `load_obj` keeps meshes only and damages binary PLY files that name a texture, since it
rewrites them as text. Blender's own importers, which it calls, are called here directly.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import bpy

from .imports_collect import Draft, collect
from .imports_faults import Refusal
from .imports_looks import dress, free_names
from .imports_open import open_source
from .imports_original import keep_originals
from .imports_write import files_in_use, write_glb


class Importer:
    """Obeys the engine's import messages.

    Args:
        settings: `threads`.
        say: sends a message while work goes on.
    """

    def __init__(self, settings: dict[str, Any], say: Callable[[dict[str, Any]], None]) -> None:
        self.settings, self.say = settings, say

    def obey(self, message: dict[str, Any]) -> dict[str, Any]:
        """Import one source into `message["out"]`.

        Returns:
            `assets` (what was written), `faults` (where, what, cure), `inputs` (paths of all
            files that were read).
        """
        assets: list[dict[str, Any]] = []
        faults: list[dict[str, str]] = []
        inputs = {message["source"]}
        with _gathered(faults, message["source"]):
            for opened in open_source(message):
                inputs |= files_in_use() | opened.files
                faults += opened.faults
                assets += self._write(opened.drafts, message, len(assets), faults)
        if not assets and not faults:
            what = "nothing in it has faces that a render would show"
            faults.append({"where": message["source"], "what": what, "cure": "look at it"})
        return {"done": "import", "assets": assets, "faults": faults, "inputs": sorted(inputs)}

    def _write(
        self,
        drafts: list[Draft],
        message: dict[str, Any],
        before: int,
        faults: list[dict[str, str]],
    ) -> list[dict[str, Any]]:
        stage = _bake_stage(self.settings["threads"])
        out: list[dict[str, Any]] = []
        found = list(collect(drafts, stage))
        names = free_names()
        for number, (draft, pieces) in enumerate(found):
            self.say({"progress": draft.name, "number": number, "count": len(found)})
            path = os.path.join(message["out"], f"{before + len(out)}")
            with _gathered(faults, draft.where):
                dressed, notes = dress(pieces, names, message["size_px"], draft.where)
                write_glb(pieces, path + ".glb")
                facts: dict[str, Any] = {"name": draft.name, "glb": path + ".glb"}
                if message["keep_original"]:
                    kept = keep_originals(dressed, pieces)
                    facts |= kept.write(path + ".blend")
                    notes += kept.notes
                baked = [f"{d.slot} {channel}" for d in dressed for channel in d.baked]
                facts |= {"notes": [*draft.notes, *notes], "facts": draft.facts, "baked": baked}
                out.append(facts)
                bpy.data.batch_remove([d.made for d in dressed])
            bpy.data.batch_remove([piece.thing for piece in pieces])
        return out


@contextmanager
def _gathered(faults: list[dict[str, str]], where: str) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        faults += refusal.faults
    except RuntimeError as error:  # what Blender's operators raise
        traceback.print_exc()
        what = f"Blender failed: {str(error).strip()}"
        faults.append({"where": where, "what": what, "cure": "open it in Blender to see more"})


def _bake_stage(threads: int) -> Any:
    """A scene of its own for baking and export, made the window's."""
    scene = bpy.data.scenes.new("simgen")
    bpy.context.window.scene = scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = 8  # smooths the edges of procedural patterns; nothing here is noisy
    scene.cycles.use_denoising = scene.cycles.use_adaptive_sampling = False
    scene.cycles.seed = 0
    if threads:
        scene.render.threads_mode, scene.render.threads = "FIXED", threads
    return scene
