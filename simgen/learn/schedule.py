"""How long, how fast and where to learn: plain data that every trainer shares, no torch needed."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

WEIGHTS = "weights.safetensors"


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn; see `simgen.learn.sections` for each field."""

    steps: int = 0
    epochs: float = 0.0
    max_minutes: float = 0.0
    batch: int = 16
    learning_rate: float = 0.002
    weight_decay: float = 0.05
    warm_up: float = 0.05
    clip_norm: float = 10.0
    ema_decay: float = 0.998


@dataclass(frozen=True)
class Machine:
    """Where the work is done; changes speed and memory, not what is learnt."""

    device: str = "auto"
    precision: str = "auto"
    threads: int = 0
    workers: int = -1
    cache_mib: int = 2048
    crops: str = "auto"
    log_every: int = 10
    checkpoint_every: int = 200


def calm_threads() -> None:
    """Let torch's threads sleep while they wait for each other; to be called before its import.

    By default they spin, which is fastest on an idle machine. Beside other work each spinning
    thread takes the core that the awaited one needs: measured with four busy neighbours on two
    cores, a training step took 4.7 s spinning and 1.7 s sleeping.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def sha256_of(path: Path) -> str:
    """Hex digest of a file."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
