"""Text of `calculate_output` to a tree: a Pratt parser on an explicit stack.

    expr   := term (('+'|'-') term)*
    term   := unary (('*'|'/') unary)*
    unary  := ('-'|'+') unary | power
    power  := atom ('^' unary)?
    atom   := NUMBER | NAME | FUNC '(' expr (',' expr)* ')' | '(' expr ')'

The binding powers are in nodes, the wording of most errors in faults. Nesting costs
list entries, not Python frames, so no formula can exhaust the interpreter's stack.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from ..limits import limit
from . import faults as faults
from .faults import FUNCTIONS, Fault
from .nodes import BINARY, POWER, SIGN, SIGNS, Binary, Call, Name, Node, Number, Unary


@dataclass(frozen=True, slots=True)
class FormulaLimits:
    """What a formula may cost: characters, nesting of `( ^ -` and calls, nodes of the tree."""

    chars: int
    depth: int
    nodes: int

    @classmethod
    def in_force(cls) -> FormulaLimits:
        """The limits of this process."""
        return cls(limit("formula_chars"), limit("formula_depth"), limit("formula_nodes"))


# A name keeps its dots, so that `graders.answer` can be explained as a whole.
# No possessive groups: Python 3.11.2, which is Debian's, matches them wrongly (gh-106052).
TOKEN = re.compile(
    r"""[ \t\r\n]*+(?:
    (?P<number>(?:[0-9]++(?:\.[0-9]++)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)(?![0-9A-Za-z_.])
    | (?P<function>[A-Za-z_][A-Za-z0-9_.]*+)[ \t\r\n]*+\(
    | (?P<name>[A-Za-z_][A-Za-z0-9_.]*+)(?!\w)
    | (?P<symbol>\*(?!\*) | /(?!/) | [-+^(),])
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """A piece of the formula; `at` counts characters from 0."""

    kind: str
    text: str
    at: int


class Pending(NamedTuple):
    """An operator, or the opening of a parenthesis or call, that waits for its right side."""

    symbol: str  # an operator, a sign, "(" or the name of a function
    binding: int
    at: int
    first: int = 0  # calls: where their arguments begin on the operand stack


OPEN = 0  # binding of an opening parenthesis: nothing is reduced across it


def parse_tree(text: str, names: Collection[str] | None, limits: FormulaLimits) -> Node:
    """The tree of `text`. Raises FormulaError. `names` None accepts every name."""
    if len(text) > limits.chars:
        raise faults.error(text, limits.chars, faults.too_long(limits.chars))
    return Parser(text, names, limits).parse()


class Parser:
    """One pass over one formula."""

    def __init__(self, text: str, names: Collection[str] | None, limits: FormulaLimits) -> None:
        self.text = text
        self.names = None if names is None else dict.fromkeys(names)
        self.limits = limits
        self.position = 0
        self.operands: list[Node] = []
        self.pending: list[Pending] = []
        self.depth = 0
        self.nodes = 0

    def fail(self, at: int, fault: Fault) -> NoReturn:
        raise faults.error(self.text, at, fault)

    def parse(self) -> Node:
        if not self.text.strip():
            self.fail(0, faults.empty(self.names or ()))
        token = self.operand()
        while token.kind != "end":
            token = self.infix(token)
        self.reduce(OPEN + 1)
        if self.pending:
            self.fail(self.pending[-1].at, faults.UNCLOSED)
        return self.operands.pop()

    def take(self) -> Token:
        match = TOKEN.match(self.text, self.position)
        if match is None:
            rest = self.text[self.position :].lstrip(" \t\r\n")
            at = len(self.text) - len(rest)
            self.fail(*faults.unreadable(self.text, at, self.names or ()))
        self.position = match.end()
        kind = str(match.lastgroup)
        return Token(kind, match[kind], match.start(kind))

    def operand(self) -> Token:
        """Read signs, openings and one number or name; return the token after them."""
        while True:
            token = self.take()
            if token.kind == "number":
                self.number(token)
                return self.take()
            if token.kind == "name":
                self.name(token)
                return self.take()
            if token.kind == "function":
                self.open_call(token)
            elif token.text in SIGNS:
                self.push(Pending(token.text, SIGN, token.at), nested=True)
            elif token.text == "(":
                self.push(Pending("(", OPEN, token.at), nested=True)
            else:
                self.fail(token.at, faults.missing_operand(token.text, self.before()))

    def number(self, token: Token) -> None:
        if not math.isfinite(float(token.text)):
            self.fail(token.at, faults.NUMBER_TOO_LARGE)
        self.add(Number(token.text), token.at)

    def name(self, token: Token) -> None:
        if "." in token.text or (self.names is not None and token.text not in self.names):
            fault = faults.unknown_name(self.text, token.text, token.at, self.names or ())
            self.fail(token.at, fault)
        self.add(Name(token.text), token.at)

    def open_call(self, token: Token) -> None:
        if token.text not in FUNCTIONS:
            self.fail(token.at, faults.unknown_function(token.text, self.names or ()))
        self.push(Pending(token.text, OPEN, token.at, len(self.operands)), nested=True)

    def infix(self, token: Token) -> Token:
        """Take in what follows an operand; return the token after it and its own operand."""
        if token.text == ")":
            self.close(token)
            return self.take()
        if token.text == ",":
            self.reduce(OPEN + 1)
            if not self.pending or self.pending[-1].symbol == "(":
                self.fail(token.at, faults.stray_comma(self.text, token.at))
        elif token.text in BINARY:
            binding = BINARY[token.text]
            grouping_right = binding == POWER
            self.reduce(binding + grouping_right)
            self.push(Pending(token.text, binding, token.at), nested=grouping_right)
        else:
            self.fail(token.at, faults.missing_operator(token.text))
        return self.operand()

    def close(self, token: Token) -> None:
        """The parenthesis or call that `)` ends."""
        self.reduce(OPEN + 1)
        if not self.pending:
            self.fail(token.at, faults.UNOPENED)
        opening = self.pop()
        if opening.symbol == "(":
            return
        arguments = tuple(self.operands[opening.first :])
        if len(arguments) > 1 and FUNCTIONS[opening.symbol] == 1:
            self.fail(opening.at, faults.too_many_arguments(opening.symbol, len(arguments)))
        del self.operands[opening.first :]
        self.add(Call(opening.symbol, arguments), opening.at)

    def reduce(self, least: int) -> None:
        """Build the nodes of all waiting operators that bind at least as tightly."""
        while self.pending and self.pending[-1].binding >= least:
            operator = self.pop()
            right = self.operands.pop()
            if operator.binding == SIGN:
                self.add(Unary(operator.symbol, right), operator.at)
            else:
                self.add(Binary(operator.symbol, self.operands.pop(), right), operator.at)

    def push(self, pending: Pending, nested: bool) -> None:
        self.depth += nested
        if self.depth > self.limits.depth:
            self.fail(pending.at, faults.too_deep(self.limits.depth))
        self.pending.append(pending)

    def pop(self) -> Pending:
        pending = self.pending.pop()
        self.depth -= pending.binding in (OPEN, SIGN, POWER)
        return pending

    def add(self, node: Node, at: int) -> None:
        self.nodes += 1
        if self.nodes > self.limits.nodes:
            self.fail(at, faults.too_many_nodes(self.limits.nodes))
        self.operands.append(node)

    def before(self) -> str:
        """What stands before a missing operand."""
        if not self.pending:
            return ""
        last = self.pending[-1]
        if last.symbol not in FUNCTIONS:
            return last.symbol
        return "," if len(self.operands) > last.first else last.symbol + "("
