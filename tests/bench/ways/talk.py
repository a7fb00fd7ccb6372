"""How the bench and a way's process talk: a world's number goes in, seconds come out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[3]
WORKER_HOME = ROOT / "simgen" / "render" / "cycles"  # where `import worker` finds the engine's


def serve(make: Callable[[int], float]) -> None:
    """In the way's process: make worlds as asked; `make` returns the seconds that count."""
    reply = int(sys.argv[2])
    os.write(reply, b"ready\n")
    for line in sys.stdin:
        os.write(reply, f"{make(int(line)):.6f}\n".encode())


class Way:
    """In the bench: a running way.

    Args:
        module: of this package.
        plan: what to render, see `cycles_speed`; written to `folder`.
        folder: for the plan, the log, and whatever the way writes.
    """

    def __init__(self, module: str, plan: dict, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.log = folder / "log.txt"
        path = folder / "plan.json"
        path.write_text(json.dumps({**plan, "out": str(folder)}))
        # A pipe of their own for the answers: Blender prints on standard output.
        answers, reply = os.pipe()
        self._answers = os.fdopen(answers)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", f"tests.bench.ways.{module}", str(path), str(reply)],
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": f"{ROOT}:{WORKER_HOME}"},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(reply,),
                text=True,
            )
        os.close(reply)
        self._answer()

    def make(self, world: int) -> float:
        """Seconds that this world took."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{world}\n")
        self._process.stdin.flush()
        return float(self._answer())

    def _answer(self) -> str:
        line = self._answers.readline()
        if not line:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
            raise RuntimeError(f"{self.log.parent.name} ended:\n{tail}")
        return line.strip()

    def __enter__(self) -> Way:
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._answers.close()


def plan_of_this_process() -> dict:
    """The plan that was named on the command line."""
    plan: dict = json.loads(Path(sys.argv[1]).read_text())
    return plan
