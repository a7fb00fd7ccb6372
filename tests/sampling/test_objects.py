"""Held-out assets: drawn from one side only, with the categories of both."""

from __future__ import annotations

from collections.abc import Callable
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
