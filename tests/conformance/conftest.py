"""Lets entry points of this room's tests name the module `wrong_plugins`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
