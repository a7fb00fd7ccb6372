"""What scene types are given: supports of any asset source."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen.assets.library import AssetLibrary
from simgen.errors import AssetError, PluginError
from simgen.plugin.gate import scene_from
from simgen.plugin.registry import Registry
from simgen.records.material import Material
from simgen.records.pose import Pose
from simgen.sampling.kit import SamplingKit
from simgen.sampling.shapes import RememberedShapes
from simgen.spec.document import parse_document


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> SamplingKit:
    folder: Path = tmp_path_factory.mktemp("kit")
    registry = Registry.installed()
    document = parse_document("simgen: 1\nscene: {type: flying}\n", "s.yaml", folder)
    scene = scene_from(document, folder / "s.yaml", registry)
    return SamplingKit([], RememberedShapes(AssetLibrary(scene, registry, folder / "cache")), [])


def test_supports_come_from_any_source(kit: SamplingKit) -> None:
    die = kit.support("weight", "die", {"size_m": 0.05}, Pose((0.0, 0.0, 1.0)), index=2)
    assert (die.name, die.role, die.asset.plugin) == ("scene.weight.2", "support", "die")
    assert die.slots == ("body", "pips")
    assert die.materials == {}
    assert float(kit.bounds_m(die)[1, 2]) == pytest.approx(0.025, abs=1e-4)
    board = kit.box("board", (0.4, 0.2, 0.02), Pose(), Material(), index=1)
    assert board.name == "scene.board.1"
    assert board.asset == kit.box("board", (0.4, 0.2, 0.02), Pose(), Material()).asset


def test_wrong_settings_and_sources_are_told(kit: SamplingKit) -> None:
    with pytest.raises(AssetError, match="die does not take"):
        kit.support("weight", "die", {"edge": 1}, Pose())
    with pytest.raises(PluginError, match="did you mean 'die'"):
        kit.support("weight", "dei", {}, Pose())
