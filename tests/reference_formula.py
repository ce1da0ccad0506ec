"""Formulas the obvious way: walk the tree of one row with Python floats."""

from __future__ import annotations

import math
from collections.abc import Mapping

from graders.formula.nodes import Binary, Call, Name, Node, Number, Unary


class Fault(Exception):
    """The cause that ends a row."""


def reward(tree: Node, used: tuple[str, ...], row: Mapping[str, float]) -> tuple[float, str]:
    """Value and cause of a row; the cause of a good row is empty."""
    if any(math.isnan(row[name]) for name in used):
        return math.nan, "missing"
    if any(math.isinf(row[name]) for name in used):
        return math.nan, "overflow"
    try:
        value = finite(walk(tree, row))
    except Fault as fault:
        return math.nan, str(fault)
    return (0.0 if value == 0.0 else value), ""


def walk(node: Node, row: Mapping[str, float]) -> float:
    if isinstance(node, Number):
        return float(node.spelling)
    if isinstance(node, Name):
        return row[node.key]
    if isinstance(node, Unary):
        value = walk(node.operand, row)
        return -value if node.operator == "-" else value
    if isinstance(node, Call):
        return finite(called(node.function, [walk(argument, row) for argument in node.arguments]))
    assert isinstance(node, Binary)
    left = walk(node.left, row)
    right = walk(node.right, row)
    if node.operator == "+":
        return finite(left + right)
    if node.operator == "-":
        return finite(left - right)
    if node.operator == "*":
        return finite(left * right)
    if node.operator == "/":
        if right == 0.0:
            raise Fault("division_by_zero")
        return finite(left / right)
    return finite(power(left, right, literal=isinstance(node.right, Number)))


def power(left: float, right: float, literal: bool) -> float:
    if literal and right in (2.0, 3.0, 4.0):
        square = left * left
        return {2.0: square, 3.0: square * left, 4.0: square * square}[right]
    if left == 0.0 and right < 0.0:
        raise Fault("division_by_zero")
    if left < 0.0 and not right.is_integer():
        raise Fault("domain")
    try:
        return math.pow(left, right)
    except OverflowError:
        return math.inf


def called(function: str, values: list[float]) -> float:
    if function in ("min", "max"):
        return sorted(values)[0 if function == "min" else -1]
    (value,) = values
    if (function == "log" and value <= 0.0) or (function == "sqrt" and value < 0.0):
        raise Fault("domain")
    try:
        return float(getattr(math, function, abs)(value))
    except OverflowError:
        return math.inf


def finite(value: float) -> float:
    if not math.isfinite(value):
        raise Fault("overflow")
    return value
