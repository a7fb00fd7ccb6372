"""A clock that is set back, or runs ahead, in the middle of a dataset: nothing depends on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simgen.pipeline import runs
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.run import render_dataset
from simgen.pipeline.status import status_of

Contents = Callable[[Path], "dict[str, bytes]"]


def test_runs_at_times_that_go_backwards(
    small_scene: Path, tmp_path: Path, contents: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    render_dataset(RenderRequest(small_scene, range(8)), tmp_path / "whole")
    out = tmp_path / "out"
    for stop, year in ((2, 2031), (4, 1999), (8, 2024)):

        class Clock(datetime):
            """Stands still, in a year of its own."""

            @classmethod
            def now(cls, tz: object = None, year: int = year) -> datetime:  # type: ignore[override]
                return datetime(year, 5, 1, tzinfo=UTC)

        monkeypatch.setattr(runs, "datetime", Clock)
        monkeypatch.setattr("time.time", lambda year=year: (year - 1970) * 31_557_600.0)
        render_dataset(RenderRequest(small_scene, range(stop)), out)
        for path in out.rglob("*"):
            os.utime(path, (3e9 - stop * 1e8,) * 2)  # times of files go backwards, too
    assert contents(out) == contents(tmp_path / "whole")
    found = status_of(out)
    assert (found.done, found.left, found.runs) == (8, 0, {"done": 3})


# The wall clock of a process and its children goes back by two years as soon as a file is there.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long shift(void) {
    const char *file = getenv("SIMGEN_CLOCK");
    return file && access(file, F_OK) == 0 ? -63072000L : 0;
}
int clock_gettime(clockid_t id, struct timespec *out) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int done = real(id, out);
    if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) out->tv_sec += shift();
    return done;
}
int gettimeofday(struct timeval *out, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
"""


def test_the_clock_of_a_running_driver_is_set_back(
    small_scene: Path, tmp_path: Path, contents: Contents
) -> None:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("a clock that can be set needs a C compiler")
    (tmp_path / "shim.c").write_text(SHIM)
    build = [compiler, "-shared", "-fPIC", "-o", "shim.so", "shim.c", "-ldl"]
    subprocess.run(build, cwd=tmp_path, check=True)
    back, seen = tmp_path / "back", tmp_path / "seen"
    environment = os.environ | {"LD_PRELOAD": str(tmp_path / "shim.so"), "SIMGEN_CLOCK": str(back)}
    render = [sys.executable, "-m", "simgen.cli", "render", str(small_scene), "--frames", "40"]
    whole = tmp_path / "whole"
    subprocess.run([*render, "--out", whole, "--jobs", "2"], check=True, capture_output=True)
    out = tmp_path / "out"
    with subprocess.Popen(
        [*render, "--out", out, "--jobs", "2"], env=environment, stderr=subprocess.PIPE
    ) as driver:
        while not list(out.glob("frames/0000/0*.json")) and driver.poll() is None:
            time.sleep(0.01)
        back.touch()
        _, said = driver.communicate(timeout=200)
    assert driver.returncode == 0, said
    assert contents(out) == contents(whole)
    log = runs.newest(out)
    assert log is not None
    assert 0 < log.duration_s < 200
    show = f"import time, pathlib; pathlib.Path({str(seen)!r}).write_text(str(time.time()))"
    subprocess.run([sys.executable, "-c", show], env=environment, check=True)
    assert float(seen.read_text()) < time.time() - 6e7, "the clock was not set back"
