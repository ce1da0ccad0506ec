"""The tree of a formula: five kinds of node, the walk over them, and the way back to text.

Everything here is a loop over `postorder`, never recursion: a sum of 5,000 terms is a tree 5,000
deep on its left side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# How tightly an operator binds. A sign stands between `*` and `^`: -2^2 is -(2^2), -a*b is (-a)*b.
SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 6)
BINARY = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "^": POWER}
SIGNS = ("-", "+")


@dataclass(frozen=True, slots=True)
class Number:
    """A literal without a sign, spelled as its author did."""

    spelling: str

    @property
    def value(self) -> float:
        return float(self.spelling)


@dataclass(frozen=True, slots=True)
class Name:
    """A key of `graders`."""

    key: str


@dataclass(frozen=True, slots=True)
class Unary:
    """A sign and what it stands before."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and what stands between them."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments, one or more."""

    function: str
    arguments: tuple[Node, ...]


Node = Number | Name | Unary | Binary | Call


def children(node: Node) -> tuple[Node, ...]:
    """The operands of a node, left to right."""
    match node:
        case Unary(_, operand):
            return (operand,)
        case Binary(_, left, right):
            return (left, right)
        case Call(_, arguments):
            return arguments
        case _:
            return ()


def postorder(root: Node) -> list[Node]:
    """Every node, operands before what uses them, left before right: the order of evaluation."""
    pending, order = [root], []
    while pending:
        node = pending.pop()
        order.append(node)
        pending.extend(children(node))
    order.reverse()
    return order


def rename(root: Node, keys: Mapping[str, str]) -> Node:
    """The same tree with other names."""
    built: list[Node] = []
    for node in postorder(root):
        match node:
            case Name(key):
                built.append(Name(keys.get(key, key)))
            case Unary(operator, _):
                built.append(Unary(operator, built.pop()))
            case Binary(operator, _, _):
                right = built.pop()
                built.append(Binary(operator, built.pop(), right))
            case Call(function, arguments):
                n = len(arguments)
                built[-n:] = [Call(function, tuple(built[-n:]))]
            case _:
                built.append(node)
    return built.pop()


def unparse(root: Node) -> str:
    """The formula as text with as few parentheses as possible; parsing it gives the same tree."""
    done: list[tuple[str, int]] = []

    def operand(least: int) -> str:
        text, binding = done.pop()
        return text if binding >= least else f"({text})"

    for node in postorder(root):
        match node:
            case Number(spelling):
                done.append((spelling, ATOM))
            case Name(key):
                done.append((key, ATOM))
            case Unary(operator, _):
                done.append((operator + operand(SIGN), SIGN))
            case Binary(operator, _, _):
                binding = BINARY[operator]
                # `^` groups to the right and takes a sign there; all others group to the left.
                left, right = (ATOM, SIGN) if operator == "^" else (binding, binding + 1)
                after = operand(right)
                done.append((f"{operand(left)} {operator} {after}", binding))
            case Call(function, arguments):
                n = len(arguments)
                inside = ", ".join(text for text, _ in done[-n:])
                done[-n:] = [(f"{function}({inside})", ATOM)]
    return done.pop()[0]
