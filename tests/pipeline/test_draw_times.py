"""How long worlds took to draw stands beside the run logs, in no record."""

from __future__ import annotations

import json
from pathlib import Path

from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.run import render_dataset


def test_each_drawn_world_has_a_row(scene: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    render_dataset(RenderRequest(scene), out)
    [path] = (out / "runs").glob("draws-*.jsonl")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["world"] for row in rows] == [0, 1]
    for row in rows:
        assert row["draw_s"] > 0
        world = json.loads((out / f"worlds/0000/{row['world']:08d}.json").read_text())
        assert row["placed"] == world["counts"]["placed"]
    assert "draw_s" not in "".join(p.read_text() for p in out.rglob("0000/*.json"))
    render_dataset(RenderRequest(scene), out)  # nothing is drawn again
    assert len(path.read_text().splitlines()) == 2
