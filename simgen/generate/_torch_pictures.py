"""Batches of pictures: number n is the same whenever it is made."""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from simgen.errors import DataError, Fault
from simgen.generate.job import Item, View

_MIB = 2**20


class Pictures:
    """The pictures of a job, decoded when they are needed and kept as far as memory is given.

    Args:
        root: folder.
        items: pictures.
        view: how they are cut.
        cache_mib: memory for decoded pictures.

    Raises:
        DataError: files are missing.
    """

    def __init__(self, root: Path, items: Sequence[Item], view: View, cache_mib: int = 512) -> None:
        self._root, self._items, self._view = root, items, view
        self._room = cache_mib * _MIB
        self._kept: OrderedDict[Item, NDArray[np.uint8]] = OrderedDict()
        self._lock = Lock()
        missing = sorted({i.file for i in items if not (root / i.file).is_file()})
        if missing:
            what = f"{len(missing)} pictures are missing, the first is {missing[0]}"
            raise DataError(Fault(str(root), what, "restore them, or list the pictures again"))
        self._groups = [
            [n for n, item in enumerate(items) if item.category == category]
            for category in sorted({item.category for item in items})
        ]

    def batch(self, seed: int, step: int, size: int) -> tuple[Tensor, Tensor]:
        """Float pictures [size, C, side, side] in [-1, 1] and their categories, int64[size].

        Every category is drawn equally often, so that rare ones are learnt, too.
        """
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, step])))
        pictures, labels = [], []
        for _ in range(size):
            group = self._groups[int(rng.random() * len(self._groups))]
            item = self._items[group[int(rng.random() * len(group))]]
            pictures.append(self._cut(item, rng))
            labels.append(item.category)
        return to_tensor(np.stack(pictures)), torch.tensor(labels)

    def batches(
        self, seed: int, step: int, size: int, workers: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches of step, step + 1, ... without end, made ahead by threads.

        Cutting and resizing are OpenCV's, which lets other threads run: one thread makes about
        five batches of 64 windows a second, and a GPU learns from more.

        Args:
            seed, size: as in `batch`.
            step: of the first.
            workers: threads; 0: each batch is made when it is asked for.
        """
        if workers == 0:
            while True:
                yield self.batch(seed, step, size)
                step += 1
        with ThreadPoolExecutor(workers) as pool:
            ahead = deque(pool.submit(self.batch, seed, step + n, size) for n in range(2 * workers))
            try:
                while True:
                    batch = ahead.popleft().result()
                    ahead.append(pool.submit(self.batch, seed, step + 2 * workers, size))
                    yield batch
                    step += 1
            finally:
                for waiting in ahead:
                    waiting.cancel()

    def plain(self, number: int) -> NDArray[np.uint8]:
        """uint8[side, side, C]: a picture without chance: the whole, or its middle window."""
        return self._cut(self._items[number], None)

    def _cut(self, item: Item, rng: np.random.Generator | None) -> NDArray[np.uint8]:
        picture, view = self._read(item), self._view
        if view.windows:
            picture = _window(picture, view, rng)
        if picture.shape[:2] != (view.side, view.side):
            picture = _resized(picture, view.side, view.side)
        if view.flip and rng is not None and rng.random() < 0.5:
            picture = picture[:, ::-1]
        return np.ascontiguousarray(picture)

    def _read(self, item: Item) -> NDArray[np.uint8]:
        if item in self._kept:
            return self._kept[item]
        picture = _decode(self._root / item.file, item, self._view.grey)
        if not self._view.windows:  # whole pictures are kept at the size that is used
            picture = _resized(picture, self._view.side, self._view.side)
        with self._lock:
            if self._room >= picture.nbytes and item not in self._kept:
                self._room -= picture.nbytes
                self._kept[item] = picture
        return picture


def to_tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """Float [N, C, H, W] in [-1, 1] of uint8[N, H, W, C]."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_bytes(pictures: Tensor) -> NDArray[np.uint8]:
    """uint8[N, H, W, C] of float [N, C, H, W] in [-1, 1]."""
    scaled = ((pictures.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return scaled.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def _decode(path: Path, item: Item, grey: bool) -> NDArray[np.uint8]:
    data = np.fromfile(path, np.uint8)
    # COCO boxes are of the stored pixels, so that a photo's turn is not applied to crops.
    flags = cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR
    if item.box_xywh_px is not None:
        flags |= cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imdecode(data, flags) if data.size else None
    if image is None:
        raise DataError(Fault(str(path), "not a readable picture", "restore or remove it"))
    picture = image[..., None] if grey else image[..., ::-1]
    if item.box_xywh_px is not None:
        picture = _boxed(picture, item.box_xywh_px)
    return np.ascontiguousarray(picture).astype(np.uint8, copy=False)


def _boxed(picture: NDArray[np.uint8], box: tuple[float, float, float, float]) -> NDArray[np.uint8]:
    """The box; what lies outside the picture repeats its edge."""
    x, y, w, h = (round(v) for v in box)
    rows = np.clip(np.arange(y, y + max(h, 1)), 0, picture.shape[0] - 1)
    columns = np.clip(np.arange(x, x + max(w, 1)), 0, picture.shape[1] - 1)
    return np.asarray(picture[rows][:, columns])


def _window(
    picture: NDArray[np.uint8], view: View, rng: np.random.Generator | None
) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    low, high = (math.log(s) for s in view.scale)
    scale = math.exp(low + (high - low) * (rng.random() if rng else 0.5))
    side = min(max(round(view.side / scale), 1), height, width)
    top, left = (rng.random() if rng else 0.5 for _ in range(2))
    y, x = int(top * (height - side + 1)), int(left * (width - side + 1))
    return picture[y : y + side, x : x + side]


def _resized(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    smaller = picture.shape[0] > height or picture.shape[1] > width
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    out = cv2.resize(picture, (width, height), interpolation=way)
    return np.asarray(out.reshape(height, width, picture.shape[2]), np.uint8)
