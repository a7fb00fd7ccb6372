"""`python -m simgen.assets.pieces_worker IN.npz OUT.npz`: CoACD in a process of its own.

A process of its own because coacd and open3d clash: once coacd is loaded, importing open3d
fails with `std::bad_cast` (seen with coacd 1.0.14, open3d 0.20). Here open3d comes first, and the
caller's process never loads coacd. It also keeps coacd's own output out of our stdout.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

# CoACD's time grows with the faces; a physics shape needs no more.
_MOST_FACES = 2000
_OPTIONS: dict[str, Any] = {
    "threshold": 0.08,  # concavity that a piece may keep, as a share of the size
    "max_convex_hull": 16,
    "preprocess_resolution": 30,
    "resolution": 500,
    "mcts_iterations": 15,
    "mcts_nodes": 10,
    "mcts_max_depth": 2,
    "decimate": True,
    "max_ch_vertex": 48,
    "seed": 0,
}


def main(source: str, target: str) -> None:
    """Read vertices and faces, write the vertices of the pieces as a0, a1, ..."""
    with np.load(source) as arrays:
        vertices, faces = arrays["vertices"], arrays["faces"]
    vertices, faces = _simplified(vertices, faces)
    import coacd

    coacd.set_log_level("error")
    parts = coacd.run_coacd(coacd.Mesh(vertices, faces), **_OPTIONS)
    np.savez(target, **{f"a{i}": np.asarray(v, np.float64) for i, (v, _) in enumerate(parts)})


def _simplified(
    vertices: NDArray[np.float64], faces: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Quadric decimation (Garland and Heckbert 1997)."""
    if len(faces) <= _MOST_FACES:
        return vertices, faces
    import open3d as o3d

    mesh = o3d.geometry.TriangleMesh(
        o3d.utility.Vector3dVector(vertices), o3d.utility.Vector3iVector(faces)
    )
    small = mesh.simplify_quadric_decimation(_MOST_FACES)
    return np.asarray(small.vertices), np.asarray(small.triangles)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
