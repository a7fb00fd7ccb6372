"""Commits: whole or not there, whatever goes wrong in between."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from simgen.dataset import atomic
from simgen.errors import RunFolderError, StorageError


def _files(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def test_commit_writes_all(tmp_path: Path) -> None:
    atomic.commit([(tmp_path / "a" / "x", b"1"), (tmp_path / "b" / "y", b"22")])
    assert (tmp_path / "a" / "x").read_bytes() == b"1"
    assert _files(tmp_path) == ["x", "y"]


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_full_disk_leaves_nothing_of_a_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    calls = 0
    real = os.fsync

    def fsync(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(StorageError) as caught:
        atomic.commit([(tmp_path / name, b"data") for name in ("one", "two", "record")])
    assert "free some space" in str(caught.value)
    assert _files(tmp_path) == []


def test_the_last_name_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[str] = []
    real = os.rename

    def rename(source: Any, target: Any) -> None:
        named.append(Path(target).name)
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    atomic.commit([(tmp_path / name, b"data") for name in ("image", "depth", "record")])
    assert named == ["image", "depth", "record"]


def test_replacing_keeps_the_old_file_when_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.json"
    atomic.write_atomic(path, b"old")

    def fsync(descriptor: int) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(StorageError, match="writable"):
        atomic.write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert _files(tmp_path) == ["index.json"]


def test_create_exclusive_accepts_equal_bytes_and_refuses_others(tmp_path: Path) -> None:
    path = tmp_path / "world.json"
    assert atomic.create_exclusive(path, b"same")
    assert not atomic.create_exclusive(path, b"same")
    with pytest.raises(RunFolderError, match="other content"):
        atomic.create_exclusive(path, b"other")
    assert path.read_bytes() == b"same"
    assert _files(tmp_path) == ["world.json"]


def test_create_exclusive_without_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(source: Any, target: Any) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", link)
    path = tmp_path / "world.json"
    assert atomic.create_exclusive(path, b"same")
    assert not atomic.create_exclusive(path, b"same")
    with pytest.raises(RunFolderError):
        atomic.create_exclusive(path, b"other")


def test_a_stream_that_breaks_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "coco.json"
    path.write_bytes(b"old")

    def interrupted() -> None:
        with atomic.atomic_stream(path) as stream:
            stream.write(b"half")
            raise KeyError("stop")

    with pytest.raises(KeyError):
        interrupted()
    assert path.read_bytes() == b"old"
    assert _files(tmp_path) == ["coco.json"]
