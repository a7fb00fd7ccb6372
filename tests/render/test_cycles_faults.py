"""The Cycles worker may crash, hang or be missing; nothing of it stays behind."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cycles_rig import cycles, needs_bpy, views
from worlds import FakeLibrary, camera, demo_world, world_of

from simgen.errors import MissingExtraError, WorkError
from simgen.records.asset import Surface
from simgen.render.cycles import Cycles
from simgen.render.cycles.exchange import Exchange
from simgen.render.cycles.process import WorkerDied


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Exchange folders of this test; empty again when it ends."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


def test_without_bpy_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"simgen\[cycles\].*--renderer raycast"):
        Cycles().open(Cycles.Params(), FakeLibrary(), 1)


@pytest.mark.parametrize("kind", ["nowhere", "without bpy"])
def test_another_interpreter_without_bpy(kind: str, tmp_path_factory: pytest.TempPathFactory):
    python = tmp_path_factory.mktemp("bin") / "python"
    if kind == "without bpy":
        python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')  # no site-packages
        python.chmod(0o755)
    library = FakeLibrary()
    with cycles(library, python=str(python)) as session, pytest.raises(MissingExtraError) as error:
        list(session.render(demo_world(library), views(camera())))
    assert "--renderer raycast" in str(error.value)


@needs_bpy
def test_a_killed_worker_costs_an_attempt_only():
    library = FakeLibrary()
    world, specs = demo_world(library), views(camera(), camera(eye=(0.4, 0.4, 0.4)))
    with cycles(library) as session:
        expected = [frame.rgb for frame in session.render(world, specs)]
        frames = session.render(world, specs)
        first = next(frames)
        old = session.worker.pid
        os.kill(old, signal.SIGKILL)
        second = next(frames)
        assert next(frames, None) is None
        assert session.worker.pid != old
    assert np.array_equal(first.rgb, expected[0])
    assert np.array_equal(second.rgb, expected[1])


@needs_bpy
def test_a_worker_killed_between_worlds_costs_one_attempt():
    library = FakeLibrary()
    world, specs = demo_world(library), views(camera())
    with cycles(library, retries=1) as session:
        expected = [frame.rgb for frame in session.render(world, specs)]
        session.worker._process.kill()
        session.worker._process.wait()  # the next message meets a closed pipe
        (again,) = session.render(world, specs)
    assert np.array_equal(again.rgb, expected[0])


@needs_bpy
def test_a_hung_worker_is_replaced():
    library = FakeLibrary()
    world, specs = demo_world(library), views(camera())
    with cycles(library) as session:
        list(session.render(world, specs))
        old = session.worker.pid
        os.kill(old, signal.SIGSTOP)  # it ignores SIGTERM now
        session.params = session.params.model_copy(update={"timeout_s": 8.0})
        assert len(list(session.render(world, specs))) == 1
        assert session.worker.pid != old
        assert not Path(f"/proc/{old}").exists()


@needs_bpy
def test_a_world_that_always_fails_is_reported(monkeypatch: pytest.MonkeyPatch):
    library = FakeLibrary()
    world, specs = demo_world(library), views(camera())
    with cycles(library) as session:
        list(session.render(world, specs))
        session.worker._process.kill()

        def refuse():
            raise WorkerDied("it ended with signal SIGSEGV")

        with monkeypatch.context() as patch:
            patch.setattr(session, "ready_worker", refuse)
            with pytest.raises(WorkError, match=r"(?s)world 0.*failed 2 times.*SIGSEGV"):
                list(session.render(world, specs))
        assert len(list(session.render(world, specs))) == 1  # the next one is none the worse


@needs_bpy
def test_an_abandoned_world_does_not_disturb_the_next():
    library = FakeLibrary()
    world = demo_world(library)
    specs = views(camera(), camera(eye=(0.4, 0.4, 0.4)), camera(eye=(-0.4, 0.4, 0.4)))
    with cycles(library) as session:
        expected = [frame.rgb for frame in session.render(world, specs)]
        frames = session.render(world, specs)
        next(frames)
        frames.close()
        again = [frame.rgb for frame in session.render(world, specs[1:])]
    assert all(np.array_equal(a, b) for a, b in zip(again, expected[1:], strict=True))


@needs_bpy
def test_frames_repeat_and_workers_are_recycled():
    library = FakeLibrary()
    world, specs = demo_world(library), views(camera(), camera(eye=(0.4, 0.4, 0.4)))
    with cycles(library, worlds_per_worker=1, denoiser="oidn") as session:
        first = [frame.rgb for frame in session.render(world, specs)]
        assert session.worker is None
        alone = [frame.rgb for frame in session.render(world, specs[1:])]
    assert np.array_equal(first[1], alone[0])
    assert not np.array_equal(first[0], first[1])


@needs_bpy
def test_pixels_do_not_depend_on_the_worlds_before():
    library = FakeLibrary()
    world, specs = demo_world(library), views(camera())
    other = world_of(world.objects[1:], world.lights[:1])
    with cycles(library) as session:
        first = next(iter(list(session.render(world, specs)))).rgb
        list(session.render(other, views(camera(eye=(0.4, 0.4, 0.4)), first=7)))
        again = next(iter(list(session.render(world, specs)))).rgb
    assert np.array_equal(first, again)


@needs_bpy
def test_many_worlds_do_not_pile_up():
    library = FakeLibrary()
    world = demo_world(library)
    memory = []
    with cycles(library) as session:
        for number in range(20):
            fresh = np.full((256, 256, 3), number, np.uint8)  # another texture every time
            ball = library.assets["ball"]
            library.assets["ball"] = replace(
                ball, surfaces=(Surface(base_color_image=fresh, uv_in_metres=True),)
            )
            list(session.render(world, views(camera(width=64, height=48), first=number)))
            memory.append(session.worker.memory_mib)
    assert memory[-1] - memory[9] < 40, memory


_DOOMED = """
import sys
sys.path.insert(0, {tests!r})
from cycles_rig import cycles, views
from worlds import FakeLibrary, camera, demo_world, world_of
library = FakeLibrary()
with cycles(library) as session:
    list(session.render(demo_world(library), views(camera())))
    print(session.worker.pid, flush=True)
    sys.stdin.read()
"""


@needs_bpy
def test_a_killed_engine_leaves_no_worker_and_no_files(folder: Path):
    code = _DOOMED.format(tests=str(Path(__file__).parent))
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as engine:
        pid = int(engine.stdout.readline())
        assert list(folder.iterdir())
        engine.kill()
    deadline = time.monotonic() + 30
    while (list(folder.iterdir()) or _alive(pid)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _alive(pid)


def test_what_killed_processes_left_is_swept_and_the_living_keep_theirs(folder: Path):
    code = (
        "import os, signal; from simgen.render.cycles.exchange import Exchange; "
        "e = Exchange(); print(e.folder, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    dead = Path(killed.stdout.strip())
    assert dead.is_dir()
    mine, other = Exchange(), Exchange()
    try:
        assert not dead.exists()
        assert mine.folder.exists()
        assert other.folder.exists()
    finally:
        mine.close()
        other.close()


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # a zombie waits for whoever inherited it
