"""What a mesh's arrays show: degenerate and doubled faces, cracks, winding, size, number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simgen.assets.lint.findings import Finding
from simgen.assets.mesh_checks import face_vectors
from simgen.assets.mesh_parts import Model
from simgen.assets.repair import merge_reach
from simgen.assets.sizes import MAX_M, MIN_M
from simgen.assets.topology import copies, edges_of, is_inside_out, merged

MANY_FACES = 200_000
USUAL_M = (0.001, 20.0)
_FLAT = 1e-4
_AGAINST = 0.02


def geometry_findings(asset: str, model: Model) -> Iterator[Finding]:
    """Findings about the faces of a mesh, zero-area ones already removed.

    Args:
        model: in the file's unit and axes; its notes say what was cleaned away.
    """
    faces, vertices = model.faces, model.vertices
    for note in model.notes:
        cure = "nothing to do: it is done whenever the mesh is read"
        yield Finding(asset, "note", "cleaned", note, cure)
    if len(faces) > MANY_FACES:
        what = f"{len(faces)} faces: slow to load, to decompose and to trace"
        cure = f"simplify it to {MANY_FACES} or fewer; details belong into a normal map"
        yield Finding(asset, "warning", "many-faces", what, cure)
    again = int(copies(faces).sum())
    if again:
        what, cure = f"{again} faces are there twice", "they flicker: remove one of each"
        yield Finding(asset, "warning", "duplicate-faces", what, cure, "duplicate_faces")
    edges = edges_of(faces)
    if edges.crowded:
        what = f"{edges.crowded} edges belong to three faces or more (non-manifold)"
        cure = "normals and volume are guesses there: separate or remove the extra faces"
        yield Finding(asset, "note", "non-manifold", what, cure)
    yield from _openings(asset, model, edges.open)
    turned = int((~edges.opposed).sum())
    if turned:
        what = f"across {turned} edges neighbouring faces are wound in opposite directions"
        cure = "some faces show their back: recalculate normals outside"
        yield Finding(asset, "warning", "winding", what, cure, "winding")
    elif is_inside_out(vertices, faces):
        what, cure = "it is closed and inside out", "turn its faces"
        yield Finding(asset, "warning", "inside-out", what, cure, "inside_out")
    yield from _normals(asset, model)


def size_findings(asset: str, extents_m: NDArray[np.float64]) -> Iterator[Finding]:
    """Findings about the extents of a mesh in metres, as they would be used."""
    longest, shortest = float(extents_m.max()), float(extents_m.min())
    if not MIN_M <= longest <= MAX_M:
        what = f"it is {longest:.4g} m long; {MIN_M:g} to {MAX_M:g} m can be used"
        yield Finding(asset, "error", "size", what, _unit_for(longest))
    elif not USUAL_M[0] <= longest <= USUAL_M[1]:
        what = f"it is {longest:.4g} m long"
        yield Finding(asset, "warning", "size", what, _unit_for(longest))
    if shortest < _FLAT * longest:
        what = f"it is flat: {shortest:.2g} m thick at a length of {longest:.3g} m"
        cure = "physics needs a body: give it a thickness, or use it as a card or a decal"
        yield Finding(asset, "note", "flat", what, cure)


def _openings(asset: str, model: Model, number: int) -> Iterator[Finding]:
    """Open edges, and whether they are cracks between points that are meant to be one."""
    if number == 0:
        return
    to = merged(model.vertices, merge_reach(model.vertices))
    faces = to[model.faces]
    sound = np.linalg.norm(face_vectors(model.vertices, faces), axis=1) > 0
    left = edges_of(faces[sound]).open
    if left < number:
        what = f"{number - left} of {number} open edges are cracks: their ends all but touch"
        cure = "merge vertices by distance"
        yield Finding(asset, "warning", "cracks", what, cure, "merge_vertices")
    if left:
        what = f"{left} open edges: it is not watertight"
        cure = "fine for shells and scans; close it where volume or insides matter"
        yield Finding(asset, "note", "open", what, cure)


def _normals(asset: str, model: Model) -> Iterator[Finding]:
    """Normals in the file that point against the faces, by area: slivers do not matter."""
    mean = model.normals.mean(axis=1)
    flat = face_vectors(model.vertices, model.faces)
    given = np.isfinite(mean).all(axis=1)
    area = np.linalg.norm(flat, axis=1)
    against = given & ((np.where(given[:, None], mean, 0) * flat).sum(axis=1) < 0)
    share = float(area[against].sum() / area.sum())
    if share > _AGAINST:
        what = f"the file's normals point into the surface on {100 * share:.0f} % of its area"
        cure = "export without normals, or recalculate them outside"
        yield Finding(asset, "warning", "normals", what, cure)


def _unit_for(longest: float) -> str:
    """Which units would give a usual size."""
    factors = {"cm": 0.01, "mm": 0.001, "inch": 0.0254}
    fits = [name for name, f in factors.items() if 0.005 <= longest * f <= 3]
    if fits:
        return f"the file is probably in {' or '.join(fits)}: set `unit:` (or `fit:`)"
    return "set `unit:`, or `fit:` to a known length"
