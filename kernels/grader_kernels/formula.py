"""Formulas over columns: one interpreter of operation lists for every formula.

Columns are cut into blocks whose registers stay in the processor's cache. A block in which anything
is not finite is run again row by row, where each fault has its code.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# The order of graders.formula_program.OPERATIONS; a test compares them.
NEG, ADD, SUB, MUL, DIV, MIN, MAX, ABS, POW, FLOOR, CEIL, EXP, SQRT, LOG = range(14)
MISSING, DIVISION_BY_ZERO, DOMAIN, OVERFLOW = range(1, 5)

LARGEST = 1.7976931348623157e308
EXP_MAX = 709.782712893384  # log(LARGEST): exp beyond it is infinite


@njit(nogil=True, cache=True)
def _scalar(operation: int, x: float, y: float) -> tuple[float, int]:
    """Value and code of one operation."""
    if operation == NEG:
        value = -x
    elif operation == ADD:
        value = x + y
    elif operation == SUB:
        value = x - y
    elif operation == MUL:
        value = x * y
    elif operation == DIV:
        if y == 0.0:
            return 0.0, DIVISION_BY_ZERO
        value = x / y
    elif operation == MIN:
        value = x if x <= y else y
    elif operation == MAX:
        value = x if x >= y else y
    elif operation == ABS:
        value = abs(x)
    elif operation == POW:
        if x == 0.0 and y < 0.0:
            return 0.0, DIVISION_BY_ZERO
        if x < 0.0 and y != np.floor(y):
            return 0.0, DOMAIN
        value = x**y
    elif operation == FLOOR:
        value = np.floor(x)
    elif operation == CEIL:
        value = np.ceil(x)
    elif operation == EXP:
        if x > EXP_MAX:
            return 0.0, OVERFLOW
        value = math.exp(x)
    elif operation == SQRT:
        if x < 0.0:
            return 0.0, DOMAIN
        value = math.sqrt(x)
    else:
        if x <= 0.0:
            return 0.0, DOMAIN
        value = math.log(x)
    return value, (0 if math.isfinite(value) else OVERFLOW)


@njit(nogil=True, cache=True)
def _block(operation: int, x: Floats, y: Floats, out: Floats) -> int:
    """One operation on a block, into `out`, which is neither operand.

    Infinity and NaN pass through + - * and the dividend, so that they can be looked for in the last
    result. Other operations hide them (1 / inf is 0) and look at their operands: not 0 if one may
    not be finite. np.divide, unlike `/`, has no check that raises; it would stop vectorisation.
    """
    n = out.shape[0]
    bad = 0
    if operation == ADD:
        for i in range(n):
            out[i] = x[i] + y[i]
    elif operation == SUB:
        for i in range(n):
            out[i] = x[i] - y[i]
    elif operation == MUL:
        for i in range(n):
            out[i] = x[i] * y[i]
    elif operation == DIV:
        for i in range(n):
            bad |= np.int64(not abs(y[i]) <= LARGEST)
            out[i] = np.divide(x[i], y[i])
    elif operation == MIN:
        for i in range(n):
            bad |= np.int64(not abs(x[i] - y[i]) <= LARGEST)
            out[i] = x[i] if x[i] <= y[i] else y[i]
    elif operation == MAX:
        for i in range(n):
            bad |= np.int64(not abs(x[i] - y[i]) <= LARGEST)
            out[i] = x[i] if x[i] >= y[i] else y[i]
    else:
        # The early exit also keeps this loop from being vectorised: the last bits of vector
        # libraries differ from libm's.
        for i in range(n):
            value, code = _scalar(operation, x[i], y[i])
            if code or not abs(x[i] - y[i]) <= LARGEST:
                return 1
            out[i] = value
    return bad


@njit(nogil=True, cache=True)
def _finish(values: Floats) -> int:
    """Make -0.0 0.0; not 0 if a value is infinite or NaN."""
    bad = 0
    for i in range(values.shape[0]):
        bad |= np.int64(not abs(values[i]) <= LARGEST)
        values[i] += 0.0
    return bad


@njit(nogil=True, cache=True)
def _row(program: NDArray[np.int64], slots: Floats, k: int) -> tuple[float, int]:
    """Value and code of one row. `slots` holds k columns, and constants, and is written to."""
    infinite = False
    for j in range(k):
        if math.isnan(slots[j]):
            return np.nan, MISSING
        infinite |= math.isinf(slots[j])
    if infinite:
        return np.nan, OVERFLOW
    for j in range(program.shape[0]):
        value, code = _scalar(program[j, 0], slots[program[j, 1]], slots[program[j, 2]])
        if code:
            return np.nan, code
        slots[program[j, 3]] = value
    return slots[program[-1, 3]] + 0.0, 0


@njit(nogil=True, cache=True)
def formula_batch(
    program: NDArray[np.int64],
    k: int,
    columns: tuple[Floats, ...] | Floats,
    registers: Floats,
    values: Floats,
    codes: NDArray[np.int8],
) -> None:
    """Values float64[n], and codes int8[n] of rows that have one, of the first k columns.

    `program` has rows of operation, left slot, right slot, target slot. Slots are the columns, then
    the rows of `registers` float64[r, block]: constants, then temporaries. The last target is the
    result. numba compiles it once for a tuple and once for a matrix of columns.
    """
    n = values.shape[0]
    block = registers.shape[1]
    last = program.shape[0] - 1
    slots = np.empty(k + registers.shape[0])
    for start in range(0, n, block):
        stop = min(start + block, n)
        m = stop - start
        bad = 0
        for j in range(last + 1):
            left, right, target = program[j, 1], program[j, 2], program[j, 3]
            x = columns[left][start:stop] if left < k else registers[left - k, :m]
            y = columns[right][start:stop] if right < k else registers[right - k, :m]
            out = values[start:stop] if j == last else registers[target - k, :m]
            bad |= _block(program[j, 0], x, y, out)
        bad |= _finish(values[start:stop])
        if bad:
            for i in range(start, stop):
                for j in range(k):
                    slots[j] = columns[j][i]
                for j in range(registers.shape[0]):
                    slots[k + j] = registers[j, 0]
                values[i], codes[i] = _row(program, slots, k)
