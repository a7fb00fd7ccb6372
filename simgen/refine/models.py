"""What all refiners with a network need to know before torch is loaded."""

from __future__ import annotations

from importlib.util import find_spec

from simgen.errors import Fault, MissingExtraError
from simgen.learn.schedule import calm_threads


def need(where: str, *packages: str) -> None:
    """Make ready for torch, or say what is missing before work is done.

    Raises:
        MissingExtraError: a package is missing.
    """
    missing = [name for name in packages if not find_spec(name)]
    if missing:
        what = f"needs {' and '.join(missing)}"
        raise MissingExtraError(Fault(where, what, "pip install 'simgen[refine]'"))
    calm_threads()
