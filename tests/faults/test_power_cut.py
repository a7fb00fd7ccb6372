"""Loss of what was not synced: whatever a power cut leaves, a record has its files.

A disk may lose every byte and every name that nobody synced, and may keep any of them. While a run
writes, each fsync, rename and link is a moment at which the power could go; for each of them the
states that the disk could be in are built and looked at: the least (only what was synced),
names without content, and mixtures by chance.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from simgen.dataset import atomic
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.run import render_dataset

Tree = dict[str, int]  # name below OUT -> inode
MIXTURES = 3


@dataclass
class Moment:
    """The disk at one moment: names and contents as they are, and as they were synced."""

    names: Tree
    are_folders: set[str]
    folders: dict[str, Tree]  # folder -> its entries when it was synced last
    synced: dict[int, bytes]  # inode -> content when it was synced last


@dataclass
class Watch:
    """Follows everything below a folder."""

    root: Path
    moments: list[Moment] = field(default_factory=list)
    folders: dict[str, Tree] = field(default_factory=dict)
    synced: dict[int, bytes] = field(default_factory=dict)

    def entries(self, folder: Path) -> Tree:
        return {entry.name: entry.inode() for entry in os.scandir(folder)}

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def fsync(self, descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        if not path.is_relative_to(self.root):
            return
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            self.folders[self.name(path)] = self.entries(path)
        else:
            self.synced[os.fstat(descriptor).st_ino] = path.read_bytes()
        self.remember()

    def remember(self) -> None:
        there = [path for path in self.root.rglob("*") if "leases" not in self.name(path)]
        names = {self.name(path): path.stat().st_ino for path in there}
        folders = {self.name(path) for path in there if path.is_dir()}
        self.moments.append(Moment(names, folders, dict(self.folders), dict(self.synced)))


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Watch:
    """A folder whose disk is watched from now on."""
    watch = Watch(tmp_path / "out")
    watch.root.mkdir()

    def after(function: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: object, **more: object) -> None:
            function(*arguments, **more)
            watch.remember()

        return call

    def fsync(descriptor: int, real: Callable[[int], None] = os.fsync) -> None:
        real(descriptor)
        watch.fsync(descriptor)

    monkeypatch.setattr(atomic.os, "fsync", fsync)
    monkeypatch.setattr(atomic.os, "rename", after(os.rename))
    monkeypatch.setattr(atomic.os, "link", after(os.link))
    return watch


def left(moment: Moment, kept: Callable[[], bool]) -> dict[str, bytes]:
    """Files after a power cut; `kept` says of each name that nobody synced whether it stayed."""
    out: dict[str, bytes] = {}
    gone: set[str] = set()
    names = set(moment.names) | {
        f"{folder}/{name}".removeprefix("./")
        for folder, tree in moment.folders.items()
        for name in tree
        if name != "leases"  # they need not survive, and are believed for a while at most
    }
    for name in sorted(names):
        folder, _, last = name.rpartition("/")
        sure = moment.folders.get(folder or ".", {}).get(last)
        now = moment.names.get(name)
        inode = sure if sure == now or not kept() else now
        if inode is None or folder in gone:
            gone.add(name)
        elif name not in moment.are_folders:
            out[name] = moment.synced.get(inode, b"")
    return out


def broken(files: dict[str, bytes]) -> list[str]:
    """Records that do not keep what they promise."""
    wrong = []
    for name, data in files.items():
        if name.rpartition("/")[2].startswith(".") or not name.startswith("frames/"):
            continue
        try:
            record = json.loads(data)
        except ValueError:
            wrong.append(f"{name} is damaged")
            continue
        for fact in record["files"].values():
            found = files.get(fact["name"])
            if found is None or hashlib.sha256(found).hexdigest() != fact["sha256"]:
                wrong.append(f"{name} without {fact['name']}")
        world = f"worlds/0000/{record['world']:08d}.json"
        if not files.get(world):
            wrong.append(f"{name} without {world}")
    return wrong


def test_whatever_a_power_cut_leaves_a_record_has_its_files_and_a_rerun_mends_all(
    small_scene: Path,
    tmp_path: Path,
    watched: Watch,
    contents: Callable[[Path], dict[str, bytes]],
) -> None:
    request = RenderRequest(small_scene, range(4))
    render_dataset(request, watched.root)
    moments, undisturbed = list(watched.moments), contents(watched.root)
    assert len(moments) > 40
    rng = np.random.Generator(np.random.PCG64(7))
    states: list[dict[str, bytes]] = []
    for moment in moments:
        states += [left(moment, lambda: False), left(moment, lambda: True)]
        states += [left(moment, lambda: bool(rng.random() < 0.5)) for _ in range(MIXTURES)]
    wrong = [fault for state in states for fault in broken(state)]
    assert not wrong, wrong[:5]
    assert {n for n in states[-1 - MIXTURES] if n.startswith("frames/")} == {
        name for name in undisturbed if name.startswith("frames/")
    }
    for number, state in enumerate(states[:: len(states) // 12]):
        out = tmp_path / f"after{number}"
        for name, data in state.items():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(data)
        render_dataset(request, out)
        assert contents(out) == undisturbed


def test_what_is_done_when_a_run_ends_stays(small_scene: Path, watched: Watch) -> None:
    render_dataset(RenderRequest(small_scene, range(4)), watched.root)
    least = left(watched.moments[-1], lambda: False)
    assert sum(name.startswith("frames/") for name in least) == 4
    assert "manifest.json" in least
    assert not broken(least)
