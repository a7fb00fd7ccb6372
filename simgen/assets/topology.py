"""How the faces of a mesh hang together: edges, open or shared too often, winding, inside out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Faces = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Edges:
    """Edges of faces int64[F, 3], each with its faces.

    Args:
        open: number of edges with one face.
        crowded: number of edges with more than two.
        pairs: int64[P, 2], faces at both sides of an edge with two.
        opposed: bool[P], the two run along it in opposite directions, as neighbours should.
    """

    open: int
    crowded: int
    pairs: NDArray[np.int64]
    opposed: Bools


def edges_of(faces: Faces) -> Edges:
    """The edges of a mesh, by vertex numbers."""
    start = faces.reshape(-1)
    end = np.roll(faces, -1, axis=1).reshape(-1)
    owner = np.repeat(np.arange(len(faces)), 3)
    low, high = np.minimum(start, end), np.maximum(start, end)
    order = np.lexsort((high, low))
    low, high, forward = low[order], high[order], (start < end)[order]
    first = np.ones(len(low), bool)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    at = np.flatnonzero(first)
    number = np.diff(np.append(at, len(low)))
    twice = at[number == 2]
    pairs = np.stack([owner[order][twice], owner[order][twice + 1]], axis=1)
    opposed = forward[twice] != forward[twice + 1]
    return Edges(int((number == 1).sum()), int((number > 2).sum()), pairs, opposed)


def turned_to_agree(faces: Faces) -> Bools:
    """Which faces must be turned so that neighbours agree, bool[F]; the fewer of each piece.

    Where a piece cannot be wound consistently (a Moebius strip), some edges stay as they are.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import breadth_first_order, connected_components

    edges, number = edges_of(faces), len(faces)
    if len(edges.pairs) == 0 or edges.opposed.all():
        return np.zeros(number, bool)
    a, b = edges.pairs.T
    # Of several shared edges of two faces the last one counts; 1: agree, 2: one is turned.
    mark = np.where(edges.opposed, 1, 2)
    graph = coo_matrix((mark, (a, b)), (number, number)).tocsr()
    graph.data = np.minimum(graph.data, 2)
    both = graph.maximum(graph.T).tocsr()
    _, label = connected_components(both, directed=False)
    turned = np.zeros(number, bool)
    mixed = np.unique(label[edges.pairs[~edges.opposed][:, 0]])
    for piece in mixed:
        members = np.flatnonzero(label == piece)
        order, before = breadth_first_order(both, members[0], directed=False)
        rows, columns = before[order[1:]], order[1:]
        flips = np.asarray(both[rows, columns]).reshape(-1) == 2
        for face, parent, flip in zip(columns, rows, flips, strict=True):
            turned[face] = turned[parent] ^ flip
        if turned[members].sum() * 2 > len(members):
            turned[members] = ~turned[members]
    return turned


def is_inside_out(vertices: NDArray[np.float64], faces: Faces) -> bool:
    """Whether a closed, consistently wound mesh encloses a negative volume."""
    edges = edges_of(faces)
    closed = edges.open == 0 and edges.crowded == 0 and bool(edges.opposed.all())
    return closed and volume(vertices, faces) < 0


def volume(vertices: NDArray[np.float64], faces: Faces) -> float:
    """Signed volume of a closed mesh, in cubes of its unit."""
    a, b, c = (vertices[faces[:, i]] - vertices.mean(axis=0) for i in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def copies(faces: Faces) -> Bools:
    """Which faces repeat an earlier one, corner for corner in the same direction, bool[F]."""
    shift = faces.argmin(axis=1)
    rows = np.stack([faces[np.arange(len(faces)), (shift + i) % 3] for i in range(3)], axis=1)
    _, first = np.unique(rows, axis=0, return_index=True)
    out = np.ones(len(faces), bool)
    out[first] = False
    return out


def merged(vertices: NDArray[np.float64], reach: float) -> NDArray[np.int64]:
    """For each vertex the first of those that lie within `reach` of it, in chains, int64[V]."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    pairs = cKDTree(vertices).query_pairs(reach, output_type="ndarray")
    number = len(vertices)
    links = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (number, number))
    _, label = connected_components(links, directed=False)
    _, first = np.unique(label, return_index=True)
    return np.asarray(first[label], np.int64)
