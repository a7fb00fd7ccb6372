"""Held-out assets: drawn from one side only, with the categories of both."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from simgen.errors import SceneFileError
from simgen.sampling.sampler import Sampler

TRIANGLE = "v 0 0 0\nv .1 0 0\nv 0 .1 0\nf 1 2 3\n"
SCENE = """
scene: {{type: flying}}
objects: {{parts: {{asset: meshes, path: meshes, count: 6, split: {{share: 0.5, part: {part}}}}}}}
"""


def _drawn(make_sampler: Callable[..., Sampler], part: str) -> tuple[set[str], list[str]]:
    sampler = make_sampler(SCENE.format(part=part))
    worlds = [sampler.world(i) for i in range(6)]
    names = {thing.asset.variant for world in worlds for thing in world.instances}
    return names, [category.name for category in sampler._scene.categories]


def test_the_parts_share_nothing_but_the_categories(
    tmp_path: Path, make_sampler: Callable[..., Sampler]
) -> None:
    (tmp_path / "meshes").mkdir()
    names = [f"thing{i}" for i in range(8)]
    for name in names:
        (tmp_path / "meshes" / f"{name}.obj").write_text(TRIANGLE)
    train, categories = _drawn(make_sampler, "train")
    test, same = _drawn(make_sampler, "test")
    assert train
    assert test
    assert not train & test
    assert categories == same == names
    (tmp_path / "meshes" / "extra").mkdir()
    (tmp_path / "meshes" / "extra" / "more.obj").write_text(TRIANGLE)
    grown, _ = _drawn(make_sampler, "train")
    assert not grown & test


def test_an_empty_part_is_a_fault(tmp_path: Path, make_sampler: Callable[..., Sampler]) -> None:
    (tmp_path / "meshes").mkdir()
    (tmp_path / "meshes" / "only.obj").write_text(TRIANGLE)
    faults = []
    for part in ("train", "test"):
        try:
            assert _drawn(make_sampler, part)[0] == {"only"}
        except SceneFileError as error:
            faults.append(error.faults[0].what)
    assert len(faults) == 1
    assert "none of the 1 assets is in the part" in faults[0]


RUNS = """
scene: {type: flying}
objects:
  packs:
    asset: box
    count: 9
    size_m: [{uniform: [0.02, 0.2]}, 0.05, 0.05]
    repeat: REPEAT
"""


def _sizes(make_sampler: Callable[..., Sampler], repeat: str) -> list[float]:
    drawn = make_sampler(RUNS.replace("REPEAT", repeat)).drawn(3)
    assert [entry.thing.name for entry in drawn] == [f"packs.{i}" for i in range(9)]
    assert all(entry.params.size_m[0] == entry.thing.asset.params["size_m"][0] for entry in drawn)
    return [entry.params.size_m[0] for entry in drawn]


def test_runs_of_objects_look_the_same(make_sampler: Callable[..., Sampler]) -> None:
    single, runs = _sizes(make_sampler, "1"), _sizes(make_sampler, "4")
    assert len(set(single)) == 9
    # A run looks as its first object looks without runs: nothing else was moved.
    assert runs == [single[0]] * 4 + [single[4]] * 4 + [single[8]]


def test_lengths_of_runs_can_be_drawn(make_sampler: Callable[..., Sampler]) -> None:
    sizes = _sizes(make_sampler, "{randint: [2, 4]}")
    firsts = [0] + [i for i in range(1, 9) if sizes[i] != sizes[i - 1]]
    lengths = [b - a for a, b in pairwise(firsts)]
    assert lengths
    assert set(lengths) <= {2, 3, 4}
