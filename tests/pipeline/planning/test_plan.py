"""From a scene with wishes to a file with numbers, and what the frames of that file hold."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from simgen.annotate.probe import RaycastProbe, probe_of
from simgen.assets.library import AssetLibrary
from simgen.errors import SceneFileError, WorkError
from simgen.pipeline.plan import RenderRequest, prepare, require_planned
from simgen.pipeline.planning.plan import Plan, make_plan
from simgen.plugin.registry import Registry
from simgen.plugin.scene import Scene
from simgen.sampling.sampler import Sampler
from simgen.sampling.views import View, in_case

# Two of the four kinds lie where others hide them, so that labels are not just draws.
SCENE = """
simgen: 1
scene: {type: flying, size_m: 0.25}
objects:
  bricks:
    asset: box
    count: {randint: [3, 7]}
    category: "{color}"
    attributes: {color: {weighted: {red: 10, blue: 1, green: 1, white: 1}}}
    size_m: [{uniform: [0.05, 0.08]}, 0.06, 0.04]
  clutter: {asset: box, category: null, count: 3, size_m: [0.12, 0.1, 0.02]}
camera: {distance_m: {loguniform: [0.5, 3]}, look_at: centre}
labels: {min_visibility: 0.3}
render: {engine: raycast, size: [320, 240]}
"""


def planned(folder: Path, text: str, worlds: int = 32, force: bool = True) -> tuple[Plan, Path]:
    (folder / "scene.yaml").write_text(SCENE + text)
    out = folder / "deep" / "resolved.yaml"
    request = RenderRequest(folder / "scene.yaml")
    return make_plan(request, out, worlds, rounds=2, force=force), out


def looked_at(path: Path, frames: int) -> tuple[list[View], list[dict]]:
    """Views of the frames of a resolved file, as a run makes them, and their facts."""
    scene = _scene(path)
    library = AssetLibrary(scene, Registry.installed())
    sampler = Sampler(scene, library, 0, probe_of(scene, library))
    probe = RaycastProbe(library, scene.file.labels)
    views, facts = [], []
    for number in range(frames):
        world = sampler.world(number)
        spec = sampler.frame(number, world)
        views.append(probe.look(world, spec))
        facts.append(spec.facts)
    return views, facts


def _scene(path: Path) -> Scene:
    return prepare(RenderRequest(path), Registry.installed())[1]


@pytest.fixture(scope="module")
def frames(both: tuple[Plan, Path]) -> tuple[list[View], list[dict]]:
    """96 frames of the resolved file."""
    return looked_at(both[1], 96)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Path]:
    """Balance and an edge case, planned."""
    text = "balance: {classes: uniform}\nstress: {tiny: {share: 0.2, size_px: 9}}\n"
    return planned(tmp_path_factory.mktemp("plan"), text)


def test_labels_come_in_the_wanted_shares(
    both: tuple[Plan, Path], frames: tuple[list[View], list[dict]]
) -> None:
    plan, _ = both
    assert plan.classes["red"].natural > 0.65
    views, _ = frames
    seen = Counter(name for view in views for name in view.category)
    total = sum(seen.values())
    for name in ("red", "blue", "green", "white"):
        assert seen[name] / total == pytest.approx(0.25, abs=0.04), seen
        assert plan.classes[name].expected == pytest.approx(0.25, abs=0.0126)


def test_edge_cases_come_in_their_share_and_are_counted(
    both: tuple[Plan, Path], frames: tuple[list[View], list[dict]]
) -> None:
    plan, out = both
    case = plan.cases["tiny"]
    assert case.natural < 0.2 <= case.expected + 0.004
    scene = _scene(out)
    stress = scene.file.stress
    assert stress is not None
    assert stress.tiny is not None
    views, facts = frames
    hits = [in_case(stress.tiny, view) for view in views]
    share = sum(h.sum() for h in hits) / sum(len(h) for h in hits)
    assert share == pytest.approx(0.2, abs=0.07)
    chosen = [f for f in facts if "stress.case" in f]
    assert len(chosen) / 96 == pytest.approx(stress.tiny.frames or 0, abs=0.02)
    assert all(f["stress.redrawn"] < stress.tries for f in chosen)


def test_the_file_is_plain_numbers_and_needs_no_pilot(both: tuple[Plan, Path]) -> None:
    _, out = both
    data = yaml.safe_load(out.read_text())
    assert out.read_text().startswith("# Written by `simgen plan`")
    odds = data["objects"]["bricks"]["odds"]
    assert odds["red"] < 1 < odds["blue"]
    assert data["balance"]["planned"]["natural"]["red"] > 0.65
    assert 0 < data["stress"]["tiny"]["frames"] < 1
    assert "odds" not in data["objects"]["clutter"]
    require_planned(_scene(out))


def test_the_same_plan_comes_out_again(tmp_path: Path) -> None:
    text = "balance: {classes: {blue: 0.4}}\n"
    (tmp_path / "b").mkdir()
    _, first = planned(tmp_path, text, worlds=8, force=True)
    _, second = planned(tmp_path / "b", text, worlds=8, force=True)
    assert first.read_bytes() == second.read_bytes()


def test_paths_are_written_as_seen_from_the_new_file(tmp_path: Path) -> None:
    from simgen.pipeline.planning.resolved import write_resolved

    (tmp_path / "meshes" / "tri").mkdir(parents=True)
    (tmp_path / "meshes" / "tri" / "tri.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    (tmp_path / "fast.yaml").write_text("raycast: {edge_samples: 0}\n")
    (tmp_path / "s.yaml").write_text(
        "simgen: 1\nscene: {type: tabletop}\nobjects: {a: {asset: meshes, path: meshes}}\n"
        "render: {engine: raycast, quality: fast.yaml}\n"
    )
    out = tmp_path / "x" / "y.yaml"
    write_resolved(_scene(tmp_path / "s.yaml"), out, ["a note"], Registry.installed())
    data = yaml.safe_load(out.read_text())
    assert data["objects"]["a"]["path"] == "../meshes"
    assert data["render"]["quality"] == "../fast.yaml"
    assert _scene(out).roots["objects.a.path"].location == tmp_path / "meshes"


def test_a_share_out_of_reach_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    text = "  rest: {asset: box, category: rest, count: 9, size_m: [0.05, 0.05, 0.05]}\n"
    body = SCENE.replace("camera:", text + "camera:").replace("size_m: 0.25", "size_m: 0.4")
    (tmp_path / "s.yaml").write_text(body + "balance: {classes: {rest: 0.1}}\n")
    out = tmp_path / "r.yaml"
    with pytest.raises(WorkError) as caught:
        make_plan(RenderRequest(tmp_path / "s.yaml"), out, 8, rounds=1)
    fault = next(f for f in caught.value.faults if "rest" in f.what)
    assert "balance.classes.rest" in fault.where
    assert "wanted 0.100" in fault.what
    assert "count" in fault.cure
    assert not out.exists()
    make_plan(RenderRequest(tmp_path / "s.yaml"), out, 8, rounds=1, force=True)
    assert out.exists()


def test_a_quota_out_of_reach_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkError) as caught:
        planned(
            tmp_path, "stress: {tiny: {share: 0.3, size_px: 2}, tries: 3}\n", worlds=8, force=False
        )
    assert "stress.tiny" in caught.value.faults[0].where
    assert "camera.distance_m" in caught.value.faults[0].cure
    assert not (tmp_path / "deep").exists()


def test_a_planned_file_is_not_planned_again(both: tuple[Plan, Path], tmp_path: Path) -> None:
    _, out = both
    with pytest.raises(SceneFileError, match="has been planned") as caught:
        make_plan(RenderRequest(out), tmp_path / "again.yaml", 8)
    wheres = [f.where for f in caught.value.faults]
    assert any("balance.planned" in w for w in wheres)
    assert any("stress.tiny.frames" in w for w in wheres)


def test_nothing_to_plan_is_said(tmp_path: Path) -> None:
    with pytest.raises(SceneFileError, match="nothing to plan"):
        planned(tmp_path, "")


def test_wishes_are_not_rendered_before_they_are_planned(tmp_path: Path) -> None:
    from simgen.pipeline.estimate import estimate
    from simgen.pipeline.run import render_dataset

    (tmp_path / "s.yaml").write_text(SCENE + "balance: {classes: uniform}\nstress: {tiny: 0.1}\n")
    request = RenderRequest(tmp_path / "s.yaml", frames=range(1))
    for attempt in (
        lambda: render_dataset(request, tmp_path / "out"),
        lambda: estimate(request, None),
    ):
        with pytest.raises(SceneFileError) as caught:
            attempt()
        wheres = [f.where for f in caught.value.faults]
        assert any("balance" in w for w in wheres)
        assert any("stress" in w for w in wheres)
        assert "simgen plan s.yaml" in caught.value.faults[0].cure
    assert not (tmp_path / "out").exists()


def test_checking_a_wish_says_what_comes_next(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from simgen.cli.check import command

    (tmp_path / "s.yaml").write_text(SCENE + "balance: {classes: uniform}\n")
    done = CliRunner().invoke(command, [str(tmp_path / "s.yaml"), "--json"])
    assert done.exit_code == 0, done.output
    (where,) = json.loads(done.stdout)["to_plan"]
    assert where.endswith("balance")
    assert "simgen plan s.yaml" in CliRunner().invoke(
        command, [str(tmp_path / "s.yaml")]
    ).output  # fmt: skip


def test_the_verb_tells_and_prints_json(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from simgen.cli.plan import command

    stress = "stress: {extreme_light: 0.1, unusual_pose: 0.05, tries: 3}\n"
    (tmp_path / "s.yaml").write_text(SCENE + stress)
    arguments = [str(tmp_path / "s.yaml"), "--out", str(tmp_path / "r.yaml"), "--worlds", "8"]
    done = CliRunner().invoke(command, [*arguments, "--force", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert set(found["cases"]) == {"extreme_light", "unusual_pose"}
    assert any("unusual_pose" in note for note in found["notes"])  # any pose is usual in the air
