"""One polygon for a mask with holes and several parts, as YOLO's segment lines need it.

ultralytics turns a polygon into a mask by cutting its pixel coordinates to whole numbers and
`cv2.fillPoly`, which fills by the even-odd rule and draws the border. So the vertices lie inside
border pixels: contours of OpenCV, and holes joined to them by bridges inside the mask. That gives
back every mask of one part exactly. Parts are joined by the shortest straight bridge, which is
drawn as a line one pixel wide: YOLO has no other way to say that two parts are one thing.

The outermost vertices lie at the outer edges of their pixels, so that the box that ultralytics
takes from the polygon is the mask's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.records.masks import Mask

Loop = list[tuple[int, int]]
_EDGE = 0.01  # px from a pixel's edge: safe for the six digits and the float32 of readers


def outline(mask: Mask) -> NDArray[np.float64]:
    """Vertices float64[N, 2] x, y in pixels, N >= 3, each inside its border pixel.

    Args:
        mask: bool[H, W], not empty.
    """
    loop = _bridged(_parts(mask))
    return _placed(np.array(_without_collinear(loop), np.int64))


def _parts(mask: Mask) -> list[Loop]:
    """A loop for each connected part, its holes joined, the first part is OpenCV's first."""
    import cv2

    found, tree = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    loops = [[(int(x), int(y)) for x, y in contour[:, 0]] for contour in found]
    outer = {i: loop for i, loop in enumerate(loops) if tree[0, i, 3] < 0}
    holes = [(min(loops[i]), int(tree[0, i, 3]), i) for i in range(len(loops)) if i not in outer]
    for start, parent, i in sorted(holes):  # from the left: what a bridge meets is joined already
        x, y = start
        while x > 0 and mask[y, x - 1]:
            x -= 1
        place = outer[parent].index((x, y))
        turn = loops[i].index(start)
        loop = [*loops[i][turn:], *loops[i][:turn], start]
        outer[parent][place + 1 : place + 1] = [*loop, (x, y)]
    return list(outer.values())


def _bridged(parts: list[Loop]) -> Loop:
    """One loop of all, each part joined to the nearest that is joined (Prim 1957)."""
    from scipy.spatial import cKDTree

    whole, rest = parts[0], parts[1:]
    newest = whole
    points = np.array([point for part in rest for point in part])
    owner = np.repeat(np.arange(len(rest)), [len(part) for part in rest])
    nearest = np.full(len(points), np.inf)  # to what is joined, and where that is
    where = np.zeros((len(points), 2), np.int64)
    for _ in rest:
        distance, index = cKDTree(newest).query(points)
        closer = distance < nearest
        nearest[closer], where[closer] = distance[closer], np.array(newest)[index[closer]]
        best = int(nearest.argmin())
        part = rest[owner[best]]
        start = part.index((int(points[best, 0]), int(points[best, 1])))
        place = whole.index((int(where[best, 0]), int(where[best, 1])))
        newest = [*part[start:], *part[: start + 1]]
        whole = [*whole[: place + 1], *newest, *whole[place:]]
        keep = owner != owner[best]
        points, owner, nearest, where = points[keep], owner[keep], nearest[keep], where[keep]
    return whole


def _without_collinear(loop: Loop) -> Loop:
    """The loop without vertices in the middle of a straight run."""
    points = np.array(loop, np.int64)
    before = points - np.roll(points, 1, axis=0)
    after = np.roll(points, -1, axis=0) - points
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    straight = (cross == 0) & ((before * after).sum(axis=1) > 0)
    return [loop[i] for i in np.flatnonzero(~straight)] or loop[:1]


def _placed(vertices: NDArray[np.int64]) -> NDArray[np.float64]:
    """Vertices at pixel centres, the outermost ones at the outer edge."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    # Where the mask is one pixel wide or high, a vertex has to reach both edges.
    doubled = np.concatenate([np.repeat(vertices[:1], 4, axis=0), vertices])
    out: NDArray[np.float64] = doubled + 0.5
    for axis in (0, 1):
        out[doubled[:, axis] == low[axis], axis] = low[axis] + _EDGE
        out[doubled[:, axis] == high[axis], axis] = high[axis] + 1 - _EDGE
    one = low == high
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    for axis in np.flatnonzero(one):
        out[:4, axis] = low[axis] + np.where(corners[:, axis] == 1, 1 - _EDGE, _EDGE)
    return out if one.any() or len(vertices) < 3 else out[4:]
