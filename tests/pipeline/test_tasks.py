"""Which worlds with which views a run has to make."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simgen.dataset.layout import Layout
from simgen.pipeline.plan import RenderRequest, RunPlan, prepare
from simgen.pipeline.run import render_dataset
from simgen.pipeline.tasks import all_tasks, find_missing, tasks_of
from simgen.plugin.registry import Registry


@pytest.fixture
def plan(scene: Path) -> RunPlan:
    """Frames 3 to 12 of a scene with two views a world."""
    return prepare(RenderRequest(scene, range(3, 13)), Registry.installed())[0]


@pytest.mark.parametrize(
    ("frames", "views", "expected"),
    [
        ([0, 1, 2, 3], 2, [(0, (0, 1)), (1, (2, 3))]),
        ([1, 2, 7], 4, [(0, (1, 2)), (1, (7,))]),
        ([], 3, []),
        ([5], 1, [(5, (5,))]),
    ],
)
def test_frames_are_grouped_by_world(frames: list[int], views: int, expected: Any) -> None:
    assert [(task.world, task.frames) for task in tasks_of(frames, views)] == expected


def test_shards_cover_all_frames_once_and_split_no_world(plan: RunPlan) -> None:
    whole = list(all_tasks(plan))
    assert [(t.world, t.frames) for t in whole][:2] == [(1, (3,)), (2, (4, 5))]
    assert [f for task in whole for f in task.frames] == list(range(3, 13))
    for count in (1, 2, 3, 7):
        shards = [list(all_tasks(replace(plan, shard=(i, count)))) for i in range(count)]
        together = sorted((t for shard in shards for t in shard), key=lambda t: t.world)
        assert together == whole
        assert max(map(len, shards)) - min(map(len, shards)) <= 1


def test_the_shard_of_a_world_does_not_depend_on_how_many_frames_are_asked(plan: RunPlan) -> None:
    few = {t.world for t in all_tasks(replace(plan, shard=(1, 3), frames=range(8)))}
    many = {t.world for t in all_tasks(replace(plan, shard=(1, 3), frames=range(800)))}
    assert few == {world for world in many if world < 4}


def test_what_is_missing_is_found_and_kept_small(scene: Path, tmp_path: Path) -> None:
    request = RenderRequest(scene, range(6))
    out = tmp_path / "out"
    render_dataset(RenderRequest(scene, range(2, 4)), out)
    plan = prepare(request, Registry.installed())[0]
    missing = find_missing(plan, Layout(out))
    assert (list(missing.worlds), missing.frames, missing.asked) == ([0, 2], 4, 6)
    assert [(t.world, t.frames) for t in missing.tasks(plan)] == [(0, (0, 1)), (2, (4, 5))]
    assert find_missing(plan, None).frames == 6
    Layout(out).output("depth", 3).unlink()
    assert list(find_missing(plan, Layout(out)).worlds) == [0, 1, 2]
