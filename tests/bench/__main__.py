"""`make bench`: measures the path and writes docs/bench.md.

Every figure is measured on this machine in this run; compare ratios, not seconds, across
machines. Sections can be named: `python -m tests.bench throughput start`.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from tests.bench import memory, split, start, throughput, worlds

ROOT = Path(__file__).parents[2]
SECTIONS = {
    "throughput": throughput.measure,
    "split": split.measure,
    "worlds": worlds.measure,
    "memory": memory.measure,
    "start": start.measure,
}


def machine() -> str:
    """Processor, cores and versions, in one line."""
    cpu = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    names = ("numpy", "open3d", "mujoco", "simgen")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}"


def main() -> None:
    """Run the sections that were named, or all."""
    chosen = sys.argv[1:] or list(SECTIONS)
    path = ROOT / "docs" / "bench.json"
    stored = json.loads(path.read_text()) if path.is_file() else {}
    for name in chosen:
        print(f"# {name}", flush=True)
        stored[name] = {
            "date": datetime.date.today().isoformat(),
            "machine": machine(),
            "command": f"python -m tests.bench {name}",
            "rows": SECTIONS[name](),
        }
        for row in stored[name]["rows"]:
            print(json.dumps(row), flush=True)
    path.write_text(json.dumps(stored, indent=1) + "\n")
    (ROOT / "docs" / "bench.md").write_text(page(stored))


def page(stored: dict) -> str:
    """The figures as Markdown tables."""
    lines = ["# Measured speed", "", "Made by `make bench`; times are wall clock.", ""]
    for name in SECTIONS:
        if name not in stored:
            continue
        entry = stored[name]
        lines += [f"## {name}", "", f"{entry['date']}: {entry['machine']}.", ""]
        lines += [f"`{entry['command']}`", ""]
        columns = list(dict.fromkeys(key for row in entry["rows"] for key in row))
        lines.append("| " + " | ".join(columns) + " |")
        lines.append("|" + "---|" * len(columns))
        for row in entry["rows"]:
            lines.append("| " + " | ".join(str(row.get(key, "")) for key in columns) + " |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
