"""The file of a law of layouts: JSON that people can read, checked when it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from simgen.errors import DataError, Fault
from simgen.plugin.files import sha256_of
from simgen.records.serial import from_plain, to_plain
from simgen.sampling.layouts.model import OBJECT, PICTURE, Copula, Counts, LayoutLaw, Margin

VERSION = 1
_KEY = "simgen_layout"
_CURE = "write it with `simgen layouts fit COCO --out FILE`"
_DIGITS = 6


def layout_text(law: LayoutLaw) -> str:
    """The file of a law: one line a list of numbers."""
    return _pretty({_KEY: VERSION, **to_plain(law)}) + "\n"


def read_layout(path: Path) -> LayoutLaw:
    """The law of a file; read once as long as the file stays as it is.

    Raises:
        DataError: there is none, it is not such a file, or of another version, or damaged.
    """
    try:
        digest = sha256_of(path)
    except OSError as error:
        raise DataError(Fault(str(path), f"cannot read: {error.strerror}", _CURE)) from None
    return _read(path, digest)


@lru_cache(maxsize=16)
def _read(path: Path, digest: str) -> LayoutLaw:
    try:
        data = json.loads(path.read_bytes())
    except ValueError as error:
        raise DataError(Fault(str(path), f"not JSON: {error}", _CURE)) from None
    if not isinstance(data, dict) or _KEY not in data:
        raise DataError(Fault(str(path), f"no file of a layout: there is no {_KEY!r}", _CURE))
    if data[_KEY] != VERSION:
        what = f"expected version {VERSION} of layout files, got {data[_KEY]!r}"
        raise DataError(Fault(str(path), what, "fit it again with this simgen"))
    try:
        law = from_plain(LayoutLaw, data)
    except msgspec.ValidationError as error:
        raise DataError(Fault(str(path), f"damaged: {error}", _CURE)) from None
    faults = [Fault(str(path), f"damaged: {what}", _CURE) for what in _problems(law)]
    if faults:
        raise DataError(faults[:5])
    return law


def _problems(law: LayoutLaw) -> Iterator[str]:
    """What the types of the fields do not say."""
    if not law.classes:
        yield "there are no classes"
    for c in law.classes:
        if not np.isfinite([c.log_size, c.across, c.down]).all():
            yield f"a mean of {c.name} is no number"
    named = [one.name for one in law.classes]
    if len(set(named)) < len(named):
        yield "two classes have one name"
    for where, counts in [("total", law.total), *((c.name, c.counts) for c in law.classes)]:
        yield from _counts_problem(where, counts)
    laws = [("law", law.law), *((c.name, c.law) for c in law.classes if c.law is not None)]
    margins = [(f"picture.{name}", m) for name, m in zip(PICTURE, law.picture, strict=True)]
    for where, one in laws:
        margins += [(f"{where}.{n}", m) for n, m in zip(OBJECT, one.margins, strict=True)]
        yield from _copula_problem(where, one.copula, len(OBJECT))
    for where, margin in margins:
        yield from _margin_problem(where, margin)
    yield from _copula_problem("copula", law.copula, 1 + len(law.classes) + len(PICTURE))
    for where, (low, high) in (("sizes", law.sizes), ("across", law.across), ("down", law.down)):
        if not (np.isfinite([low, high]).all() and low <= high):
            yield f"{where} is not from small to large"
    if law.sizes[0] <= 0:
        yield "sizes are not above 0"


def _counts_problem(where: str, counts: Counts) -> Iterator[str]:
    shares = np.array(counts.shares, np.float64)
    if not len(shares) or not (shares >= 0).all() or abs(float(shares.sum()) - 1) > 1e-3:
        yield f"the shares of {where} are no probabilities that sum to 1"


def _margin_problem(where: str, margin: Margin) -> Iterator[str]:
    values = np.array(margin.quantiles, np.float64)
    if len(values) < 2 or not np.isfinite(values).all() or (np.diff(values) < 0).any():
        yield f"the quantiles of {where} are not two or more growing numbers"


def _copula_problem(where: str, copula: Copula, size: int) -> Iterator[str]:
    try:
        matrix = np.array(copula.correlation, np.float64)
    except ValueError:
        matrix = np.zeros((0, 0))
    if matrix.shape != (size, size):
        yield f"the correlation of {where} is not {size} x {size}"
        return
    good = np.isfinite(matrix).all() and np.allclose(matrix, matrix.T, atol=1e-6)
    good = good and np.allclose(np.diag(matrix), 1, atol=1e-4)
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        good = False
    if not good:
        yield f"the correlation of {where} is not symmetric and positive definite"


def _pretty(value: Any, indent: int = 0) -> str:
    pad = " " * (indent + 1)
    if isinstance(value, float):
        return json.dumps(round(value, _DIGITS))
    if isinstance(value, dict):
        inside = ",\n".join(
            f"{pad}{json.dumps(key)}: {_pretty(v, indent + 1)}" for key, v in value.items()
        )
        return "{\n" + inside + "\n" + " " * indent + "}"
    if isinstance(value, (list, tuple)):
        items = [_pretty(v, indent + 1) for v in value]
        if any(isinstance(v, (dict, list, tuple)) for v in value):
            inside = ",\n".join(pad + item for item in items)
            return "[\n" + inside + "\n" + " " * indent + "]"
        return f"[{', '.join(items)}]"
    return json.dumps(value)
