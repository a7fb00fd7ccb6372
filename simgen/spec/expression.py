"""Expressions over recorded values: a small, safe part of Python's, checked before it is used.

`visibility > 0.3 and category != 'die'`, `count(category == 'can') >= 2 and labels < 50`. Names
are looked up, dotted ones as they are; there are no calls but those listed, no attributes of
objects, no way to anything else. A value that is not recorded is None: comparisons with it are
false.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simgen.errors import DataError, Fault
from simgen.spec.faults import suggest

Values = Mapping[str, Any]
_COMPARE: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_OVER_LABELS = ("count", "any", "all", "min", "max", "mean")
_MOST_NODES = 200


@dataclass(frozen=True)
class Expression:
    """A checked expression.

    Args:
        text: as written.
    """

    text: str
    _tree: ast.expr

    def names(self) -> tuple[str, ...]:
        """Names that it asks for, those inside of functions over labels included."""
        return tuple(dict.fromkeys(_names(self._tree)))

    def value(self, values: Values, labels: Sequence[Values] = ()) -> Any:
        """What it gives.

        Args:
            values: of a frame, or of a label, by dotted name.
            labels: values of the frame's labels, for `count(...)` and the like.

        Raises:
            DataError: values cannot be compared or calculated with.
        """
        try:
            return _value(self._tree, values, labels)
        except (TypeError, ZeroDivisionError) as error:
            cure = "compare numbers with numbers and words with words in quotes"
            raise DataError(Fault(f"expression {self.text!r}", str(error), cure)) from None

    def holds(self, values: Values, labels: Sequence[Values] = ()) -> bool:
        """Whether it is true."""
        return bool(self.value(values, labels))


def parse(text: str) -> Expression:
    """Check an expression.

    Raises:
        DataError: it is not one, or has parts that are not allowed.
    """
    where = f"expression {text!r}"
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        what = getattr(error, "msg", None) or str(error)
        cure = "an example: visibility > 0.3 and category != 'die'"
        raise DataError(Fault(where, f"not an expression: {what}", cure)) from None
    if sum(1 for _ in ast.walk(tree)) > _MOST_NODES:
        raise DataError(Fault(where, f"it has more than {_MOST_NODES} parts", "split it up"))
    problem = _problem(tree)
    if problem:
        cure = "names, numbers, words in quotes, lists, + - * / %, comparisons, and, or, not; "
        cure += f"{', '.join(_OVER_LABELS)} over labels, abs"
        raise DataError(Fault(where, problem, cure))
    return Expression(text, tree)


def check_names(expression: Expression, known: Sequence[str]) -> None:
    """Make sure that an expression asks for what is recorded somewhere.

    Raises:
        DataError: it does not; the nearest names are told.
    """
    for name in expression.names():
        if name not in known:
            where = f"expression {expression.text!r}"
            cure = suggest(name, sorted(known), "names")
            raise DataError(Fault(where, f"{name} is not recorded", cure))


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        left = _dotted(node.value)
        return None if left is None else f"{left}.{node.attr}"
    return None


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.expr):
        name = _dotted(node)
        if name is not None:
            yield name
            return
    if isinstance(node, ast.Call):
        for argument in node.args:
            yield from _names(argument)
        return
    for child in ast.iter_child_nodes(node):
        yield from _names(child)


def _problem(node: ast.AST) -> str:
    """What is not allowed in it, or ""."""
    if isinstance(node, ast.expr) and _dotted(node) is not None:
        return ""
    if isinstance(node, ast.Constant):
        fine = isinstance(node.value, (int, float, str, bool)) or node.value is None
        return "" if fine else f"{node.value!r} is no number or word"
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in (*_OVER_LABELS, "abs") or node.keywords or len(node.args) != 1:
            return f"`{ast.unparse(node)}` is no function of expressions"
        return _problem(node.args[0])
    allowed = (ast.BoolOp, ast.Compare, ast.UnaryOp, ast.BinOp, ast.List, ast.Tuple)
    if not isinstance(node, allowed):
        return f"`{ast.unparse(node)}` is not allowed"
    if isinstance(node, ast.BinOp) and type(node.op) not in _ARITHMETIC:
        return f"`{ast.unparse(node)}` is not allowed"
    if isinstance(node, ast.Compare):
        for op in node.ops:
            if type(op) not in _COMPARE:
                return f"`{ast.unparse(node)}` is not allowed"
    children = (n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr))
    return next((found for found in map(_problem, children) if found), "")


def _value(node: ast.expr, values: Values, labels: Sequence[Values]) -> Any:
    name = _dotted(node)
    if name is not None:
        return values.get(name)
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.List, ast.Tuple)):
        return [_value(item, values, labels) for item in node.elts]
    if isinstance(node, ast.BoolOp):
        parts = (bool(_value(part, values, labels)) for part in node.values)
        return all(parts) if isinstance(node.op, ast.And) else any(parts)
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, values, labels)
        if isinstance(node.op, ast.Not):
            return not inner
        return None if inner is None else -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp):
        left, right = (_value(side, values, labels) for side in (node.left, node.right))
        if left is None or right is None:
            return None
        if not (isinstance(left, (int, float)) and isinstance(right, (int, float))):
            raise TypeError(f"{left!r} and {right!r} are not both numbers")  # 'a' * 10**9 is a bomb
        return _ARITHMETIC[type(node.op)](left, right)
    if isinstance(node, ast.Compare):
        return _compared(node, values, labels)
    assert isinstance(node, ast.Call)
    return _called(node, values, labels)


def _compared(node: ast.Compare, values: Values, labels: Sequence[Values]) -> bool:
    left = _value(node.left, values, labels)
    for op, side in zip(node.ops, node.comparators, strict=True):
        right = _value(side, values, labels)
        equality = isinstance(op, (ast.Eq, ast.NotEq, ast.In, ast.NotIn))
        if not equality and (left is None or right is None):
            return False
        if not _COMPARE[type(op)](left, right):
            return False
        left = right
    return True


def _called(node: ast.Call, values: Values, labels: Sequence[Values]) -> Any:
    assert isinstance(node.func, ast.Name)
    (argument,) = node.args
    if node.func.id == "abs":
        inner = _value(argument, values, labels)
        return None if inner is None else abs(inner)
    found = [_value(argument, {**values, **label}, ()) for label in labels]
    if node.func.id == "count":
        return sum(bool(value) for value in found)
    if node.func.id in ("any", "all"):
        return any(found) if node.func.id == "any" else all(found)
    numbers = [value for value in found if value is not None]
    if not numbers:
        return None
    if node.func.id == "mean":
        return sum(numbers) / len(numbers)
    return min(numbers) if node.func.id == "min" else max(numbers)
