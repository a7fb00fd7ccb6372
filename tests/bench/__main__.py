"""`make bench`: measures the path and writes docs/bench.md.

Every figure is measured on this machine in this run; compare ratios, not seconds, across
machines. Sections can be named: `python -m tests.bench throughput start`. With `--tiny` the
Cycles sections show in minutes that they work; such figures are printed, not written.
"""

from __future__ import annotations

import datetime
import importlib.util
import json
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.bench import (
    augmenting,
    balance,
    curating,
    cycles_memory,
    cycles_quality,
    cycles_quality_page,
    cycles_speed,
    farm,
    farm_scale,
    memory,
    split,
    start,
    throughput,
    worlds,
)

ROOT = Path(__file__).parents[2]
CYCLES = {
    "cycles-speed": cycles_speed,
    "cycles-quality": cycles_quality,
    "cycles-memory": cycles_memory,
}
SECTIONS = {
    "throughput": throughput,
    "split": split,
    "worlds": worlds,
    "balance": balance,
    "memory": memory,
    "farm": farm,
    "farm-scale": farm_scale,
    "start": start,
    "augmenting": augmenting,
    "curating": curating,
    **CYCLES,
}
# What the Cycles sections import besides simgen, and where it comes from.
_NEEDED = {
    "bpy": "cycles",
    "blenderproc": "cycles",
    "skimage": "bench",
    "flip_evaluator": "bench",
    "psutil": "bench",
    "matplotlib": "bench",
}


def machine() -> str:
    """Processor, cores and versions, in one line."""
    cpu = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    versions = []
    for name in ("numpy", "open3d", "mujoco", "bpy", "blenderproc", "simgen"):
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    found = ", ".join(versions)
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, {found}"


def main() -> None:
    """Run the sections that were named, or all that this environment can."""
    arguments = sys.argv[1:]
    tiny = "--tiny" in arguments
    chosen = [name for name in arguments if name != "--tiny"]
    chosen = chosen or list(CYCLES if tiny else SECTIONS)
    wrong = [name for name in chosen if name not in (CYCLES if tiny else SECTIONS)]
    if wrong:
        sys.exit(f"no such section: {', '.join(wrong)}; there are: {', '.join(SECTIONS)}")
    for name in chosen:
        lacking = missing() if name in CYCLES else ""
        if lacking:
            print(f"# {name}: left out, {lacking}", flush=True)
            continue
        print(f"# {name}", flush=True)
        if tiny:
            rows = CYCLES[name].measure(tiny=True)
        else:
            rows = SECTIONS[name].measure()
            store(name, rows)
        for row in rows:
            print(json.dumps(row), flush=True)


def missing() -> str:
    """What the Cycles sections cannot do without, or an empty text."""
    lacking = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    extras = sorted({_NEEDED[name] for name in lacking})
    install = f"pip install -e '.[{','.join(extras)}]' (Python 3.11)"
    return f"{', '.join(lacking)} not installed: {install}" if lacking else ""


def store(name: str, rows: list[dict]) -> None:
    """Put a section's rows into docs/, at once: a later section may fail."""
    path = ROOT / "docs" / "bench.json"
    stored = json.loads(path.read_text()) if path.is_file() else {}
    stored[name] = {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "command": f"python -m tests.bench {name}",
        "rows": rows,
    }
    path.write_text(json.dumps(stored, indent=1) + "\n")
    (ROOT / "docs" / "bench.md").write_text(page(stored))
    if name == "cycles-quality":
        cycles_quality_page.write(stored[name])


def page(stored: dict) -> str:
    """The figures as Markdown tables."""
    lines = ["# Measured speed", "", "Made by `make bench`; times are wall clock.", ""]
    for name, module in SECTIONS.items():
        if name not in stored:
            continue
        entry = stored[name]
        lines += [f"## {name}", "", (module.__doc__ or "").strip(), ""]
        lines += [f"{entry['date']}: {entry['machine']}.", "", f"`{entry['command']}`", ""]
        if name == "cycles-quality":
            lines += ["The figures are in [quality.md](quality.md).", ""]
            continue
        columns = list(dict.fromkeys(key for row in entry["rows"] for key in row))
        lines.append("| " + " | ".join(columns) + " |")
        lines.append("|" + "---|" * len(columns))
        for row in entry["rows"]:
            lines.append("| " + " | ".join(str(row.get(key, "")) for key in columns) + " |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
