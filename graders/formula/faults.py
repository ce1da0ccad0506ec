"""What is wrong with a formula, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from ..errors import FormulaError
from ..suggest import nearest

# Function -> most arguments it takes; 0 is any number from one on.
FUNCTIONS = {"min": 0, "max": 0, "abs": 1, "floor": 1, "ceil": 1, "exp": 1, "sqrt": 1, "log": 1}

OPERATORS = "+ - * / ^"
WIDTH = 72  # characters of the formula shown in a message
LISTED = 12  # known names listed in a message

# Characters that look like ours, as word processors and input methods write them.
LOOK_ALIKES = (
    dict.fromkeys("×✕✖⋅·∙•∗＊", "*")
    | dict.fromkeys("−–—‐‑‒－﹣", "-")
    | dict.fromkeys("÷∕⁄／", "/")
    | dict.fromkeys("ˆ＾", "^")
    | {"＋": "+", "（": "(", "）": ")", "，": ",", "、": ",", "．": ".", "²": "^2", "³": "^3"}
)

FOREIGN = re.compile(r"\*\*|//|[<>=!]=?|&&?|\|\|?|\{\{?|[^\s\w]")
WRITABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")
WORD = re.compile(r"\w")
NUMBER_LIKE = re.compile(r"[0-9.][0-9A-Za-z_.]*")

NO_COMPARISON = "let a grader compare: its score is 1 or 0"
FOREIGN_FIXES = {
    "**": "write ^",
    "//": "write floor(a / b)",
    "%": "write a - b * floor(a / b)",
    "&": "write min(a, b)",
    "&&": "write min(a, b)",
    "|": "write max(a, b)",
    "||": "write max(a, b)",
    "?": NO_COMPARISON,
    ":": NO_COMPARISON,
    "!": "write 1 - a",
    "{": "write the key alone, without braces",
    "{{": "write the key alone, without braces",
    '"': "write the key without quotes",
    "'": "write the key without quotes",
    "[": "write ( and )",
    ".": "write 0.5 or .5",
} | dict.fromkeys(("<", "<=", ">", ">=", "=", "==", "!="), NO_COMPARISON)

FUNCTION_FIXES = {
    "pow": "write a ^ b",
    "power": "write a ^ b",
    "ln": "write log(a), the natural logarithm",
    "log2": "write log(a) / log(2)",
    "log10": "write log(a) / log(10)",
    "round": "write floor(a + 0.5)",
    "int": "write floor(a)",
    "sum": "write a + b",
    "avg": "write (a + b) / 2",
    "mean": "write (a + b) / 2",
    "clip": "write max(0, min(1, a))",
    "clamp": "write max(0, min(1, a))",
}

WORD_FIXES = dict.fromkeys(("if", "else"), NO_COMPARISON) | {
    "and": "write min(a, b)",
    "or": "write max(a, b)",
    "not": "write 1 - a",
}


class Fault(NamedTuple):
    """The words of one error."""

    message: str
    fix: str = ""
    expected: str = ""


UNCLOSED = Fault('"(" is never closed', fix='add ")"')
UNOPENED = Fault('")" was never opened', fix='drop it, or add "("')
NUMBER_TOO_LARGE = Fault("the number is beyond 1.8e308")


def error(text: str, at: int, fault: Fault) -> FormulaError:
    """The exception for a fault at character `at` (from 0) of `text`."""
    message = f'"{excerpt(text, at)}"   {fault.message}'
    return FormulaError(message, at + 1, fix=fault.fix, expected=fault.expected)


def excerpt(text: str, at: int) -> str:
    """The formula on one printable line, or the part of a long one around character `at`."""
    start = max(0, min(at - WIDTH // 3, len(text) - WIDTH))
    end = start + WIDTH
    shown = "".join(printable(c) for c in text[start:end])
    return ("…" if start else "") + shown + ("…" if end < len(text) else "")


def printable(character: str) -> str:
    """The character itself, a space for white space, else its escape."""
    if character in "\t\r\n":
        return " "
    return character if character.isprintable() else ascii(character)[1:-1]


def known(names: Collection[str]) -> str:
    """`known: a, b`, shortened."""
    listed = ", ".join(printable_all(name) for name in list(names)[:LISTED])
    more = f", … ({len(names):,} in all)" if len(names) > LISTED else ""
    return f"known: {listed or 'none'}{more}"


def printable_all(text: str) -> str:
    """The start of a text on one printable line."""
    return "".join(printable(c) for c in text[:WIDTH])


def empty(names: Collection[str]) -> Fault:
    """No formula at all."""
    example = next((name for name in names if WRITABLE.fullmatch(name)), "answer")
    return Fault("the formula is empty", expected=f"a formula such as 0.5 * {example}")


RAISE = "GRADERS_LIMIT_FORMULA_{} raises the limit"


def too_long(size: int) -> Fault:
    """More characters than allowed."""
    return Fault(f"the formula is longer than {size:,} characters", fix=RAISE.format("CHARS"))


def too_deep(depth: int) -> Fault:
    """More nesting than allowed."""
    return Fault(f"nested more than {depth:,} deep", fix=RAISE.format("DEPTH"))


def too_many_nodes(nodes: int) -> Fault:
    """More work than allowed."""
    return Fault(f"more than {nodes:,} numbers, names and operations", fix=RAISE.format("NODES"))


def unknown_name(text: str, name: str, at: int, names: Collection[str]) -> Fault:
    """A name that is not a key."""
    message = f"not a variable; {known(names)}" if names else "not a variable"
    return unwritable_key(text, at, names) or Fault(message, fix=instead_of_name(name, names))


def unwritable_key(text: str, at: int, names: Collection[str]) -> Fault | None:
    """A fault if character `at` lies in a key that the grammar cannot spell, such as `a-b`."""
    for key in names:
        around = text[max(0, at - len(key)) : at + len(key)]
        if key and key in around and not WRITABLE.fullmatch(key):
            return Fault(
                f'the key "{printable_all(key)}" cannot be written in a formula',
                fix="rename the key" + (f": {meant}" if (meant := as_key(key)) else ""),
                expected="letters a to z, digits and _",
            )
    return None


def as_key(name: str) -> str:
    """The nearest key that a formula can spell, or an empty string."""
    words = "_".join(re.findall("[A-Za-z0-9_]+", name[:WIDTH]))
    return f"_{words}" if words[:1].isdigit() else words


def instead_of_name(name: str, names: Collection[str]) -> str:
    """What the author of an unknown name may have meant."""
    parts = name.split(".")
    for part in reversed(parts):
        if len(parts) > 1 and (part in names or not names):
            return f"write the key alone: {part}"
    if name in FUNCTIONS:
        return f"{name} is a function: write {name}(…)"
    close = nearest(parts[-1], filter(WRITABLE.fullmatch, names))
    return f"write {close}" if close else ""


def unknown_function(name: str, names: Collection[str]) -> Fault:
    """A call of what is not a function."""
    if name in names:
        return Fault("a key is not a function", fix=f"write {name} * (…)")
    alone = name.rpartition(".")[2]
    close = nearest(alone, FUNCTIONS)
    fix = FUNCTION_FIXES.get(alone) or (f"write {close}(…)" if close else "")
    return Fault(f"not a function; {known(FUNCTIONS)}", fix=fix)


def too_many_arguments(function: str, n: int) -> Fault:
    """Arguments for a function that takes one."""
    return Fault(f"{function} takes one argument, not {n}")


def missing_operand(found: str, before: str) -> Fault:
    """`found` stands where a number, name or parenthesis was needed, after `before`."""
    here = f'"{found}"' if found else "the end"
    after = f' after "{before}"' if before else " at the start"
    if before.endswith("(") and found == ")":
        message = "nothing in the parentheses"
        return Fault(message, expected="an argument" if before != "(" else "a number or a name")
    return Fault(f"nothing{after}, found {here}", expected="a number, a name or (")


def missing_operator(found: str) -> Fault:
    """Two operands side by side, or an operator of another language."""
    if found in WORD_FIXES:
        return Fault(f'"{found}" is not an operator', WORD_FIXES[found], OPERATORS)
    return Fault(f'no operator before "{printable_all(found)}"', "write * to multiply", OPERATORS)


def stray_comma(text: str, at: int) -> Fault:
    """A comma that separates no arguments."""
    if text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit():
        return Fault('"," in a number', fix="write a decimal point: 0.5")
    return Fault('"," outside the parentheses of a function', expected=OPERATORS)


def unreadable(text: str, at: int, names: Collection[str]) -> tuple[int, Fault]:
    """Where and what it is, when no token starts at character `at`."""
    like = NUMBER_LIKE.match(text, at)
    if like and any(digit in like[0] for digit in "0123456789"):
        return at, Fault(f"{printable_all(like[0])} is not a number", fix=number_fix(like[0]))
    while text[at].isascii() and WORD.match(text, at):  # the name was good up to some letter
        at += 1
    return at, unreadable_character(text, at, names)


def unreadable_character(text: str, at: int, names: Collection[str]) -> Fault:
    """The fault of a character that no token can hold."""
    character = text[at]
    if character in LOOK_ALIKES:
        ours = LOOK_ALIKES[character]
        return Fault(f'"{character}" (U+{ord(character):04X}) only looks right', f"write {ours}")
    if character.isspace():
        return Fault(f"white space U+{ord(character):04X}", fix="write a plain space")
    if character.isalnum():
        stray = Fault(f'"{character}" in a name', expected="letters a to z, digits and _")
        return unwritable_key(text, at, names) or stray
    found = FOREIGN.match(text, at)
    sign = found[0] if found else character
    fix = FOREIGN_FIXES.get(sign, "")
    return Fault(f'"{printable_all(sign)}" has no meaning in a formula', fix, OPERATORS)


def number_fix(spelling: str) -> str:
    """What the author of a malformed number may have meant."""
    if spelling.lower().startswith(("0x", "0b", "0o")):
        return "write it in decimal"
    bare = spelling.replace("_", "")
    if bare != spelling and bare.replace(".", "", 1).isdigit():
        return f"write {bare}"
    if spelling.endswith(".") and spelling[:-1].isdigit():
        return f"write {spelling[:-1]}"
    leading = re.match(r"[0-9]+(?:\.[0-9]+)?(?=[A-Za-z_])", spelling)
    if leading and not re.match(r"[eE]([0-9]|$)", spelling[leading.end() :]):
        return f"write {leading[0]} * {spelling[leading.end() :]}"
    return ""
