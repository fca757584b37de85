"""Arithmetic: the one kind of Python expression that configurations of Detectron2's model zoo hold, computed without
running code."""

from __future__ import annotations

import ast
import operator
from typing import Any

LONGEST = 500  # characters
LARGEST, STEEPEST = 1e9, 64  # a number, an exponent
MOST = 1000  # values
WAYS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
SIGNS = {ast.UAdd: operator.pos, ast.USub: operator.neg}


class ExpressionError(ValueError):
    """An expression is more than arithmetic; the message says what of it."""


def evaluated(text: str) -> Any:
    """The value of numbers, + - * / **, lists, and lists made `for x in` a list:
    "[[x, x * 2**(1.0/3)] for x in [32, 64]]". Raises ExpressionError for anything else: names, calls, text,
    attributes."""
    try:
        tree = ast.parse(text.strip() if len(text) <= LONGEST else "", mode="eval")
        return _Reader().value(tree.body, {})
    except (SyntaxError, ArithmeticError, RecursionError, ValueError) as error:
        raise ExpressionError(f"{text[:60]!r} is no plain arithmetic") from error


class _Reader:
    """Reads one expression; counts its values, so that none grows without end."""

    def __init__(self):
        self._count = 0

    def value(self, node: ast.expr, known: dict[str, Any]) -> Any:
        self._count += 1
        if self._count > MOST:
            raise ValueError("too many values")
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return _checked(number)
            case ast.Name(id=name) if name in known:
                return known[name]
            case ast.UnaryOp(op=sign, operand=inner) if type(sign) in SIGNS:
                return SIGNS[type(sign)](_checked(self.value(inner, known)))
            case ast.BinOp(left=left, op=way, right=right) if type(way) in WAYS:
                return self._computed(WAYS[type(way)], self.value(left, known), self.value(right, known))
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return [self.value(part, known) for part in parts]
            case ast.ListComp(
                elt=each, generators=[ast.comprehension(target=ast.Name(id=name), iter=over, ifs=[], is_async=0)]
            ):
                values = self.value(over, known)
                if not isinstance(values, list):
                    raise ValueError("only lists have members")
                return [self.value(each, known | {name: value}) for value in values]
        raise ValueError(type(node).__name__)

    def _computed(self, way: Any, left: Any, right: Any) -> Any:
        _checked(left)
        if abs(_checked(right)) > STEEPEST and way is operator.pow:
            raise ValueError("too steep")
        return _checked(way(left, right))


def _checked(number: Any) -> Any:
    """A real number that is not too large. Raises ValueError."""
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not abs(number) <= LARGEST:
        raise ValueError("no number")
    return number
