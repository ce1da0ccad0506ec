"""What a formula becomes: a list of operations on numbered slots.

Slots are the columns that the formula names, then its constants, then temporaries. Plain Python and
the kernel run the same list and give the same bits, so that no formula is ever compiled.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .nodes import Binary, Call, Name, Node, Number, Unary

FloatArray = NDArray[np.float64]
Evaluated = tuple[FloatArray, NDArray[np.int8]]

BLOCK = 4096  # rows of a register: 32 kB, a few of which stay in the second-level cache
TUPLE = 8  # columns that the kernel takes as they are; more are copied, in chunks of rows
CHUNK = 16_384
NOTHING = np.empty(0)
REGISTERS = COPIED = 2**20  # floats in all registers, in all copied columns: 8 MB

# What `evaluate` says about a row beside 0, all well.
CODES = {1: "missing", 2: "division_by_zero", 3: "domain", 4: "overflow"}
MISSING, DIVISION_BY_ZERO, DOMAIN, OVERFLOW = CODES


def power(x: float, y: float) -> float:
    """x ^ y; 0 to a negative power is a division by zero."""
    if x == 0.0 and y < 0.0:
        raise ZeroDivisionError
    return math.pow(x, y)


# The operations of a program, numbered by their place here and in grader_kernels.formula.
OPERATIONS: dict[str, Callable[[float, float], float]] = {
    "neg": lambda x, _: -x,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "min": min,
    "max": max,
    "abs": lambda x, _: abs(x),
    "^": power,
    "floor": lambda x, _: float(math.floor(x)),
    "ceil": lambda x, _: float(math.ceil(x)),
    "exp": lambda x, _: math.exp(x),
    "sqrt": lambda x, _: math.sqrt(x),
    "log": lambda x, _: math.log(x),
}
FUNCTIONS = tuple(OPERATIONS.values())
NUMBERS = {name: number for number, name in enumerate(OPERATIONS)}
UNARY = frozenset(("neg", "abs", "floor", "ceil", "exp", "sqrt", "log"))
SMALL_POWERS = {2.0: "square", 3.0: "cube", 4.0: "fourth"}  # literal exponents, multiplied out


@dataclass(frozen=True)
class Program:
    """`operations` are (operation, left slot, right slot, target slot), in order of evaluation.

    The last target is the result. There is always an operation.
    """

    operations: tuple[tuple[int, int, int, int], ...]
    constants: tuple[float, ...]
    columns: int
    temporaries: int

    @cached_property
    def table(self) -> NDArray[np.int64]:
        """The operations as the kernel reads them, int64[m, 4]."""
        return np.array(self.operations, dtype=np.int64)


def lower(tree: Node, names: Sequence[str]) -> Program:
    """The tree as a program over the columns `names`."""
    lowering = Lowering(names)
    pending: list[Node | str] = [tree]
    while pending:
        match pending.pop():
            case str(operation):
                lowering.apply(operation)
            case Number() as number:
                lowering.waiting.append(number.value)
            case Name(key):
                lowering.waiting.append(lowering.columns[key])
            case Unary(sign, operand):
                pending += ["neg", operand] if sign == "-" else [operand]
            case Binary("^", left, Number() as exponent) if exponent.value in SMALL_POWERS:
                pending += [SMALL_POWERS[exponent.value], left]
            case Binary(symbol, left, right):
                pending += [symbol, right, left]
            case Call("min" | "max" as function, (first, *others)):
                for argument in reversed(others):
                    pending += [function, argument]
                pending.append(first)
            case Call(function, (argument, *_)):
                pending += [function, argument]
    return lowering.finish()


class Lowering:
    """The program so far. A target is never one of its operands: such a loop does not vectorise."""

    def __init__(self, names: Sequence[str]) -> None:
        self.columns = {name: slot for slot, name in enumerate(names)}
        self.constants: dict[float, int] = {}
        self.operations: list[tuple[int, int, int, int]] = []
        self.waiting: list[int | float] = []  # operands: a slot, or a constant by its value
        self.free: list[int] = []
        self.temporaries = 0  # number t is slot ~t until the constants are counted

    def apply(self, operation: str) -> None:
        """Replace the operands on top of the stack by the result."""
        if operation in SMALL_POWERS.values():
            self.waiting.append(self.small_power(operation))
        elif operation in UNARY:
            operand = self.waiting.pop()
            constant = operation == "neg" and isinstance(operand, float)
            self.waiting.append(-operand if constant else self.emit(operation, operand, operand))
        else:
            right = self.waiting.pop()
            self.waiting.append(self.emit(operation, self.waiting.pop(), right))

    def small_power(self, operation: str) -> int:
        """x^2 is x*x, x^3 is (x*x)*x, x^4 is (x*x)*(x*x)."""
        x = self.slot(self.waiting.pop())
        square = self.write("*", x, x)
        if operation == "square":
            self.release({x})
            return square
        power = self.write("*", square, x if operation == "cube" else square)
        self.release({x, square})
        return power

    def emit(self, operation: str, left: int | float, right: int | float) -> int:
        """Add an operation that is the last use of its operands; return its slot."""
        operands = self.slot(left), self.slot(right)
        target = self.write(operation, *operands)
        self.release(set(operands))
        return target

    def write(self, operation: str, left: int, right: int) -> int:
        if not self.free:
            self.free.append(~self.temporaries)
            self.temporaries += 1
        target = self.free.pop()
        self.operations.append((NUMBERS[operation], left, right, target))
        return target

    def release(self, slots: Iterable[int]) -> None:
        self.free.extend(slot for slot in slots if slot < 0)

    def slot(self, operand: int | float) -> int:
        if isinstance(operand, int):
            return operand
        return self.constants.setdefault(operand, len(self.columns) + len(self.constants))

    def finish(self) -> Program:
        if not self.operations:  # a column or a constant alone
            self.emit("+", self.waiting.pop(), 0.0)
        base = len(self.columns) + len(self.constants)

        def final(slot: int) -> int:
            return slot if slot >= 0 else base + ~slot

        return Program(
            tuple((o, final(a), final(b), final(t)) for o, a, b, t in self.operations),
            tuple(self.constants),
            len(self.columns),
            self.temporaries,
        )


def run_plain(program: Program, columns: Sequence[FloatArray], n: int) -> Evaluated:
    """Row by row with Python floats."""
    values, codes = np.empty(n), np.zeros(n, np.int8)
    table = zip(*(column.tolist() for column in columns), strict=True) if columns else [()] * n
    rest = [*program.constants, *[0.0] * program.temporaries]
    for row, inputs in enumerate(table):
        values[row], codes[row] = run_row(program, [*inputs, *rest])
    return values, codes


def run_row(program: Program, slots: list[float]) -> tuple[float, int]:
    """Value and code of one row. `slots` holds columns and constants, and is written to."""
    inputs = slots[: program.columns]
    if any(value != value for value in inputs):
        return math.nan, MISSING
    if not all(map(math.isfinite, inputs)):
        return math.nan, OVERFLOW
    try:
        for number, left, right, target in program.operations:
            value = FUNCTIONS[number](slots[left], slots[right])
            if not math.isfinite(value):
                return math.nan, OVERFLOW
            slots[target] = value
    except ZeroDivisionError:
        return math.nan, DIVISION_BY_ZERO
    except OverflowError:
        return math.nan, OVERFLOW
    except ValueError:
        return math.nan, DOMAIN
    return slots[program.operations[-1][3]] + 0.0, 0  # -0.0 becomes 0.0


def run_compiled(program: Program, columns: Sequence[FloatArray], n: int) -> Evaluated:
    """Block by block through the kernel."""
    from grader_kernels.formula import formula_batch

    values, codes = np.empty(n), np.zeros(n, np.int8)
    constants = len(program.constants)
    width = constants + program.temporaries
    registers = np.empty((width, within(min(n, BLOCK), REGISTERS // max(1, width))))
    registers[:constants] = np.array(program.constants)[:, None]
    k = program.columns
    with np.errstate(all="ignore"):  # the interpreted kernel works on numpy's floats
        if k <= TUPLE:
            # Strided and read-only arrays are other types, which would be compiled for anew.
            plain = (c if c.flags.carray else c.copy() for c in columns)
            whole = (*plain, *[NOTHING] * (TUPLE - k))
            formula_batch(program.table, k, whole, registers, values, codes)
            return values, codes
        chunk = within(CHUNK, COPIED // k)
        for start in range(0, n, chunk):
            part = slice(start, start + chunk)
            matrix = np.stack([column[part] for column in columns])
            formula_batch(program.table, k, matrix, registers, values[part], codes[part])
    return values, codes


def within(most: int, value: int) -> int:
    """`value`, but at least one cache line of rows and at most `most`."""
    return max(64, min(most, value))
