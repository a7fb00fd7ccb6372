"""OUT behind a URL whose requests fail: fsspec with injected faults, and S3 served by moto."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from simgen.dataset import urls
from simgen.dataset.urls import place
from simgen.errors import StorageError
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.run import render_dataset

Contents = Callable[[Path], "dict[str, bytes]"]


class Unsteady(MemoryFileSystem):
    """A store whose writes and reads fail by chance, before or after they have worked."""

    protocol = "unsteady"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    rate: ClassVar[float] = 0.0
    failed: ClassVar[int] = 0
    left: ClassVar[int] = -1  # writes until the store breaks for good; -1: it never does
    rng: ClassVar[np.random.Generator] = np.random.Generator(np.random.PCG64(3))
    lock: ClassVar[Any] = threading.Lock()

    def chance(self, work: Callable[[], Any]) -> Any:
        with self.lock:
            draw = self.rng.random()
        if draw < self.rate / 2:
            Unsteady.failed += 1
            raise ConnectionResetError("lost on the way")
        done = work()
        if draw < self.rate:
            Unsteady.failed += 1
            raise TimeoutError("no answer")
        return done

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **more: Any) -> Any:
        write = super().pipe_file

        def put() -> None:
            if self.left == 0:
                raise ConnectionRefusedError("gone")
            Unsteady.left -= self.left > 0
            with self.lock:  # a real store decides by itself, at once
                if mode == "create" and path in self.store:
                    raise FileExistsError(path)
                write(path, value, **more)

        return self.chance(put)

    def cat_file(self, path: str, *args: Any, **more: Any) -> Any:
        read = super().cat_file
        return self.chance(lambda: read(path, *args, **more))

    def info(self, path: str, **more: Any) -> Any:
        look = super().info
        return self.chance(lambda: look(path, **more))


fsspec.register_implementation("unsteady", Unsteady, clobber=True)


@pytest.fixture
def unsteady(monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty OUT on the store."""
    monkeypatch.setattr(urls, "_WAIT_S", 0.0)
    Unsteady.store.clear()
    Unsteady.rate, Unsteady.failed, Unsteady.left = 0.0, 0, -1
    return place("unsteady://bucket/set")


def objects(out: Path, names: Iterable[str]) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in names}


def test_requests_that_fail_now_and_then_change_nothing(
    small_scene: Path, tmp_path: Path, contents: Contents, unsteady: Path
) -> None:
    render_dataset(RenderRequest(small_scene, range(8)), tmp_path / "whole")
    undisturbed = contents(tmp_path / "whole")
    Unsteady.rate = 0.15
    result = render_dataset(RenderRequest(small_scene, range(8)), unsteady)
    Unsteady.rate = 0.0
    assert Unsteady.failed > 5
    assert (result.done, result.failures) == (8, ())
    assert objects(unsteady, undisturbed) == undisturbed


@pytest.mark.parametrize("writes", [1, 3, 6, 9, 10, 20])
def test_a_store_that_breaks_is_an_error_and_goes_on_when_it_is_back(
    small_scene: Path, tmp_path: Path, contents: Contents, unsteady: Path, writes: int
) -> None:
    render_dataset(RenderRequest(small_scene, range(4)), tmp_path / "whole")
    undisturbed = contents(tmp_path / "whole")
    Unsteady.left = writes
    with pytest.raises(Exception, match="gone") as caught:
        render_dataset(RenderRequest(small_scene, range(4)), unsteady)
    assert isinstance(caught.value, StorageError) or writes < 3
    Unsteady.left = -1
    for path in list(Unsteady.store):  # the driver could not take its beat away
        if path.endswith(".driver"):
            del Unsteady.store[path]
    for name in (n for n in undisturbed if n.startswith("frames/")):
        if (unsteady / name).is_file():
            files = json.loads((unsteady / name).read_bytes())["files"].values()
            assert all((unsteady / fact["name"]).is_file() for fact in files)
    render_dataset(RenderRequest(small_scene, range(4)), unsteady)
    assert objects(unsteady, undisturbed) == undisturbed


@dataclass
class Gate:
    """Stands before moto's application and turns requests away by chance: 503, as S3 does."""

    inner: Any
    rate: float = 0.0
    refused: int = 0
    puts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = np.random.Generator(np.random.PCG64(5))
        self.lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with self.lock:
            refuse = self.rng.random() < self.rate
            self.refused += refuse
        if refuse:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            body = b"<Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>"
            head = [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
            start_response("503 Slow Down", head)
            return [body]
        if environ["REQUEST_METHOD"] == "PUT":
            self.puts.append(environ["PATH_INFO"])
        answer: Iterable[bytes] = self.inner(environ, start_response)
        return answer


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """A store like S3 on this machine, with a bucket `farm`; workers find it by environment."""
    pytest.importorskip("s3fs", reason="s3fs (extra `farm`) is not installed")
    moto = pytest.importorskip("moto.moto_server.werkzeug_app", reason="moto is not installed")
    from werkzeug.serving import make_server

    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    gate = Gate(moto.create_backend_app("s3"))
    server = make_server("127.0.0.1", 0, gate, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    for name, value in {
        "FSSPEC_S3_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    fsspec.config.set_conf_env(fsspec.config.conf)
    fsspec.filesystem("s3", skip_instance_cache=True).mkdir("farm")
    yield gate
    server.shutdown()
    fsspec.config.conf.pop("s3", None)
    fsspec.get_filesystem_class("s3").clear_instance_cache()


def test_s3_that_refuses_requests_ends_with_the_bytes_of_a_local_run(
    small_scene: Path, tmp_path: Path, contents: Contents, simgen: Any, s3: Gate
) -> None:
    whole = tmp_path / "whole"
    assert simgen("render", small_scene, "--out", whole, "--frames", 8).returncode == 0
    undisturbed = contents(whole)
    s3.rate = 0.05
    made = simgen("render", small_scene, "--out", "s3://farm/set", "--frames", 6, "--jobs", 2)
    assert made.returncode == 0, made.stderr
    s3.rate = 0.0
    assert s3.refused > 3
    more = simgen("render", small_scene, "--out", "s3://farm/set", "--frames", 8, "--json")
    assert more.returncode == 0, more.stderr
    assert json.loads(more.stdout)["skipped"] == 6
    assert objects(place("s3://farm/set"), undisturbed) == undisturbed
    told = simgen("farm", "status", "s3://farm/set", "--json")
    assert json.loads(told.stdout)["done"] == 8, told.stderr
    frame = "00000003"
    puts = [path.split("/")[3] for path in s3.puts if path.split("/")[-1].startswith(frame)]
    assert [name for name in puts if name not in ("leases", "worlds")][-1] == "frames"
    assert not [name for name in os.listdir(tmp_path) if "s3" in name]
