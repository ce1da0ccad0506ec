"""The formula kernel: bit-equal to the plain path and to the naive twin, fault for fault."""

from __future__ import annotations

import math
import os
import random
import struct
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference_formula
from grader_kernels import formula as kernel
from graders.formula import CODES, Formula, parse
from graders.formula.nodes import Binary, Call, Name, Node, Number, Unary, unparse
from graders.formula.program import (
    BLOCK,
    CHUNK,
    OPERATIONS,
    TUPLE,
    Evaluated,
    run_compiled,
    run_plain,
)

JIT_OFF = os.environ.get("NUMBA_DISABLE_JIT", "0") == "1"
MANY = 300 if JIT_OFF else 20_000

HOSTILE = [
    *(0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.0, 3.0, 0.1, 1e16, 1e308, -1e308, 5e-324, -5e-324, 1e-320),
    *(1.7976931348623157e308, 2.2250738585072014e-308, 709.782712893384, 709.7827128933841, -745.2),
    *(9007199254740991.5, 0.9999999999999999, 1.0000000000000002, math.nan),
]
SPELLINGS = ("0", "1", "2", "3", "4", "0.5", ".5", "2.0", "1e308", "5e-324", "1e-999", "1E5", "710")
ONE_ARGUMENT = ("abs", "floor", "ceil", "exp", "sqrt", "log")

values = st.one_of(st.sampled_from(HOSTILE), st.floats(allow_nan=True, allow_infinity=True))
numbers = st.one_of(
    st.sampled_from(SPELLINGS),
    st.floats(min_value=0.0, allow_infinity=False).map(repr),
).map(Number)
names = st.sampled_from(["a", "b", "min", "_x1"]).map(Name)


def grow(trees: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Unary, st.sampled_from("+-"), trees),
        st.builds(Binary, st.sampled_from("+-*/^"), trees, trees),
        st.builds(
            lambda f, x: Call(f, (x,)),
            st.sampled_from(["abs", "floor", "ceil", "exp", "sqrt", "log"]),
            trees,
        ),
        st.builds(
            lambda f, xs: Call(f, tuple(xs)),
            st.sampled_from(["min", "max"]),
            st.lists(trees, min_size=1, max_size=4),
        ),
    )


trees: st.SearchStrategy[Node] = st.recursive(st.one_of(numbers, names), grow, max_leaves=12)


def columns_of(formula: Formula, columns: Mapping[str, Sequence[float]]) -> list[np.ndarray]:
    return [np.asarray(columns[name], dtype=np.float64) for name in formula.names]


def compiled(formula: Formula, columns: Mapping[str, Sequence[float]], n: int) -> Evaluated:
    return run_compiled(formula.program, columns_of(formula, columns), n)


def plain(formula: Formula, columns: Mapping[str, Sequence[float]], n: int) -> Evaluated:
    return run_plain(formula.program, columns_of(formula, columns), n)


def bits(evaluated: Evaluated) -> tuple[list[bytes], list[int]]:
    """Values bit by bit, all NaNs alike, and codes."""
    found, codes = evaluated
    return [struct.pack("<d", v if v == v else math.nan) for v in found.tolist()], codes.tolist()


def test_kernel_and_plain_path_number_their_operations_alike() -> None:
    named = {"neg": "NEG", "+": "ADD", "-": "SUB", "*": "MUL", "/": "DIV", "^": "POW"}
    numbers = [getattr(kernel, named.get(name, name.upper())) for name in OPERATIONS]
    assert numbers == list(range(len(OPERATIONS)))
    assert [getattr(kernel, cause.upper()) for cause in CODES.values()] == list(CODES)


@pytest.mark.parametrize("text", ["-a", "a + b", "a - b", "a * b", "a / b", "a ^ b", "min(a, b)"])
@pytest.mark.parametrize("fault", [[], [(math.nan, 1.0)], [(1e308, 1e-308)], [(0.0, math.inf)]])
def test_each_operator_has_the_bits_of_the_plain_path(
    text: str, fault: list[tuple[float, float]]
) -> None:
    """With a fault in the block, the other rows are run one by one."""
    pairs = [(x, y) for x in HOSTILE[:10] for y in HOSTILE[:10] if y > 0] + fault
    columns = dict(zip("ab", map(list, zip(*pairs, strict=True)), strict=True))
    for formula in (parse(text), parse(text.replace("min", "max")), parse(f"abs({text})")):
        got = compiled(formula, columns, len(pairs))
        assert bits(got) == bits(plain(formula, columns, len(pairs)))


@given(trees, st.lists(st.tuples(values, values, values, values), min_size=1, max_size=8))
def test_compiled_plain_and_naive_give_the_same_bits_and_causes(
    tree: Node, rows: list[tuple[float, ...]]
) -> None:
    formula = parse(unparse(tree))
    table = [dict(zip(("a", "b", "min", "_x1"), row, strict=True)) for row in rows]
    columns = {name: [row[name] for row in table] for name in table[0]}
    causes = {cause: code for code, cause in CODES.items()} | {"": 0}
    ref = [reference_formula.reward(tree, formula.names, row) for row in table]
    ref_bits = [struct.pack("<d", v) for v, _ in ref], [causes[cause] for _, cause in ref]
    assert bits(plain(formula, columns, len(rows))) == ref_bits
    assert bits(compiled(formula, columns, len(rows))) == ref_bits


def wild(count: int, seed: int) -> list[float]:
    """Floats of every magnitude, and many of everyday size."""
    rng = random.Random(seed)
    patterns = (struct.unpack("<d", rng.randbytes(8))[0] for _ in range(count))
    wide = [x for x in patterns if math.isfinite(x)]
    return (
        wide + [rng.uniform(-50, 50) for _ in range(count)] + [rng.random() for _ in range(count)]
    )


@pytest.mark.parametrize("function", ["exp", "log", "sqrt", "floor", "ceil", "abs"])
def test_functions_have_the_bits_of_python_math(function: str) -> None:
    formula = parse(f"{function}(a)")
    inputs = [x for x in HOSTILE if x == x] + wild(MANY, seed=1)
    columns = {"a": inputs}
    assert bits(compiled(formula, columns, len(inputs))) == bits(
        plain(formula, columns, len(inputs))
    )


def test_powers_have_the_bits_of_python_math() -> None:
    formula = parse("a ^ b")
    left, right = wild(MANY, seed=2), wild(MANY, seed=3)
    n = min(len(left), len(right))
    random.Random(4).shuffle(right)
    columns = {
        "a": left[:n] + [abs(x) for x in left[:n]] + left[:n],
        "b": right[:n] + right[:n] + [float(round(x) % 40 - 20) for x in right[:n]],
    }
    assert bits(compiled(formula, columns, 3 * n)) == bits(plain(formula, columns, 3 * n))


@pytest.mark.parametrize("n", [0, 1, 63, BLOCK - 1, BLOCK, BLOCK + 1, CHUNK, CHUNK + 1])
def test_blocks_and_chunks_meet_without_a_gap(n: int) -> None:
    formula = parse("min(1, max(0, (0.3 * a + 0.7 * b - 0.1) / 2))")
    rng = np.random.default_rng(5)
    columns = {"a": rng.random(n), "b": rng.random(n)}
    ref = np.minimum(1, np.maximum(0, (0.3 * columns["a"] + 0.7 * columns["b"] - 0.1) / 2))
    got, codes = compiled(formula, columns, n)
    assert got.tolist() == ref.tolist()
    assert not codes.any()


@pytest.mark.parametrize("k", [TUPLE, TUPLE + 1, 40])
@pytest.mark.parametrize("n", [0, 5, 64, CHUNK + 1])
def test_many_columns_are_read_like_few(k: int, n: int) -> None:
    formula = parse(" + ".join(f"x{i} / 2" for i in range(k)))
    table = np.random.default_rng(6).random((k, n))
    if n:
        table[k - 1, n - 1] = math.nan
    columns = {f"x{i}": column.tolist() for i, column in enumerate(table)}
    got, codes = compiled(formula, columns, n)
    assert got[:-1].tolist() == sum(table / 2)[:-1].tolist()
    assert [CODES[code] for code in codes[codes != 0]] == ["missing"] * bool(n)


def test_one_compilation_serves_every_formula() -> None:
    table = np.ones((3, 6))
    table.flags.writeable = False
    for text in ("a", "0.5", "min(a, b) ^ 2", "a * b * c"):
        formula = parse(text)
        columns = [table[0], table[1, ::-1], table[:, 2].repeat(2)][: len(formula.names)]
        run_compiled(formula.program, columns, 6)
    signatures = getattr(kernel.formula_batch, "signatures", [])
    assert len(signatures) <= 2


def test_a_faulty_row_spoils_no_neighbour() -> None:
    n = BLOCK + 5
    a, b = np.full(n, 6.0), np.full(n, 2.0)
    b[7], b[BLOCK], a[9], a[BLOCK + 1] = 0.0, 0.0, math.nan, 1e308
    b[BLOCK + 1] = 1e-308
    got, codes = compiled(parse("a / b"), {"a": a, "b": b}, n)
    faults = {int(i): CODES[codes[i]] for i in np.flatnonzero(codes)}
    assert faults == {
        7: "division_by_zero",
        BLOCK: "division_by_zero",
        9: "missing",
        BLOCK + 1: "overflow",
    }
    assert np.isnan(got).tolist() == (codes != 0).tolist()
    assert set(got[codes == 0].tolist()) == {3.0}


def test_columns_may_be_strided_and_of_other_number_types() -> None:
    table = np.arange(12.0).reshape(6, 2)
    formula = parse("a + b")
    for path in (run_compiled, run_plain):
        got, _ = path(formula.program, [table[:, 0], table[::-1, 1]], 6)
        assert got.tolist() == (table[:, 0] + table[::-1, 1]).tolist()


def test_temporaries_are_used_again() -> None:
    assert parse(" + ".join(["(a + b)^3 * (a - b)^4"] * 50)).program.temporaries <= 5
    assert parse(f"min({', '.join(['a + b'] * 50)})").program.temporaries <= 3


def test_thousands_of_operations_run_in_bounded_registers() -> None:
    n = 10
    terms = [f"{i}.5 * a" for i in range(1, 2_501)]
    formula = parse(" + ".join(terms))
    assert formula.program.temporaries <= 3
    columns = {"a": np.linspace(0, 1, n)}
    ref = sum((float(f"{i}.5") * columns["a"] for i in range(2, 2_501)), 1.5 * columns["a"])
    assert compiled(formula, columns, n)[0].tolist() == ref.tolist()
    assert plain(formula, columns, n)[0].tolist() == ref.tolist()
