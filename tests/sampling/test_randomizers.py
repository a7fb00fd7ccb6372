import importlib.util
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from simgen.errors import AssetError, SceneFileError
from simgen.records.world import AssetRef, Draft, DraftObject
from simgen.sampling.randomizers.backdrop import Backdrop, BackdropParams
from simgen.sampling.randomizers.blackbody import blackbody
from simgen.sampling.randomizers.environment import EnvironmentParams, EnvironmentRandomizer
from simgen.sampling.randomizers.lights import Lights, LightsParams
from simgen.sampling.randomizers.materials import Materials, MaterialsParams
from simgen.sampling.sampler import Sampler
from simgen.sampling.streams import KeyedStream
from simgen.spec.fields import Root

REF = AssetRef("box", "objects.a", "box", {}, "0")
THINGS = (
    DraftObject("a", 0, REF, attributes={"color": "red"}),
    DraftObject("a", 1, REF, attributes={"color": "blue"}),
    DraftObject("scene.table", 0, REF, "support"),
)
DRAFT = Draft(objects=THINGS)


def stream(index: int = 0) -> KeyedStream:
    return KeyedStream(0, "world", index, "randomizers.x")


@pytest.mark.parametrize(
    ("kelvin", "srgb"), [(2000, (255, 137, 14)), (3000, (255, 180, 107)), (6500, (255, 249, 253))]
)
def test_blackbody_matches_the_published_table(kelvin: int, srgb: tuple[int, ...]) -> None:
    # M. Charity, "Blackbody color datafile", CIE 1931 2 deg, sRGB.
    linear = np.array(blackbody(kelvin))
    shown = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(shown * 255, srgb, atol=9)


def test_lamps_shine_at_the_scene_from_their_shell() -> None:
    params = LightsParams.model_validate(
        {"count": 4, "distance_m": 2, "elevation_deg": {"uniform": [20, 60]}, "target_jitter_m": 0}
    )
    draft = Lights().apply(DRAFT, params, stream())
    for light in draft.lights:
        place = np.array(light.pose.position_m)
        assert np.linalg.norm(place) == pytest.approx(2)
        assert 20 <= np.degrees(np.arcsin(place[2] / 2)) <= 60
        np.testing.assert_allclose(light.pose.rotation() @ [0, 0, -1], -place / 2, atol=1e-9)


def test_one_more_lamp_moves_no_other() -> None:
    few, many = (
        Lights().apply(DRAFT, LightsParams.model_validate({"count": n}), stream()) for n in (2, 5)
    )
    assert many.lights[:2] == few.lights


def test_nothing_to_do_changes_nothing() -> None:
    nobody = MaterialsParams.model_validate({"material": {}, "probability": 0})
    assert Materials().apply(DRAFT, nobody, stream()) == DRAFT
    assert Backdrop().apply(DRAFT, BackdropParams(probability=0), stream()) == DRAFT
    dark = Lights().apply(DRAFT, LightsParams.model_validate({"count": 0}), stream())
    assert replace(dark, facts={}) == DRAFT


def test_materials_by_attribute_slot_and_target() -> None:
    setting = {"by": "color", "of": {"red": {"roughness": 0.1}, "blue": {"roughness": 0.9}}}
    params = MaterialsParams.model_validate(
        {"material": setting, "targets": ["a"], "slots": ["lid"]}
    )
    red, blue, table = Materials().apply(DRAFT, params, stream()).objects
    assert red.materials["lid"].roughness == 0.1
    assert blue.materials["lid"].roughness == 0.9
    assert table == THINGS[2]
    wrong = MaterialsParams.model_validate({"material": {"by": "size", "of": {}}})
    with pytest.raises(SceneFileError, match="no attribute or value"):
        Materials().apply(DRAFT, wrong, stream())


def test_materials_are_drawn_per_object_or_together() -> None:
    setting = {"material": {"roughness": {"uniform": [0, 1]}}}
    apart = Materials().apply(DRAFT, MaterialsParams.model_validate(setting), stream()).objects
    assert apart[0].materials["*"].roughness != apart[1].materials["*"].roughness
    one = MaterialsParams.model_validate(setting | {"together": True})
    both = Materials().apply(DRAFT, one, stream()).objects
    assert both[0].materials == both[1].materials


def test_environment_kinds(tmp_path: Path) -> None:
    (tmp_path / "a.hdr").write_bytes(b"x")
    root = Root(".", tmp_path, "randomizers.x.path")
    hdri = EnvironmentRandomizer().apply(DRAFT, EnvironmentParams(path=root), stream()).environment
    assert hdri.kind == "hdri"
    assert hdri.file is not None
    assert (hdri.file.root, hdri.file.name) == ("randomizers.x.path", "a.hdr")
    kinds = {
        EnvironmentRandomizer().apply(DRAFT, EnvironmentParams(), stream(i)).environment.kind
        for i in range(12)
    }
    assert kinds == {"sky", "constant"}


def test_hdris_without_path_and_bpy_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(AssetError, match="bpy, which brings HDRIs") as caught:
        EnvironmentRandomizer().apply(DRAFT, EnvironmentParams(kinds="hdri"), stream())
    assert "set `path`" in caught.value.faults[0].cure


def test_skies_can_be_realised(make_sampler: Callable[..., Sampler]) -> None:
    sampler = make_sampler(
        "scene: {type: flying}\nrandomizers: {room: {kind: environment, kinds: sky}}\n"
    )
    sky = sampler.world(0).environment
    library = sampler._shapes._library
    pixels = library.environment(sky)  # type: ignore[attr-defined]
    assert np.isfinite(pixels).all()
    assert pixels.max() > 0


def test_backdrop_draws_patterns_and_pictures(tmp_path: Path) -> None:
    patterns = set()
    for index in range(30):
        made = Backdrop().apply(DRAFT, BackdropParams(), stream(index)).background
        assert made is not None
        patterns.add(made.pattern)
    assert len(patterns) > 4
    for name in "ab":
        Image.new("RGB", (2, 2)).save(tmp_path / f"{name}.png")
    root = Root(".", tmp_path, "randomizers.x.texture.path")
    params = BackdropParams.model_validate({"texture": {"path": root}})
    files = set()
    for index in range(12):
        picture = Backdrop().apply(DRAFT, params, stream(index)).background
        assert picture is not None
        assert picture.file is not None
        files.add(picture.file.name)
    assert files == {"a.png", "b.png"}


def test_bundled_environments_need_no_path(make_sampler: Callable[..., Sampler]) -> None:
    if importlib.util.find_spec("bpy") is None:
        pytest.skip("bpy is not installed")
    text = """
scene: {type: flying}
randomizers: {room: {kind: environment, kinds: hdri}}
"""
    sampler = make_sampler(text)
    worlds = [sampler.world(i) for i in range(12)]
    files = {world.environment.file for world in worlds}
    assert len({ref.name for ref in files}) > 2
    assert {ref.root for ref in files} == {"bpy"}
    assert "bpy" not in sys.modules
    library = sampler._shapes._library
    assert library.environment(worlds[0].environment).max() > 1  # type: ignore[attr-defined]
