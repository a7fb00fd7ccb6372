"""Cards: variants, sides, drawings, and faces from folders."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from simgen.assets.card import Card, CardParams
from simgen.errors import AssetError
from simgen.records.pose import Pose
from simgen.spec.fields import Root

CARDS = Path(__file__).parents[2].parent / "shared" / "assets" / "cards"


def test_variants() -> None:
    variants = Card().variants(CardParams(jokers=2))
    assert len(variants) == 54
    by_name = {v.name: v.attributes for v in variants}
    assert by_name["queen-hearts"] == {"name": "queen-hearts", "rank": "queen", "suit": "hearts"}
    assert by_name["joker-red"]["rank"] == "joker"
    some = Card().variants(CardParams(ranks=("nine", "ace"), suits=("clubs",)))
    assert [v.name for v in some] == ["nine-clubs", "ace-clubs"]


def test_side() -> None:
    up, over = Pose(), Pose((0, 0, 0), (math.cos(1.4), math.sin(1.4), 0, 0))
    assert Card().states(CardParams(), "ace-spades", up) == {"side": "front"}
    assert Card().states(CardParams(), "ace-spades", over) == {"side": "back"}
    assert Card().state_values(CardParams()) == {"side": ("front", "back")}


def test_sheet() -> None:
    asset = Card().build(CardParams(), "ace-spades")
    mesh = asset.mesh
    size = np.ptp(mesh.bounds(), axis=0)
    np.testing.assert_allclose(size, [0.0635, 0.0889, 0.0003], atol=1e-7)
    solid = trimesh.Trimesh(mesh.vertices_m, mesh.faces, process=False)
    assert solid.is_watertight
    assert asset.slots == ("front", "back", "edge")
    assert (mesh.normals[mesh.slot == 0] == [0, 0, 1]).all()
    assert mesh.uv is not None
    points = mesh.vertices_m[mesh.faces]
    front, back = mesh.slot == 0, mesh.slot == 1
    # v grows with y on both sides; u grows with x in front and against it behind.
    for side, sign in ((front, 1), (back, -1)):
        u, v = mesh.uv[side][:, :, 0] - 0.5, mesh.uv[side][:, :, 1] - 0.5
        np.testing.assert_allclose(u * 0.0635 * sign, points[side][:, :, 0], atol=1e-7)
        np.testing.assert_allclose(v * 0.0889, points[side][:, :, 1], atol=1e-7)


def test_every_face_is_another_picture() -> None:
    from simgen.assets.card_drawing import draw_face

    seen = set()
    for rank in ("ace", "six", "nine", "jack", "queen", "king"):
        for suit in ("hearts", "clubs"):
            face = draw_face(rank, suit)
            assert face.shape == (700, 500, 3)
            seen.add(face.tobytes())
            red = (face[:, :, 0].astype(int) - face[:, :, 2] > 100)[20:180, 15:85].any()
            assert red == (suit in ("hearts", "diamonds"))  # the index in the corner
            turned = np.abs(face.astype(int) - face[::-1, ::-1]).mean()
            assert turned < 30  # reads the same upside down, up to odd pips
    assert len(seen) == 12


def test_number_of_pips() -> None:
    from scipy.ndimage import label

    from simgen.assets.card import RANKS
    from simgen.assets.card_drawing import draw_face

    for number, rank in enumerate(RANKS[:10], start=1):
        face = draw_face(rank, "hearts")
        middle = (face[:, 90:410, 1] < 128) & (face[:, 90:410, 0] > 128)
        assert label(middle)[1] == number


@pytest.mark.skipif(not CARDS.is_dir(), reason=f"the card faces are not at {CARDS}")
@pytest.mark.parametrize(
    ("folder", "ranks", "files"),
    [
        ("fomin", ["ace", "ten", "jack", "queen", "king"], ["card_back.png", "ts.png"]),
        ("standard", ["ace", "nine", "ten", "jack", "queen", "king"], ["10_of_spades.png"]),
    ],
)
def test_folders_of_faces(
    folder: str, ranks: list[str], files: list[str], root_of: Callable[..., Root]
) -> None:
    params = CardParams(faces=root_of(CARDS / folder))
    variants = Card().variants(params)
    assert [v.attributes["rank"] for v in variants[: len(ranks)]] == ranks
    assert len(variants) == 4 * len(ranks)
    asset = Card().build(params, "ten-spades")
    assert [name for name, _ in asset.files] == files
    front = asset.surfaces[0].base_color_image
    assert front is not None
    assert front.shape[0] / front.shape[1] == pytest.approx(1.4, abs=0.01)
    assert (front[:5] > 240).all()  # a white border, without the printed outline


def test_a_missing_face_is_named(tmp_path: Path, root_of: Callable[..., Root]) -> None:
    for suit in "shdc":
        Image.new("RGB", (50, 70), "white").save(tmp_path / f"a{suit}.png")
    with pytest.raises(AssetError, match="king of spades"):
        Card().variants(CardParams(faces=root_of(tmp_path), ranks=("ace", "king")))


def test_aspect_and_pad(tmp_path: Path) -> None:
    from simgen.assets.card_folder import fitted
    from simgen.assets.images import Picture

    square = Picture(np.zeros((60, 60, 3), np.uint8), None)
    kept = fitted(square, 1.4, 0.0, "keep")
    assert kept.shape == (84, 60, 3)
    assert (kept[:11] == 255).all()
    assert (kept[13:71] == 0).all()
    assert (fitted(square, 1.4, 0.0, "stretch") == 0).all()
    padded = fitted(square, 1.4, 0.1, "stretch")
    assert (padded[:, :6] == 255).all()
    assert (padded[40, 10:-10] == 0).all()


@pytest.mark.parametrize(("degrees", "side"), [(55, "front"), (65, ""), (115, ""), (125, "back")])
def test_a_card_on_its_edge_has_no_side(degrees: float, side: str) -> None:
    half = np.radians(degrees) / 2
    pose = Pose((0, 0, 0), (float(np.cos(half)), float(np.sin(half)), 0, 0))
    assert Card().states(CardParams(), "ace-spades", pose) == ({"side": side} if side else {})
    free = CardParams(side_tolerance_deg=90)
    assert Card().states(free, "ace-spades", pose)["side"] == ("front" if degrees < 90 else "back")
