"""What this machine has, and how many workers it feeds."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from simgen.pipeline.farm.work import Share, Work
from simgen.pipeline.memory import machine_bytes

# Version 2 and 1 of Linux' control groups: how much processor time a container may use.
_QUOTA = Path("/sys/fs/cgroup/cpu.max")
_QUOTA_1 = Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us")
_PERIOD_1 = Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us")
_USABLE = 0.9  # of the memory: the rest is for the system and this process


def cores() -> int:
    """Cores that this process may use, a container's share counted."""
    seen = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        seen = len(os.sched_getaffinity(0))
    quota = _quota()
    seen = seen if quota is None else max(1, min(seen, math.ceil(quota)))
    granted = _granted("SLURM_CPUS_PER_TASK")  # not every cluster binds a task to its cores
    return min(seen, granted) if granted else seen


def gpus() -> tuple[str, ...]:
    """Ids of the GPUs that this process may use, as CUDA numbers them."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return tuple(word.strip() for word in visible.split(",") if word.strip())
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    ask = [tool, "--query-gpu=index", "--format=csv,noheader"]
    with suppress(OSError, subprocess.SubprocessError):
        listed = subprocess.run(ask, capture_output=True, text=True, timeout=30, check=True)
        return tuple(listed.stdout.split())
    return ()


def usable_mib() -> float:
    """Memory that workers may fill together, MiB; 0: unknown."""
    seen = machine_bytes() / 2**20
    granted = _granted("SLURM_MEM_PER_NODE")
    return _USABLE * (min(seen or granted, granted) if granted else seen)


def _granted(name: str) -> int:
    """A number that Slurm tells its tasks; 0: none."""
    with suppress(ValueError):
        return int(os.environ.get(name, "0"))
    return 0


def shares_of(
    work: Work, jobs: int, threads: int, gpu_ids: tuple[str, ...] | None, pieces: int
) -> list[Share]:
    """The workers that a machine feeds.

    Args:
        work: what they are for.
        jobs: how many; 0: one a GPU, or as many as cores and memory allow.
        threads: of each; 0: its part of the cores.
        gpu_ids: pinned in turn, one a worker; None: those of the machine if the work uses any.
        pieces: more workers than that would idle.
    """
    ids = gpu_ids if gpu_ids is not None else (gpus() if work.gpu else ())
    if not jobs:
        jobs = len(ids) or _fitting(work, threads)
    jobs = max(1, min(jobs, pieces))
    threads = threads or max(1, cores() // jobs)
    return [Share(i, threads, ids[i % len(ids)] if ids else "") for i in range(jobs)]


def _fitting(work: Work, threads: int) -> int:
    by_cores = max(1, cores() // (threads or work.threads))
    usable = usable_mib()
    by_memory = int(usable // work.memory_mib) or 1
    return min(by_cores, by_memory) if usable else by_cores


def _quota() -> float | None:
    with suppress(OSError, ValueError):  # "max" is no number
        quota, period = _QUOTA.read_text().split()
        return int(quota) / int(period)
    with suppress(OSError, ValueError):
        found = int(_QUOTA_1.read_text()) / int(_PERIOD_1.read_text())
        return found if found > 0 else None  # -1: no limit
    return None
