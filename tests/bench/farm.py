"""The farm on this machine: small frames through one and two workers, Ray, memory, the index.

2,000 ray-cast frames of 64 x 48 pixels, four views a world, one thread a worker. Rates are taken
between the first and the last frame, by the times of their records, without the start of
interpreters and clusters. `parent_mib` is what the process that hands out the work holds after
each quarter of the frames. The index is written for sets that are copies of the same frames under
other numbers; `peak_mib` is of the whole process. With fewer than three free cores the driver and
its two workers share them, and the machine's other work shows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FRAMES = 2000
INDEXED = (2000, 4000, 8000, 16000, 32000)
SCENE = """\
simgen: 1
scene: {type: flying}
objects:
  things: {asset: box, count: {randint: [4, 8]}, category: thing}
views_per_world: 4
render: {engine: raycast, size: [64, 48], quality: draft}
outputs: [rgb, depth, instances]
"""
FINALIZE = """
import json, resource, sys, time
from pathlib import Path
from simgen.dataset.coco import finalize
began = time.perf_counter()
images, labels = finalize(Path(sys.argv[1]))
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"images": images, "annotations": labels, "seconds": seconds, "peak": peak}))
"""


def measure() -> list[dict]:
    """Throughput with one worker, two, and two of Ray, twice each in turn; then the index."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "scene.yaml").write_text(SCENE)
        cases = {"local, 1 worker": (1, "local"), "local, 2 workers": (2, "local"),
                 "ray, 2 workers": (2, "ray")}  # fmt: skip
        found: dict[str, list[dict]] = {name: [] for name in cases}
        for turn in range(2):
            for name, (jobs, farm) in cases.items():
                out = place / f"{farm}{jobs}-{turn}"
                found[name].append({"what": name, **run(place / "scene.yaml", out, jobs, farm)})
        best = [max(rows, key=lambda row: row["frames_per_second"]) for rows in found.values()]
        base = best[0]["frames_per_second"]
        for row in best:
            row["times_one_worker"] = round(row["frames_per_second"] / base, 2)
        return best + [index(place / "local2-0", place, count) for count in INDEXED]


def run(scene: Path, out: Path, jobs: int, farm: str) -> dict:
    """One run; the driver's memory is looked at from outside."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "simgen.cli", "render", str(scene), "--out", str(out)]
    command += ["--frames", str(FRAMES), "--farm", farm, "--jobs", str(jobs), "--threads", "1"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
    ) as driver:
        seen: list[tuple[int, float]] = []
        while driver.poll() is None:
            time.sleep(0.5)
            seen.append((_count(out), _resident_mib(driver.pid)))
    if driver.returncode:
        sys.exit(f"simgen render --farm {farm} failed")
    records = [path.stat().st_mtime_ns for path in (out / "frames").rglob("*.json")]
    seconds = (max(records) - min(records)) / 1e9
    row = {
        "frames": len(records),
        "seconds": round(time.perf_counter() - began, 1),
        "frames_per_second": round((len(records) - 1) / seconds, 1),
        "times_one_worker": 0.0,
    }
    working = [(done, mib) for done, mib in seen if 0 < done < FRAMES]
    quarters = [_after(working, share * FRAMES) for share in (0.25, 0.5, 0.75, 1.0)]
    return {**row, "parent_mib": ", ".join(f"{mib:.0f}" for mib in quarters)}


def environment() -> dict[str, str]:
    """Ray starts a small cluster of this machine for the run."""
    return os.environ | {"RAY_DISABLE_IMPORT_WARNING": "1", "RAY_USAGE_STATS_ENABLED": "0"}


def index(source: Path, place: Path, count: int) -> dict:
    """Seconds and memory of `finalize` for so many frames."""
    out = place / f"set{count}"
    copies(source, out, count)
    done = subprocess.run(
        [sys.executable, "-c", FINALIZE, str(out)], check=True, capture_output=True, text=True
    )
    facts = json.loads(done.stdout)
    return {
        "what": "finalize",
        "frames": facts["images"],
        "seconds": round(facts["seconds"], 2),
        "ms_per_frame": round(1e3 * facts["seconds"] / facts["images"], 2),
        "peak_mib": round(facts["peak"]),
    }


def copies(source: Path, out: Path, count: int) -> None:
    """A dataset of `count` frames: those of another one again and again, under new numbers."""
    from simgen.dataset.layout import Layout

    old, new = Layout(source), Layout(out)
    views = json.loads(old.manifest.read_text())["views_per_world"]
    known = list(old.frames())
    out.mkdir()
    os.link(old.manifest, new.manifest)
    for number in range(count):
        frame = known[number % len(known)]
        record = json.loads(old.record(frame).read_bytes())
        world = number // views
        for name, fact in record["files"].items():
            path = new.output(name, number)
            path.parent.mkdir(parents=True, exist_ok=True)
            os.link(source / fact["name"], path)
            fact["name"] = new.output_name(name, number)
        if number % views == 0:
            drawn = json.loads(old.world(record["world"]).read_bytes())
            _write(new.world(world), {**drawn, "index": world})
        _write(new.record(number), {**record, "frame": number, "world": world})


def _write(path: Path, plain: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(plain))


def _count(out: Path) -> int:
    frames = out / "frames" / "0000"
    return len(os.listdir(frames)) if frames.is_dir() else 0


def _resident_mib(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _after(seen: list[tuple[int, float]], frames: float) -> float:
    """What was held when so many frames were there, or last."""
    later = [mib for done, mib in seen if done >= frames]
    return later[0] if later else seen[-1][1]
