"""Arithmetic: the one kind of Python expression that configurations of Detectron2's model zoo hold, computed without
running code."""

from __future__ import annotations

import ast
import operator
from typing import Any

MAX_CHARS = 500  # characters
MAX_NUMBER, MAX_EXPONENT = 1e9, 64  # a number, an exponent
MAX_VALUES = 1000  # values
BINARY_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
UNARY_OPERATORS = {ast.UAdd: operator.pos, ast.USub: operator.neg}


class ExpressionError(ValueError):
    """An expression is more than arithmetic; the message says what of it."""


def evaluate(text: str) -> Any:
    """The value of numbers, + - * / **, lists, and lists made `for x in` a list:
    "[[x, x * 2**(1.0/3)] for x in [32, 64]]". Raises ExpressionError for anything else: names, calls, text,
    attributes."""
    try:
        tree = ast.parse(text.strip() if len(text) <= MAX_CHARS else "", mode="eval")
        return _Evaluator().evaluate(tree.body, {})
    except (SyntaxError, ArithmeticError, RecursionError, ValueError) as error:
        raise ExpressionError(f"{text[:60]!r} is no plain arithmetic") from error


class _Evaluator:
    """Reads one expression; counts its values, so that none grows without end."""

    def __init__(self):
        self._count = 0

    def evaluate(self, node: ast.expr, variables: dict[str, Any]) -> Any:
        self._count += 1
        if self._count > MAX_VALUES:
            raise ValueError("too many values")
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return _checked_number(number)
            case ast.Name(id=name) if name in variables:
                return variables[name]
            case ast.UnaryOp(op=sign, operand=inner) if type(sign) in UNARY_OPERATORS:
                return UNARY_OPERATORS[type(sign)](_checked_number(self.evaluate(inner, variables)))
            case ast.BinOp(left=left, op=way, right=right) if type(way) in BINARY_OPERATORS:
                return self._apply(BINARY_OPERATORS[type(way)], self.evaluate(left, variables), self.evaluate(right, variables))
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return [self.evaluate(part, variables) for part in parts]
            case ast.ListComp(
                elt=each, generators=[ast.comprehension(target=ast.Name(id=name), iter=over, ifs=[], is_async=0)]
            ):
                values = self.evaluate(over, variables)
                if not isinstance(values, list):
                    raise ValueError("only lists have members")
                return [self.evaluate(each, variables | {name: value}) for value in values]
        raise ValueError(type(node).__name__)

    def _apply(self, operation: Any, left: Any, right: Any) -> Any:
        _checked_number(left)
        if abs(_checked_number(right)) > MAX_EXPONENT and operation is operator.pow:
            raise ValueError("too steep")
        return _checked_number(operation(left, right))


def _checked_number(number: Any) -> Any:
    """A real number that is not too large. Raises ValueError."""
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not abs(number) <= MAX_NUMBER:
        raise ValueError("no number")
    return number
