"""Start-up of the command line."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

SIMGEN = str(Path(sys.executable).parent / "simgen")


def measure() -> list[dict]:
    """Median wall milliseconds of twenty runs, and a bare interpreter's beside it."""
    rows = []
    for name, command in (
        ("simgen --help", [SIMGEN, "--help"]),
        ("python -c pass", [sys.executable, "-c", "pass"]),
    ):
        times = []
        for _ in range(20):
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times.append((time.perf_counter() - began) * 1000)
        rows.append({"command": name, "median_ms": round(statistics.median(times), 1)})
    return rows
