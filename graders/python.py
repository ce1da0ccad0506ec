"""`python`: a function `grade(sample, item)` whose number is the score."""

from __future__ import annotations

import ast
import hashlib
import math
import sys
import warnings
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator

from .batch import Batch
from .compose import Operand
from .errors import RowError, python_error
from .fields import refusal
from .grader import Job, PythonCall, PythonReply, Reply, Scores
from .judging.replies import EXCERPT_CHARS, fill
from .limits import limit
from .options import Options

SOURCE_BYTES = 256 << 10  # the source must be smaller
DEFAULT_IMAGE = "2025-05-08"  # the only public image of the hosted service
SIGNATURE = "def grade(sample, item):"


def parse_source(source: str) -> ast.Module:
    """The syntax tree; refuses what this Python cannot parse."""
    version = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as invalid escapes, which are not errors
            return ast.parse(source)
    except SyntaxError as error:
        message = f"line {error.lineno or 1}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        message = str(error) or "nested too deeply"
    raise refusal(f"not valid {version}: {message}", expected="Python source", fix=SIGNATURE)


SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def top_level(tree: ast.Module) -> Iterator[ast.AST]:
    """Every node outside functions and classes, in the order of the source."""
    stack: list[ast.AST] = [*reversed(tree.body)]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, SCOPES):
            stack.extend(reversed(list(ast.iter_child_nodes(node))))


def bound_name(node: ast.AST) -> str:
    """The name that a top-level node defines, else the empty string."""
    match node:
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
            return name
        case ast.Name(name, ast.Store()):
            return name
        case ast.alias(name, asname):
            return asname or name.partition(".")[0]
    return ""


def takes_two(function: ast.FunctionDef) -> bool:
    """Whether the function can be called with two positional arguments."""
    args = function.args
    positional = [*args.posonlyargs, *args.args]
    required = len(positional) - len(args.defaults)
    room = len(positional) >= 2 or args.vararg is not None
    return required <= 2 and room and None not in args.kw_defaults


def check_source(source: str) -> str:
    """The source if it defines `grade` with two arguments at its top level."""
    size = len(source.encode("utf-8", "surrogatepass"))
    if size >= SOURCE_BYTES:
        raise refusal(f"source of {size:,} bytes", expected=f"less than {SOURCE_BYTES:,} bytes")
    nodes = list(top_level(parse_source(source)))
    named = [node for node in nodes if bound_name(node) == "grade"]
    if not named:
        functions = [bound_name(n) for n in nodes if isinstance(n, ast.FunctionDef)]
        found = f"; it defines {', '.join(functions[:10])}" if functions else ""
        raise refusal(f"no top-level function grade{found}", expected=SIGNATURE, fix=SIGNATURE)
    grade = named[-1]
    if isinstance(grade, ast.AsyncFunctionDef | ast.ClassDef):
        kind = "a class" if isinstance(grade, ast.ClassDef) else "an async function"
        raise refusal(f"line {grade.lineno}: grade is {kind}", expected=SIGNATURE, fix=SIGNATURE)
    if isinstance(grade, ast.FunctionDef) and not grade.decorator_list and not takes_two(grade):
        raise refusal(
            f"line {grade.lineno}: grade({ast.unparse(grade.args)}) does not take two arguments",
            expected=SIGNATURE,
            fix=SIGNATURE,
        )
    return source


class Python(Operand):
    """The number that `grade(sample, item)` returns, as it is: no clamp."""

    type: Literal["python"] = "python"
    source: Annotated[str, AfterValidator(check_source)]
    image_tag: str | None = None

    asks: ClassVar[bool] = True

    def needs_sample(self) -> bool:
        return True

    def jobs(self, batch: Batch) -> Sequence[Job | None]:
        without = {*batch.failed, *batch.skipped}
        return [None if i in without else self._job(batch, i) for i in range(len(batch))]

    def _job(self, batch: Batch, i: int) -> PythonCall:
        sample, item = dict(batch.sample(i) or {}), dict(batch.item(i))
        return PythonCall(self.source, sample, item, self.image_tag or "")

    def score(self, batch: Batch, replies: Sequence[Reply | None]) -> Scores:
        return fill(batch.scores(np.full(len(batch), np.nan)), replies, returned)

    def signature(self, options: Options) -> str:
        digest = hashlib.sha256(self.source.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return f"python|source:{digest}|image:{self.image_tag or DEFAULT_IMAGE}|def:1"


def returned(reply: Reply | None) -> float | RowError:
    """The number that `grade` returned, or why it is none."""
    if isinstance(reply, RowError):
        return reply
    if not isinstance(reply, PythonReply):
        return python_error("protocol", f"expected a return value, found {type(reply).__name__}")
    value = reply.value.item() if isinstance(reply.value, np.generic) else reply.value
    try:
        if isinstance(value, int | float) and math.isfinite(value):
            return float(value)
        problem = describe(value)
    except OverflowError:
        problem = "an int beyond the range of float"
    printed = reply.printed[: limit("detail_memory_chars")]
    return python_error("invalid_return", f"grade returned {problem}", output=printed)


def describe(value: object) -> str:
    """What a return value is that is not a finite number, and what to return instead."""
    if value is None:
        return "None; is a return missing on some path?"
    if isinstance(value, float):
        return f"{value}, which is not finite"
    shown = f"{type(value).__name__} {shortened(value)}"
    if isinstance(value, dict):
        return f"{shown}; return the number alone, not a mapping"
    return f"{shown}; return a float"


def shortened(value: object) -> str:
    """The first 200 characters of the value's repr."""
    if isinstance(value, str | bytes):
        value = value[:EXCERPT_CHARS]
    try:
        text = repr(value)
    except (ValueError, RecursionError) as error:  # digits or nesting without end
        return f"(not shown: {error})"
    return text if len(text) <= EXCERPT_CHARS else text[: EXCERPT_CHARS - 1] + "…"
