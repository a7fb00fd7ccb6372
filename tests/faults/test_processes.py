"""Processes that die, hang and grow: the same records as without, or a list of what is missing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trimesh

PLUGINS = Path(__file__).parent / "plugins"
FARM = "kind: local\njobs: 2\nthreads: 1\nbackoff_s: 0.05\nstall_limit_s: 4\n"
FRAMES = 16
Simgen = Callable[..., "subprocess.CompletedProcess[str]"]
Contents = Callable[[Path], "dict[str, bytes]"]


class Bench:
    """A scene, the faulty ray caster, and OUT folders."""

    def __init__(self, folder: Path, scene: Path) -> None:
        self.folder, self.scene = folder, scene
        self.faults = folder / "faults"
        self.faults.mkdir()
        self.farm = folder / "farm.yaml"
        self.farm.write_text(FARM)

    def command(self, out: Path, *more: object) -> list[str]:
        words = [sys.executable, "-m", "simgen.cli", "render", self.scene, "--out", out, "--json",
                 "--frames", FRAMES, "--renderer", "faulty", "--plugin-dir", PLUGINS,
                 "--farm", self.farm, *more]  # fmt: skip
        return [str(word) for word in words]

    def environment(self, names: Iterable[str] = (), **more: str) -> dict[str, str]:
        for name in names:
            (self.faults / name).touch()
        return os.environ | {"SIMGEN_FAULTS": str(self.faults)} | more

    def run(
        self, out: Path, names: Iterable[str] = (), *more: object, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Render, with these faults."""
        return subprocess.run(
            self.command(out, *more), env=self.environment(names, **environment),
            capture_output=True, text=True, timeout=280,
        )  # fmt: skip

    def start(self, out: Path, names: Iterable[str] = ()) -> subprocess.Popen[str]:
        """The same, without waiting."""
        return subprocess.Popen(
            self.command(out), env=self.environment(names), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def used(self) -> set[str]:
        """Faults that happened."""
        return {path.name.removeprefix("used-") for path in self.faults.glob("used-*")}


@pytest.fixture
def bench(tmp_path: Path, small_scene: Path) -> Bench:
    return Bench(tmp_path, small_scene)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """Bytes of undisturbed runs, made once."""
    return {}


@pytest.fixture
def undisturbed(bench: Bench, kept: dict[str, Any], contents: Contents) -> dict[str, bytes]:
    """What the bench's scene gives without faults."""
    if "it" not in kept:
        done = bench.run(bench.folder / "whole")
        assert done.returncode == 0, done.stderr
        kept["it"] = contents(bench.folder / "whole")
    found: dict[str, bytes] = kept["it"]
    return found


def wait_for(what: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def records(out: Path) -> int:
    return len(list((out / "frames").rglob("0*.json")))


def test_workers_that_die_hang_and_grow_change_nothing(
    bench: Bench, undisturbed: dict[str, bytes], contents: Contents
) -> None:
    faults = {"1.kill", "4.unrecorded", "6.stop", "9.stubborn", "13.crash", "14.grow"}
    out = bench.folder / "out"
    done = bench.run(out, faults, "--memory-limit", 1500)
    assert done.returncode == 0, done.stderr
    assert bench.used() == faults
    assert contents(out) == undisturbed
    assert json.loads(done.stdout)["frames"] == FRAMES
    assert not (out / "quarantine").exists()
    assert not (out / "leases").exists()


# Where a group of processes can be bounded, and where that tells what was killed: versions 2 and 1.
GROUPS = (
    (Path("/sys/fs/cgroup"), "memory.max", "memory.events"),
    (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes", "memory.oom_control"),
)


@pytest.fixture
def bounded() -> Iterator[tuple[Path, Path]]:
    """A control group with little memory, and its file of events."""
    for root, limit, events in GROUPS:
        group = root / f"simgen-test-{os.getpid()}"
        if not (root / "cgroup.procs").exists() or os.geteuid() != 0:
            continue
        group.mkdir()
        try:
            if (group / limit).exists() and (group / "cgroup.procs").exists():
                (group / limit).write_text(str(2200 << 20))
                yield group, group / events
                wait_for(lambda g=group: not (g / "cgroup.procs").read_text(), 30)  # type: ignore[misc]
                return
        finally:
            group.rmdir()
    pytest.skip("bounding memory needs a control group that may be made")


def test_a_worker_that_the_kernel_kills_for_memory(
    bench: Bench,
    undisturbed: dict[str, bytes],
    contents: Contents,
    bounded: tuple[Path, Path],
) -> None:
    (group, events), out = bounded, bench.folder / "out"
    enter = f'echo $$ > {group}/cgroup.procs && exec "$@"'
    done = subprocess.run(
        ["sh", "-c", enter, "sh", *bench.command(out, "--stall-limit", 90)],
        env=bench.environment({"5.devour"}), text=True, capture_output=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    counts = dict(line.split() for line in events.read_text().splitlines())
    assert int(counts["oom_kill"]) >= 1
    assert bench.used() == {"5.devour"}
    assert contents(out) == undisturbed


def test_a_killed_driver_is_taken_up_where_it_was(
    bench: Bench, undisturbed: dict[str, bytes], contents: Contents
) -> None:
    out = bench.folder / "out"
    with bench.start(out, {"10.nap", "11.nap", "12.nap"}) as driver:
        wait_for(lambda: records(out) >= 3)
        driver.kill()
        driver.communicate(timeout=30)
    made = contents(out)
    assert made.items() <= undisturbed.items()
    assert 3 <= records(out) < FRAMES
    again = bench.run(out)
    assert again.returncode == 0, again.stderr
    facts = json.loads(again.stdout)
    assert facts["skipped"] == sum(name.startswith("frames/") for name in made)
    assert contents(out) == undisturbed
    assert not (out / "leases").exists()


def test_two_drivers_at_once_make_each_frame_once(
    bench: Bench, undisturbed: dict[str, bytes], contents: Contents
) -> None:
    out = bench.folder / "out"
    drivers = [bench.start(out), bench.start(out)]
    made = 0
    for driver in drivers:
        told, said = driver.communicate(timeout=240)
        assert driver.returncode == 0, said
        made += json.loads(told)["frames"]
    assert made == FRAMES
    assert contents(out) == undisturbed


def test_a_poison_world_is_set_aside_and_made_when_it_is_well_again(
    bench: Bench, undisturbed: dict[str, bytes], contents: Contents
) -> None:
    out = bench.folder / "out"
    done = bench.run(out, {"7.crash.keep"})
    assert done.returncode == 1
    facts = json.loads(done.stdout)
    assert (facts["failed_worlds"], facts["frames"]) == ([3], FRAMES - 1)
    made = contents(out)
    assert set(undisturbed) - set(made) >= {"frames/0000/00000007.json"}
    place = out / "quarantine" / "00000003"
    reason = json.loads((place / "reason.json").read_bytes())
    assert len(reason["tries"]) == 3
    assert "SIGSEGV" in reason["tries"][0]["faults"][0]["what"]
    assert (place / "00000003.json").read_bytes() == made["worlds/0000/00000003.json"]
    (bench.faults / "7.crash.keep").unlink()
    again = bench.run(out)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["frames"] == 1
    assert contents(out) == undisturbed
    assert not (out / "quarantine").exists()


def test_a_poison_mesh_costs_the_worlds_that_show_it(
    bench: Bench, tmp_path: Path, contents: Contents
) -> None:
    meshes = tmp_path / "meshes"
    for name in ("apple", "brick", "cup"):
        (meshes / name).mkdir(parents=True)
        trimesh.creation.box(extents=(0.04, 0.05, 0.06)).export(meshes / name / f"{name}.ply")
    text = bench.scene.read_text()
    block = "  blocks: {asset: meshes, path: meshes, count: 1}\n"
    lines = [block if "blocks" in line else line for line in text.splitlines(keepends=True)]
    bench.scene.write_text("".join(lines))
    assert bench.run(tmp_path / "whole").returncode == 0
    whole, out = contents(tmp_path / "whole"), tmp_path / "out"
    assert bench.run(out, (), "--range", "0:2").returncode == 2  # --frames and --range
    first = bench.command(out)
    first[first.index("--frames") + 1] = "2"
    subprocess.run(first, check=True, capture_output=True, env=bench.environment())
    spoilt, well = meshes / "cup" / "cup.ply", tmp_path / "well.ply"
    shutil.copy(spoilt, well)
    spoilt.write_bytes(b"ply\nformat binary_little_endian 1.0\nelement vertex 99999999\n")
    done = bench.run(out)
    assert done.returncode == 1, done.stderr
    lost = set(json.loads(done.stdout)["failed_worlds"])
    shown = {
        json.loads(data)["index"]
        for name, data in whole.items()
        if name.startswith("worlds/") and b"cup" in data
    }
    assert lost == {world for world in shown if world > 0}
    assert lost
    made = contents(out)
    frames = {name for name in made if name.startswith("frames/")}
    assert {name: made[name] for name in frames}.items() <= whole.items()
    assert len(frames) == FRAMES - 2 * len(lost)
    assert "cup.ply" in (out / "quarantine" / f"{min(lost):08d}" / "log.txt").read_text()
    shutil.copy(well, spoilt)
    again = bench.run(out)
    assert again.returncode == 0, again.stderr
    assert contents(out) == whole


def test_out_that_turns_read_only_under_the_run(
    bench: Bench, undisturbed: dict[str, bytes], contents: Contents, tmpfs: Any
) -> None:
    with tmpfs(bench.folder / "disk", "size=20m", lazy=True) as disk:
        done = bench.run(disk / "out", {"8.readonly"}, SIMGEN_DISK=str(disk))
        assert bench.used() == {"8.readonly"}
        assert done.returncode == 1, done.stderr
        assert "Read-only file system" in done.stderr
        assert "Traceback" not in done.stderr
        made = contents(disk / "out")
        assert made.items() <= undisturbed.items()
        assert 0 < records(disk / "out") < FRAMES
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        again = bench.run(disk / "out")
        assert again.returncode == 0, again.stderr
        assert contents(disk / "out") == undisturbed


def test_a_driver_that_is_stopped_and_goes_on(
    bench: Bench, undisturbed: dict[str, bytes], contents: Contents
) -> None:
    out = bench.folder / "out"
    with bench.start(out) as driver:
        wait_for(lambda: records(out) >= 2)
        driver.send_signal(signal.SIGSTOP)
        time.sleep(5)  # longer than the limit for silence
        driver.send_signal(signal.SIGCONT)
        _, said = driver.communicate(timeout=200)
    assert driver.returncode == 0, said
    assert contents(out) == undisturbed
