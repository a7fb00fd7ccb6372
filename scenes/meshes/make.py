"""Writes the meshes of this folder again: `python scenes/meshes/make.py`. CC0, our own shapes.

Six everyday things in metres, in the formats that people bring: OBJ with MTL and PNG, GLB with
textures inside (y up, as glTF says), PLY with vertex colours, STL without any.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image

HERE = Path(__file__).parent
Array = NDArray[np.float64]
Grid = tuple[Array, NDArray[np.int64], Array]


def lathe(profile: Array, segments: int = 56) -> Grid:
    """Vertices, faces, UVs of a profile [N, 2] (radius, height) turned about z."""
    turn = np.linspace(0, 2 * np.pi, segments + 1)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(profile, axis=0), axis=1))])
    r, z = profile[:, 0][:, None], profile[:, 1][:, None]
    points = np.stack(
        [r * np.cos(turn), r * np.sin(turn), np.broadcast_to(z, (len(r), len(turn)))], axis=2
    )
    u, v = np.meshgrid(turn / (2 * np.pi), length / length[-1])
    return (
        points.reshape(-1, 3),
        grid_faces(len(profile), segments + 1),
        np.dstack([u, v]).reshape(-1, 2),
    )


def grid_faces(rows: int, columns: int) -> NDArray[np.int64]:
    i = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = i[:-1, :-1], i[:-1, 1:], i[1:, 1:], i[1:, :-1]
    quads = np.stack([a, b, c, d], axis=2).reshape(-1, 4)
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def tube(path: Array, radius: Array, segments: int = 16) -> Grid:
    """A closed round tube along a path [N, 3] in the x-z plane; radius [N, 2] across x-z and y."""
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.array([0.0, 1.0, 0.0])
    out = np.cross(along, side)
    turn = np.linspace(0, 2 * np.pi, segments + 1)
    points = (
        path[:, None]
        + out[:, None] * (np.cos(turn)[None, :, None] * radius[:, None, :1])
        - side * (np.sin(turn)[None, :, None] * radius[:, None, 1:])
    )
    u, v = np.meshgrid(turn / (2 * np.pi), np.linspace(0, 1, len(path)))
    return (
        points.reshape(-1, 3),
        grid_faces(len(path), segments + 1),
        np.dstack([u, v]).reshape(-1, 2),
    )


def rounded(points: list[tuple[float, float]], radii: list[float], steps: int = 5) -> Array:
    """A profile whose inner corners are replaced by arcs (as quadratic curves)."""
    p = np.array(points, float)
    out = [p[0]]
    for before, at, after, radius in zip(p[:-2], p[1:-1], p[2:], radii, strict=True):
        a = at + (before - at) / np.linalg.norm(before - at) * radius
        b = at + (after - at) / np.linalg.norm(after - at) * radius
        for t in np.linspace(0, 1, steps):
            out.append((1 - t) ** 2 * a + 2 * t * (1 - t) * at + t**2 * b)
    return np.array([*out, p[-1]])


def smooth_normals(vertices: Array, faces: NDArray[np.int64]) -> Array:
    keys = np.round(vertices, 7)
    _, inverse = np.unique(keys, axis=0, return_inverse=True)
    inverse = inverse.reshape(-1)
    cross = np.cross(
        vertices[faces[:, 1]] - vertices[faces[:, 0]], vertices[faces[:, 2]] - vertices[faces[:, 0]]
    )
    total = np.zeros((inverse.max() + 1, 3))
    for k in range(3):
        np.add.at(total, inverse[faces[:, k]], cross)
    n = total[inverse]
    return n / np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-30)


def without_slivers(grid: Grid) -> Grid:
    """Faces with area only: the poles of a lathe have none."""
    v, f, uv = grid
    area = np.linalg.norm(np.cross(v[f[:, 1]] - v[f[:, 0]], v[f[:, 2]] - v[f[:, 0]]), axis=1)
    return v, f[area > 1e-12], uv


def write_obj(folder: str, parts: list[tuple[str, Grid]], materials: dict[str, str]) -> None:
    """One OBJ with normals, a material per part, its MTL beside it."""
    lines = [f"mtllib {folder}.mtl"]
    base = 1
    for name, grid in parts:
        v, f, uv = without_slivers(grid)
        n = smooth_normals(v, f)
        lines += [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in v]
        lines += [f"vt {a:.5f} {b:.5f}" for a, b in uv]
        lines += [f"vn {x:.4f} {y:.4f} {z:.4f}" for x, y, z in n]
        lines.append(f"usemtl {name}")
        lines += ["f " + " ".join(f"{i}/{i}/{i}" for i in row) for row in (f + base).tolist()]
        base += len(v)
    target = HERE / folder
    target.mkdir(exist_ok=True)
    (target / f"{folder}.obj").write_text("\n".join(lines) + "\n")
    text = "\n".join(f"newmtl {name}\n{body}" for name, body in materials.items())
    (target / f"{folder}.mtl").write_text(text + "\n")


def save_png(path: Path, rgb: Array) -> None:
    Image.fromarray(np.asarray(np.clip(rgb, 0, 1) * 255 + 0.5, np.uint8)).quantize(64).save(path)


def mug() -> None:
    outer = [(0.0, 0.003), (0.028, 0.003), (0.029, 0.0), (0.036, 0.0), (0.041, 0.012)]
    shell = [*outer, (0.041, 0.095), (0.0375, 0.095), (0.0375, 0.014), (0.03, 0.006), (0.0, 0.006)]
    body = lathe(rounded(shell, [0.0005, 0.0008, 0.003, 0.005, 0.0015, 0.0015, 0.004, 0.005]))
    t = np.linspace(-1.25, 1.25, 25)
    path = np.stack([0.037 + 0.034 * np.cos(t) - 0.006, 0 * t, 0.05 + 0.031 * np.sin(t)], axis=1)
    width = 1 + 0.25 * np.abs(t / 1.25) ** 3
    handle = tube(path, np.stack([0.0045 * width, 0.0068 * width], axis=1))
    write_obj(
        "mug",
        [("glaze", body), ("handle", handle)],
        {
            "glaze": "Kd 1 1 1\nPr 0.18\nmap_Kd glaze.png",
            "handle": "Kd 0.022 0.09 0.165\nPr 0.18",
        },
    )
    v, u = np.meshgrid(
        1 - (np.arange(512) + 0.5) / 512, (np.arange(512) + 0.5) / 512, indexing="ij"
    )
    navy, cream, coral = np.array([[0.16, 0.33, 0.44], [0.96, 0.93, 0.86], [0.90, 0.42, 0.30]])
    image = np.broadcast_to(navy, (512, 512, 3)).copy()
    image[v > 0.505] = cream
    band = (v > 0.24) & (v < 0.44)
    image[band] = cream
    wave = 0.34 + 0.035 * np.sin(2 * np.pi * 9 * u)
    image[np.abs(v - wave) < 0.012] = coral
    dots = np.hypot(
        (u * 18 % 1 - 0.5) / 18 * 0.257, (v - np.where(u * 18 % 2 < 1, 0.29, 0.39)) * 0.24
    )
    image[dots < 0.0028] = navy
    save_png(HERE / "mug" / "glaze.png", image)


def bottle() -> None:
    shell = [(0.0, 0.004), (0.026, 0.002), (0.035, 0.0), (0.036, 0.02), (0.036, 0.125)]
    shell += [(0.032, 0.152), (0.014, 0.175), (0.0135, 0.192), (0.0, 0.192)]
    body = lathe(rounded(shell, [0.004, 0.004, 0.006, 0.012, 0.012, 0.012, 0.001]))
    cap = [(0.0, 0.188), (0.0165, 0.188), (0.0165, 0.212), (0.0, 0.212)]
    lid = lathe(rounded(cap, [0.001, 0.003]))
    write_obj(
        "bottle",
        [("label", body), ("cap", lid)],
        {
            "label": "Kd 1 1 1\nPr 0.3\nmap_Kd label.png",
            "cap": "Kd 0.75 0.12 0.03\nPr 0.45",
        },
    )
    v, u = np.meshgrid(
        1 - (np.arange(512) + 0.5) / 512, (np.arange(512) + 0.5) / 512, indexing="ij"
    )
    white, green, leaf = np.array([[0.93, 0.94, 0.92], [0.10, 0.42, 0.33], [0.62, 0.80, 0.38]])
    image = np.broadcast_to(white, (512, 512, 3)).copy()
    label = (v > 0.20) & (v < 0.50)
    image[label] = green
    for centre in (0.25, 0.75):
        x, y = (u - centre) * 0.226, (v - 0.35) * 0.26
        blade = (np.hypot(x - 0.012, y) < 0.024) & (np.hypot(x + 0.012, y) < 0.024)
        image[blade] = leaf
        image[blade & (np.abs(x) < 0.0008)] = green
    image[(np.abs(v - 0.215) < 0.004) | (np.abs(v - 0.485) < 0.004)] = leaf
    save_png(HERE / "bottle" / "label.png", image)


def _y_up(points: Array) -> Array:
    return np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=1)


def can() -> None:
    side = rounded(
        [(0.0285, 0.004), (0.033, 0.009), (0.033, 0.113), (0.0285, 0.118)], [0.003, 0.003]
    )
    top = [(0.0285, 0.118), (0.0285, 0.1205), (0.027, 0.1205), (0.027, 0.117), (0.0, 0.117)]
    low = [(0.0, 0.006), (0.024, 0.003), (0.026, 0.0), (0.0285, 0.004)]
    metal = trimesh.visual.material.PBRMaterial(
        name="metal",
        baseColorFactor=[0.78, 0.79, 0.80, 1.0],
        metallicFactor=1.0,
        roughnessFactor=0.3,
    )
    h, w = 256, 512
    v, u = np.meshgrid(1 - (np.arange(h) + 0.5) / h, (np.arange(w) + 0.5) / w, indexing="ij")
    red, white, dark = np.array([[0.78, 0.10, 0.13], [0.97, 0.95, 0.92], [0.25, 0.03, 0.06]])
    image = np.broadcast_to(red, (h, w, 3)).copy()
    swoosh = 0.42 + 0.16 * np.sin(2 * np.pi * u * 2) * np.cos(2 * np.pi * u)
    image[np.abs(v - swoosh) < 0.085] = white
    image[np.abs(v - swoosh - 0.12) < 0.012] = dark
    image[(v < 0.06) | (v > 0.95)] = dark
    for k in range(10):
        r = np.hypot((u - (k + 0.5) / 10 + 0.5) % 1 - 0.5, (v - 0.76 - 0.06 * (k % 2)) * 0.55)
        image[r < 0.016 + 0.006 * (k % 3)] = white
    picture = Image.fromarray(np.asarray(image * 255 + 0.5, np.uint8)).quantize(32).convert("RGB")
    print_ = trimesh.visual.material.PBRMaterial(
        name="print", baseColorTexture=picture, metallicFactor=0.0, roughnessFactor=0.35
    )
    scene = trimesh.Scene()
    for name, profile, material in (
        ("side", side, print_),
        ("top", rounded(top, [0.0004, 0.0004, 0.001]), metal),
        ("bottom", rounded(low, [0.004, 0.001]), metal),
    ):
        points, faces, uv = without_slivers(lathe(profile))
        normals = smooth_normals(points, faces)
        mesh = trimesh.Trimesh(
            _y_up(points),
            faces,
            vertex_normals=_y_up(normals),
            process=False,
            visual=trimesh.visual.TextureVisuals(uv=uv, material=material),
        )
        scene.add_geometry(mesh, geom_name=name)
    (HERE / "can").mkdir(exist_ok=True)
    (HERE / "can" / "can.glb").write_bytes(scene.export(file_type="glb", include_normals=True))


def bowl() -> None:
    t = np.linspace(0, 1, 15)
    outer = np.stack([0.030 + 0.045 * np.sin(t * np.pi / 2), 0.004 + 0.056 * t**1.8], axis=1)
    inner = outer[::-1] + np.array([-0.0032, 0.001])
    inner[-1] = (0.026, 0.0075)
    foot = np.array([[0.0, 0.003], [0.024, 0.003], [0.025, 0.0], [0.030, 0.0]])
    profile = np.concatenate([foot, outer, inner, [[0.0, 0.0068]]])
    points, faces, uv = without_slivers(lathe(profile, 64))
    mesh = trimesh.Trimesh(points, faces, process=False)
    angle = np.arctan2(points[:, 1], points[:, 0])
    inside = uv[:, 1] > 0.52
    glaze = np.where(inside[:, None], [236, 226, 205], [64, 110, 122]).astype(float)
    glaze *= (0.94 + 0.06 * np.cos(angle * 8))[:, None]
    glaze[np.abs(uv[:, 1] - 0.51) < 0.03] = (150, 96, 58)
    glaze[points[:, 2] < 0.0035] = (186, 140, 104)
    mesh.visual = trimesh.visual.ColorVisuals(
        mesh, vertex_colors=np.clip(glaze, 0, 255).astype(np.uint8)
    )
    (HERE / "bowl").mkdir(exist_ok=True)
    (HERE / "bowl" / "bowl.ply").write_bytes(mesh.export(file_type="ply", vertex_normal=False))


def brick() -> None:
    """A toy block with eight studs."""
    import manifold3d as m3

    block = m3.Manifold.cube((0.064, 0.032, 0.020), True).translate((0, 0, 0.010))
    for i in range(4):
        for j in range(2):
            stud = m3.Manifold.cylinder(0.0045, 0.0052, 0.0049, 28)
            block += stud.translate(((i - 1.5) * 0.016, (j - 0.5) * 0.016, 0.0199))
    block -= m3.Manifold.cube((0.060, 0.028, 0.017), True).translate((0, 0, 0.0085))
    export_solid(block, "brick", "brick.ply", (214, 52, 40, 255))


def bracket() -> None:
    """An L-bracket with four holes, as STL: no colours."""
    import manifold3d as m3

    corner = m3.CrossSection(
        [
            [
                (0, 0),
                (0.06, 0),
                (0.06, 0.004),
                (0.012, 0.004),
                (0.004, 0.012),
                (0.004, 0.06),
                (0, 0.06),
            ]
        ]
    )
    solid = corner.extrude(0.030)
    for along in (0.024, 0.046):
        hole = m3.Manifold.cylinder(0.02, 0.0032, 0.0032, 32)
        solid -= hole.rotate((-90, 0, 0)).translate((along, -0.005, 0.015))
        solid -= hole.rotate((0, 90, 0)).translate((-0.005, along, 0.015))
    export_solid(solid.rotate((90, 0, 0)), "bracket", "bracket.stl", None)


def export_solid(solid: object, folder: str, name: str, color: tuple[int, ...] | None) -> None:
    data = solid.to_mesh()  # type: ignore[attr-defined]
    mesh = trimesh.Trimesh(np.array(data.vert_properties)[:, :3], data.tri_verts, process=False)
    if color is not None:
        mesh.visual = trimesh.visual.ColorVisuals(mesh, vertex_colors=[color] * len(mesh.vertices))
    (HERE / folder).mkdir(exist_ok=True)
    (HERE / folder / name).write_bytes(mesh.export(file_type=name.rpartition(".")[2]))


if __name__ == "__main__":
    for make in (mug, bottle, can, bowl, brick, bracket):
        make()
