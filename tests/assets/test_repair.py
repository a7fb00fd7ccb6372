"""Repairs in an asset's notes: cracks, doubled faces, winding, inside out; the file stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trimesh

from simgen.assets.mesh_parts import Model, weld
from simgen.assets.repair import Repair, repaired
from simgen.assets.topology import copies, edges_of, is_inside_out, turned_to_agree, volume
from simgen.errors import AssetError
from simgen.records.asset import Asset, Surface


def model_of(mesh: trimesh.Trimesh, merge: bool = True) -> Model:
    """A model of one material, with normals and UVs that tell its corners apart."""
    vertices = np.asarray(mesh.vertices, np.float64)
    faces = np.asarray(mesh.faces, np.int64)
    uv = vertices[faces][..., :2]
    normals = np.repeat(np.asarray(mesh.face_normals)[:, None], 3, axis=1)
    if merge:
        vertices, faces = weld(vertices, faces)
    slot = np.zeros(len(faces), np.int32)
    return Model(vertices, faces, normals, uv, slot, ("a",), (Surface(),))


@pytest.fixture
def ball() -> Model:
    return model_of(trimesh.creation.icosphere(3, 0.1))


def fixed(model: Model, *names: Repair) -> Model:
    return repaired(model, names, "ball", 1_000_000)


def turned(model: Model, which: np.ndarray) -> Model:
    from dataclasses import replace

    faces, uv = model.faces.copy(), model.uv.copy()
    faces[which], uv[which] = faces[which][:, ::-1], uv[which][:, ::-1]
    return replace(model, faces=faces, uv=uv)


def test_nothing_happens_without_a_reason(ball: Model) -> None:
    same = fixed(ball, "merge_vertices", "duplicate_faces", "winding", "inside_out")
    for name in ("vertices", "faces", "uv", "normals"):
        np.testing.assert_array_equal(getattr(same, name), getattr(ball, name))


def test_a_ball_turned_inside_out(ball: Model) -> None:
    wrong = turned(ball, np.ones(len(ball.faces), bool))
    assert is_inside_out(wrong.vertices, wrong.faces)
    right = fixed(wrong, "inside_out")
    assert volume(right.vertices, right.faces) == pytest.approx(volume(ball.vertices, ball.faces))
    np.testing.assert_array_equal(right.faces, ball.faces)
    np.testing.assert_array_equal(right.uv, ball.uv)
    assert np.isnan(right.normals).all()  # worked out anew when the asset is built


def test_some_faces_wound_the_wrong_way(ball: Model) -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    which = rng.random(len(ball.faces)) < 0.3
    wrong = turned(ball, which)
    assert not edges_of(wrong.faces).opposed.all()
    np.testing.assert_array_equal(turned_to_agree(wrong.faces), which)
    right = fixed(wrong, "winding")
    np.testing.assert_array_equal(right.faces, ball.faces)


def test_pieces_are_wound_each_by_itself(ball: Model) -> None:
    from dataclasses import replace

    far = ball.vertices + np.array([1.0, 0, 0])
    two = replace(
        ball,
        vertices=np.concatenate([ball.vertices, far]),
        faces=np.concatenate([ball.faces, ball.faces + len(ball.vertices)]),
        normals=np.concatenate([ball.normals] * 2),
        uv=np.concatenate([ball.uv] * 2),
        slot=np.concatenate([ball.slot] * 2),
    )
    which = np.zeros(len(two.faces), bool)
    which[[3, 7, len(ball.faces) + 5]] = True
    np.testing.assert_array_equal(turned_to_agree(turned(two, which).faces), which)


def test_a_moebius_strip_is_left_with_its_seam() -> None:
    t = np.linspace(0, 2 * np.pi, 13)[:-1]
    ring = [
        [
            (1 + s * np.cos(a / 2)) * np.cos(a),
            (1 + s * np.cos(a / 2)) * np.sin(a),
            s * np.sin(a / 2),
        ]
        for a in t
        for s in (-0.2, 0.2)
    ]
    faces = []
    for i in range(12):
        a, b = 2 * i, 2 * i + 1
        c, d = (2 * i + 2, 2 * i + 3) if i < 11 else (1, 0)
        faces += [[a, c, b], [b, c, d]]
    strip = model_of(trimesh.Trimesh(ring, faces, process=False))
    assert len(fixed(strip, "winding").faces) == 24
    assert not is_inside_out(strip.vertices, strip.faces)


def test_cracks_close_and_corners_keep_their_uvs(ball: Model) -> None:
    from dataclasses import replace

    rng = np.random.Generator(np.random.PCG64(1))
    loose = ball.vertices[ball.faces].reshape(-1, 3) + rng.normal(0, 1e-8, (len(ball.faces) * 3, 3))
    torn = replace(ball, vertices=loose, faces=np.arange(len(loose)).reshape(-1, 3))
    assert edges_of(torn.faces).open == 3 * len(torn.faces)
    whole = fixed(torn, "merge_vertices")
    assert edges_of(whole.faces).open == 0
    assert len(whole.vertices) == len(ball.vertices)
    np.testing.assert_array_equal(whole.uv, ball.uv)


def test_doubled_faces_go_and_backs_stay(ball: Model) -> None:
    from dataclasses import replace

    def more(extra: np.ndarray) -> Model:
        n = len(extra)
        return replace(
            ball,
            faces=np.concatenate([ball.faces, extra]),
            normals=np.concatenate([ball.normals, ball.normals[:n]]),
            uv=np.concatenate([ball.uv, ball.uv[:n]]),
            slot=np.concatenate([ball.slot, ball.slot[:n]]),
        )

    rolled = np.roll(ball.faces[:9], 1, axis=1)
    assert copies(more(rolled).faces).sum() == 9
    assert len(fixed(more(rolled), "duplicate_faces").faces) == len(ball.faces)
    backs = ball.faces[:9, ::-1]
    assert len(fixed(more(backs), "duplicate_faces").faces) == len(ball.faces) + 9


def test_notes_beside_a_mesh_ask_for_repairs(tmp_path: Path, load: Callable[..., Asset]) -> None:
    ball = trimesh.creation.icosphere(2, 0.1)
    ball.faces = ball.faces[:, ::-1]
    ball.export(tmp_path / "ball.ply")
    before = (tmp_path / "ball.ply").read_bytes()
    wrong = load(tmp_path / "ball.ply")
    (tmp_path / "ball.asset.yaml").write_text("repair: [inside_out]\n")
    right = load(tmp_path / "ball.ply")
    assert (tmp_path / "ball.ply").read_bytes() == before
    assert not right.notes
    outward = (right.mesh.normals * right.mesh.vertices_m[right.mesh.faces]).sum(axis=2)
    assert (outward > 0).all()
    inward = (wrong.mesh.normals * wrong.mesh.vertices_m[wrong.mesh.faces]).sum(axis=2)
    assert (inward < 0).all()
    (tmp_path / "ball.asset.yaml").write_text("repair: [magic]\n")
    with pytest.raises(AssetError, match="repair"):
        load(tmp_path / "ball.ply")
