"""Brings up bpy and the parts of blenderproc in use, inside a plain Python process.

blenderproc 2.8 wants to be started by its own command: on import it asks for an environment
variable, and its set-up installs packages into Blender's Python. With the variable that its
`run` command sets for the outer script, `import blenderproc` does neither, and its modules
can be imported one by one; `blenderproc.init()` is replaced by the parts of it that we want.
"""

from __future__ import annotations

import os


def start_blender() -> dict[str, str]:
    """Versions of what was started.

    Raises:
        ImportError: bpy, or something that blenderproc needs, is not installed.
    """
    import bpy  # first: blenderproc needs it loaded

    os.environ["OUTSIDE_OF_THE_INTERNAL_BLENDER_PYTHON_ENVIRONMENT_BUT_IN_RUN_SCRIPT"] = "1"
    import blenderproc

    # Here, so that what is missing shows at the start.
    from blenderproc.python.camera import CameraUtility  # noqa: F401
    from blenderproc.python.renderer import RendererUtility  # noqa: F401
    from blenderproc.python.types import LightUtility  # noqa: F401

    forbid_scripts()
    return {"bpy": bpy.app.version_string, "blenderproc": blenderproc.__version__}


def forbid_scripts() -> None:
    """Preferences under which nothing that lies in a .blend is run: scripts, Python drivers."""
    import bpy

    bpy.context.preferences.filepaths.use_scripts_auto_execute = False
    bpy.context.preferences.edit.use_global_undo = False
