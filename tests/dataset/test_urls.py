"""Folders behind URLs: what datasets need of a path, on stores whose requests fail now and then."""

from __future__ import annotations

import itertools
import json
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from run_folders import make_frame, make_labels, make_manifest, make_world

from simgen.dataset import urls
from simgen.dataset.atomic import (
    atomic_stream,
    commit,
    create_exclusive,
    remove_tree,
    write_atomic,
)
from simgen.dataset.claims import claim
from simgen.dataset.coco import finalize
from simgen.dataset.frame_writer import FrameWriter
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.dataset.urls import Sizes, UrlPath, place
from simgen.errors import MissingExtraError, RunFolderError, StorageError
from simgen.records.asset import Credit
from simgen.records.serial import to_json


class Flaky(MemoryFileSystem):
    """A store in memory whose requests fail as a seeded stream says, before or after they work."""

    protocol = "flaky"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    rate: ClassVar[float] = 0.0
    failed: ClassVar[int] = 0
    log: ClassVar[list[str]] = []
    rng: ClassVar[np.random.Generator] = np.random.Generator(np.random.PCG64(1))

    def _may_fail(self, name: str, work: Any) -> Any:
        draw = self.rng.random()
        if draw < self.rate / 2:
            Flaky.failed += 1
            raise ConnectionResetError(f"{name}: lost on the way")
        done = work()
        Flaky.log.append(name)
        if draw < self.rate:
            Flaky.failed += 1
            raise TimeoutError(f"{name}: no answer")
        return done

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **more: Any) -> Any:
        write = super().pipe_file

        def put() -> None:  # a real store decides by itself; this one would ask `info`
            if mode == "create" and path in self.store:
                raise FileExistsError(path)
            write(path, value, **more)

        return self._may_fail(f"put {path}", put)

    def cat_file(self, path: str, *args: Any, **more: Any) -> Any:
        read = super().cat_file
        return self._may_fail(f"get {path}", lambda: read(path, *args, **more))

    def put_file(self, lpath: str, rpath: str, **more: Any) -> Any:
        write = super().put_file
        return self._may_fail(f"put {rpath}", lambda: write(lpath, rpath, **more))

    def info(self, path: str, **more: Any) -> Any:
        look = super().info
        return self._may_fail(f"info {path}", lambda: look(path, **more))

    def ls(self, path: str, detail: bool = True, **more: Any) -> Any:
        look = super().ls
        return self._may_fail(f"list {path}", lambda: look(path, detail=detail, **more))


fsspec.register_implementation("flaky", Flaky, clobber=True)


@pytest.fixture
def out(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder on the flaky store, which works well until a test says otherwise."""
    monkeypatch.setattr(urls, "_WAIT_S", 0.0)
    Flaky.store.clear()
    Flaky.pseudo_dirs[:] = [""]
    Flaky.rate, Flaky.failed = 0.0, 0
    Flaky.log.clear()
    yield place("flaky://bucket/set")
    Flaky.rate = 0.0


def frames(out: Path, count: int) -> None:
    """A run folder as a run makes it."""
    layout, manifest = Layout(out), make_manifest()
    create_exclusive(layout.manifest, to_json(manifest))
    writer = FrameWriter(layout, manifest)
    for number in range(count):
        rendered = make_frame(number)
        world = make_world(rendered.spec.world)
        create_exclusive(layout.world(world.index), to_json(world))
        writer.write(rendered, world, make_labels(rendered), (Credit("", "CC0-1.0"),))


def test_names_are_those_of_a_path(out: Path) -> None:
    file = out / "frames" / "0000" / "00000001.json"
    assert str(file) == "flaky://bucket/set/frames/0000/00000001.json"
    assert (file.name, file.stem, file.parent.name) == ("00000001.json", "00000001", "0000")
    assert file.relative_to(out).as_posix() == "frames/0000/00000001.json"
    assert pickle.loads(pickle.dumps(file)) == file
    assert file.resolve() == file
    with pytest.raises(TypeError):
        os.stat(file)
    with pytest.raises(TypeError):
        file.open("wb")


def test_objects_come_and_go(out: Path) -> None:
    file = out / "a" / "b.json"
    assert not file.exists()
    assert not out.is_dir()
    assert list(out.iterdir()) == []
    write_atomic(file, b"{}")
    assert file.is_file()
    assert out.is_dir()
    assert (file.read_bytes(), file.stat().st_size) == (b"{}", 2)
    assert [p.name for p in (out / "a").glob("*.json")] == ["b.json"]
    sizes = Sizes(out)
    assert (sizes("a/b.json"), sizes("a/c.json"), sizes("z/z")) == (2, None, None)
    with atomic_stream(out / "big") as stream:
        stream.write(b"x" * 100_000)
    assert (out / "big").stat().st_size == 100_000
    remove_tree(out / "a")
    remove_tree(out / "a")
    assert not file.exists()
    file.unlink(missing_ok=True)
    with pytest.raises(FileNotFoundError):
        file.read_bytes()


def test_what_must_exist_once_is_created_once(out: Path) -> None:
    file = out / "world.json"
    assert create_exclusive(file, b"1")
    assert create_exclusive(file, b"1")  # its own, or the same: no matter
    with pytest.raises(RunFolderError):
        create_exclusive(file, b"2")
    assert claim(out / "lease", b"me")
    assert not claim(out / "lease", b"you")
    assert (out / "lease").read_bytes() == b"me"


def test_a_record_comes_last_and_the_guard_before_first_and_last(out: Path, tmp_path: Path) -> None:
    local = tmp_path / "photo.jpg"
    local.write_bytes(b"jpg")
    asked: list[int] = []
    files = [
        (out / "images" / "1.jpg", local),
        (out / "d", b"d"),
        (out / "frames" / "1.json", b"r"),
    ]
    commit(files, lambda: asked.append(len(Flaky.log)))
    puts = [line for line in Flaky.log if line.startswith("put")]
    assert [line.rsplit("/", 2)[-1] for line in puts] == ["1.jpg", "d", "1.json"]
    assert asked == [0, 2]
    assert (out / "images" / "1.jpg").read_bytes() == b"jpg"


def test_a_store_that_fails_now_and_then_changes_nothing(out: Path) -> None:
    frames(out, 4)
    steady = {name: bytes(file.getvalue()) for name, file in Flaky.store.items()}
    Flaky.store.clear()
    Flaky.rate = 0.3
    frames(out, 4)
    finalize(out)
    records = list(Dataset.open(out).records())
    Flaky.rate = 0.0
    assert Flaky.failed > 10
    assert len(records) == 4
    shaky = {name: bytes(file.getvalue()) for name, file in Flaky.store.items()}
    assert {name: shaky[name] for name in steady} == steady
    index = json.loads((out / "annotations" / "instances.json").read_bytes())
    assert len(index["images"]) == 4
    assert set(make_manifest().outputs) == set(records[0].files)


def test_leases_survive_lost_answers(out: Path) -> None:
    from simgen.pipeline.farm.lease import Leases

    one, two = Leases(out / "leases", "one"), Leases(out / "leases", "two")
    Flaky.rate = 0.3
    one.beat()
    two.beat()
    for number in range(12):
        first = one.take(f"{number:08d}")
        assert first is not None
        first.check()
        assert two.take(f"{number:08d}") is None
        one.release(first)
    assert Flaky.failed


def test_a_store_that_fails_for_good_is_a_storage_error(out: Path) -> None:
    Flaky.rate = 1.0
    with pytest.raises(StorageError, match="flaky://bucket/set/a"):
        commit([(out / "a", b"1"), (out / "b", b"2")])
    with pytest.raises(StorageError):
        create_exclusive(out / "w", b"1")
    with pytest.raises(RunFolderError, match="cannot be reached"):
        Dataset.open(out)


def test_reading_goes_ahead_in_order(out: Path) -> None:
    paths = [out / f"{n:03d}" for n in range(50)]
    for number, path in enumerate(paths):
        write_atomic(path, str(number).encode())
    loaded = [int(load()) for _, load in urls.ahead(iter(paths))]
    assert loaded == list(range(50))
    some = list(itertools.islice(urls.ahead(iter(paths)), 3))
    assert [path.name for path, _ in some] == ["000", "001", "002"]
    assert list(urls.ahead(iter([]))) == []


def test_places_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    assert place("out/set") == Path("out/set")
    assert not isinstance(place("file:///tmp/x"), UrlPath)
    with pytest.raises(RunFolderError, match="nosuch"):
        place("nosuch://bucket/x")

    def none(*_: object, **__: object) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", none)
    with pytest.raises(MissingExtraError, match="s3fs"):
        place("s3://bucket/x")
