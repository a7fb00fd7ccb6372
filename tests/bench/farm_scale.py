"""Scheduling at scale, simulated: a million frames, hundreds of workers, random faults.

Books, drives, leases and quarantine are the real ones on a folder in memory; workers and time are
made up (`tests/pipeline/farm/simulation.py`). Workers are killed, crash after a commit, hang, fail,
grow; whole nodes are lost; drivers are killed, or stopped for longer than they are believed to
live, alone or with their workers.
`ms_per_world` is the processor time of one core that all drivers together take for a world, files
of leases included.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.pipeline.farm.simulation import Rates, simulate

WORLDS, VIEWS = 20_000, 50
CALM = Rates(0, 0, 0, 0, 0, node_s=1e12, driver_s=1e12)
MEMORY = Path("/dev/shm")


def measure() -> list[dict]:
    """With and without faults, one driver and four."""
    cases = ((500, 1, Rates()), (500, 4, Rates()), (500, 1, CALM), (50, 1, CALM))
    return [_row(*case) for case in cases]


def _row(workers: int, drivers: int, rates: Rates) -> dict:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        made = simulate(Path(folder), WORLDS, VIEWS, workers, drivers, seed=1, rates=rates)
    return {
        "frames": len(made.commits),
        "worlds": WORLDS,
        "workers": workers,
        "drivers": drivers,
        "faults": sum(made.faults.values()),
        "of_nodes_and_drivers": sum(n for kind, n in made.faults.items() if kind in _LARGE),
        "made_once": int((made.commits == 1).sum()),
        "runs_needed": made.passes,
        "ms_per_world": round(1e3 * made.scheduling_s / WORLDS, 2),
    }


_LARGE = ("node", "driver killed", "driver stopped", "machine stopped")
