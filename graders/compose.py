"""Graders in Python arithmetic: `0.8 * exact + 0.2 * similar` is a multi.

The result is an ordinary `Multi`; nothing of the expression is kept but its formula.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from .errors import UsageError
from .formula.faults import as_key
from .formula.nodes import Binary, Call, Name, Node, Number, Unary, rename, unparse
from .grader import Grader

if TYPE_CHECKING:
    from .multi import Multi

__all__ = ["Operand", "ceil", "exp", "floor", "log", "max", "min", "sqrt"]

BITWISE_XOR = "use **: Python's ^ binds looser than +"


class Operand(Grader):
    """A grader that arithmetic turns into a multi: `+ - * / **`, unary minus and `abs`."""

    __array_ufunc__: ClassVar[None] = None  # numpy's scalars leave the operator to us

    def __add__(self, other: Operand | float) -> Multi:
        return binary("+", self, other)

    def __radd__(self, other: float) -> Multi:
        return binary("+", other, self)

    def __sub__(self, other: Operand | float) -> Multi:
        return binary("-", self, other)

    def __rsub__(self, other: float) -> Multi:
        return binary("-", other, self)

    def __mul__(self, other: Operand | float) -> Multi:
        return binary("*", self, other)

    def __rmul__(self, other: float) -> Multi:
        return binary("*", other, self)

    def __truediv__(self, other: Operand | float) -> Multi:
        return binary("/", self, other)

    def __rtruediv__(self, other: float) -> Multi:
        return binary("/", other, self)

    def __pow__(self, other: Operand | float) -> Multi:
        return binary("^", self, other)

    def __rpow__(self, other: float) -> Multi:
        return binary("^", other, self)

    def __neg__(self) -> Multi:
        return combine(lambda operand: Unary("-", operand), self)

    def __abs__(self) -> Multi:
        return call("abs", self)

    def __xor__(self, other: object) -> NoReturn:
        raise TypeError(BITWISE_XOR)

    def __rxor__(self, other: object) -> NoReturn:
        raise TypeError(BITWISE_XOR)


def min(*operands: Operand | float) -> Multi:
    """A multi whose reward is the smallest of the operands."""
    return call("min", *operands)


def max(*operands: Operand | float) -> Multi:
    """A multi whose reward is the largest of the operands."""
    return call("max", *operands)


def exp(operand: Operand) -> Multi:
    """A multi whose reward is e to the power of the operand."""
    return call("exp", operand)


def sqrt(operand: Operand) -> Multi:
    """A multi whose reward is the square root; a negative operand is a `domain` error."""
    return call("sqrt", operand)


def log(operand: Operand) -> Multi:
    """A multi whose reward is the natural logarithm; 0 and less are a `domain` error."""
    return call("log", operand)


def floor(operand: Operand) -> Multi:
    """A multi whose reward is the largest whole number that is not above the operand."""
    return call("floor", operand)


def ceil(operand: Operand) -> Multi:
    """A multi whose reward is the smallest whole number that is not below the operand."""
    return call("ceil", operand)


def binary(operator: str, left: Any, right: Any) -> Multi:
    """The multi of an operator; NotImplemented where an operand may know better what to do."""
    for operand in (left, right):
        if isinstance(operand, str | bytes | list | tuple):  # these have * and + of their own
            kind = type(operand).__name__
            raise TypeError(f"graders combine with graders and numbers, not with {kind}")
        if not isinstance(operand, Operand | Real):
            unknown: Multi = NotImplemented
            return unknown
    return combine(lambda x, y: Binary(operator, x, y), left, right)


def call(function: str, *operands: Operand | float) -> Multi:
    """The multi of a function."""
    for operand in operands:
        if not isinstance(operand, Operand | Real):
            kind = type(operand).__name__
            raise TypeError(f"graders.{function} takes graders and numbers, not {kind}")
    if not any(isinstance(operand, Operand) for operand in operands):
        instead = function if function in ("min", "max", "abs") else f"math.{function}"
        raise TypeError(f"graders.{function} needs a grader; for numbers alone use {instead}")
    return combine(lambda *arguments: Call(function, arguments), *operands)


def combine(build: Callable[..., Node], *operands: Operand | float) -> Multi:
    """The multi of the tree that `build` makes of the operands' trees."""
    from .multi import Multi

    children = Children()
    tree = build(*map(children.tree, operands))
    fields: dict[str, Any] = {"graders": children.by_key, "calculate_output": unparse(tree)}
    return Multi(**fields)


class Children:
    """The sub-graders of a multi in the making, each under a key of its own."""

    def __init__(self) -> None:
        self.by_key: dict[str, Operand] = {}
        self.keys: dict[int, str] = {}  # by identity: equal graders stay apart

    def tree(self, operand: Operand | float) -> Node:
        """The operand as part of a formula over these children."""
        from .formula import parse
        from .multi import Multi

        if not isinstance(operand, Operand):
            return number(operand)
        if not isinstance(operand, Multi):
            return Name(self.key(operand, as_key(operand.name) or "grader"))
        keys = {key: self.key(child, key) for key, child in operand.graders.items()}
        return rename(parse(operand.calculate_output).tree, keys)

    def key(self, grader: Operand, wanted: str) -> str:
        """The key of this very object, a new one like `wanted` if it has none."""
        if known := self.keys.get(id(grader)):
            return known
        key, n = wanted, 1
        while key in self.by_key:
            n += 1
            key = f"{wanted}_{n}"
        self.by_key[key] = grader
        self.keys[id(grader)] = key
        return key


def number(value: float) -> Node:
    """A number that the parser reads back as the same float."""
    if isinstance(value, bool):
        raise TypeError(f"{value} is no number of a formula; write {int(value)}.0")
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        raise UsageError(
            "a formula has finite numbers only: no inf, no nan, nothing beyond 1.8e308"
        )
    small_integer = isinstance(value, int) and builtins.abs(value) < 2**53
    spelling = repr(value if small_integer else float(value))
    return Unary("-", Number(spelling[1:])) if spelling.startswith("-") else Number(spelling)
