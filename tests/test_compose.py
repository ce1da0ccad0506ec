"""Graders in Python arithmetic: which formula and which keys come out, and what is refused."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graders
from graders.compose import Operand
from graders.errors import UsageError
from graders.multi import Multi
from graders.string_check import StringCheck


def check(name: str) -> StringCheck:
    return StringCheck(
        name=name, input="{{sample.output_text}}", reference="{{item.answer}}", operation="eq"
    )


A, B, C = check("a"), check("b"), check("c")

FORMULAS: list[tuple[Callable[[], Multi], str]] = [
    (lambda: A + B, "a + b"),
    (lambda: A - 1, "a - 1"),
    (lambda: 1 - A, "1 - a"),
    (lambda: 0.8 * A + 0.2 * B, "0.8 * a + 0.2 * b"),
    (lambda: A / 2, "a / 2"),
    (lambda: 2 / A, "2 / a"),
    (lambda: A**2, "a ^ 2"),
    (lambda: 2**A, "2 ^ a"),
    (lambda: A**-1, "a ^ -1"),
    (lambda: (-2) ** A, "(-2) ^ a"),
    (lambda: -A, "-a"),
    (lambda: -(A**2), "-a ^ 2"),
    (lambda: (-A) ** 2, "(-a) ^ 2"),
    (lambda: abs(A - B), "abs(a - b)"),
    (lambda: (A + B) * C, "(a + b) * c"),
    (lambda: A + B * C, "a + b * c"),
    (lambda: A - (B - C), "a - (b - c)"),
    (lambda: A - B - C, "a - b - c"),
    (lambda: A / (B * C), "a / (b * c)"),
    (lambda: A ** (B**C), "a ^ b ^ c"),
    (lambda: (A**B) ** C, "(a ^ b) ^ c"),
    (lambda: A * A, "a * a"),
    (lambda: graders.min(A, 1, B), "min(a, 1, b)"),
    (lambda: graders.max(0, A - 1), "max(0, a - 1)"),
    (lambda: graders.exp(A), "exp(a)"),
    (lambda: graders.sqrt(A), "sqrt(a)"),
    (lambda: graders.log(A + 1), "log(a + 1)"),
    (lambda: graders.floor(A * 10) / 10, "floor(a * 10) / 10"),
    (lambda: graders.ceil(A), "ceil(a)"),
    (lambda: sum([A, B, C]), "0 + a + b + c"),
    (lambda: np.float64(0.5) * A, "0.5 * a"),
    (lambda: np.float32(0.5) * A, "0.5 * a"),
    (lambda: np.int64(2) * A, "2.0 * a"),
    (lambda: Fraction(1, 4) * A, "0.25 * a"),
    (lambda: 1e-7 * A, "1e-07 * a"),
    (lambda: -0.5 * A, "-0.5 * a"),
    (lambda: 10**30 * A, "1e+30 * a"),
]


@pytest.mark.parametrize(("make", "formula"), FORMULAS, ids=[text for _, text in FORMULAS])
def test_an_expression_becomes_a_formula(make: Callable[[], Multi], formula: str) -> None:
    made = make()
    assert type(made) is Multi
    assert made.calculate_output == formula


def test_the_result_is_what_one_would_write_by_hand() -> None:
    made = 0.8 * A + 0.2 * B
    ref = {
        "type": "multi",
        "name": made.name,
        "graders": {"a": A.to_dict(), "b": B.to_dict()},
        "calculate_output": "0.8 * a + 0.2 * b",
    }
    assert made.to_dict() == ref
    assert graders.load(ref) == made
    assert graders.load(graders.dump(made)) == made


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["exact", "exact"], ["exact", "exact_2"]),
        (["exact", "exact", "exact"], ["exact", "exact_2", "exact_3"]),
        (["exact", "exact", "exact_2"], ["exact", "exact_2", "exact_2_2"]),
        (["Policy Outcome Grader", "x"], ["Policy_Outcome_Grader", "x"]),
        (["similarity-score", "similarity score"], ["similarity_score", "similarity_score_2"]),
        (["2nd", "_x"], ["_2nd", "_x"]),
        (["名前", "😀"], ["grader", "grader_2"]),
        (["min", "a"], ["min", "a"]),
    ],
)
def test_keys_are_made_of_names_and_unique(names: list[str], keys: list[str]) -> None:
    made = sum(map(check, names))
    assert isinstance(made, Multi)
    assert list(made.graders) == keys
    assert made.calculate_output == " + ".join(["0", *keys])


def test_a_grader_without_a_name_gets_a_key_from_its_content() -> None:
    nameless = StringCheck(input="a", reference="b", operation="eq")
    (key,) = (2 * nameless).graders
    assert key == nameless.name.replace("-", "_")


def test_the_same_object_is_one_child_and_an_equal_one_is_another() -> None:
    twin = check("a")
    assert twin == A
    assert list((A + A).graders) == ["a"]
    assert list((A + twin).graders) == ["a", "a_2"]
    assert list((A + B + A * B + A).graders) == ["a", "b"]


def test_a_multi_operand_is_inlined_with_its_keys() -> None:
    left = Multi(graders={"a": A, "x": B, "unused": C}, calculate_output="0.30*a+ x ^ 2")
    made = left * (A + B)
    assert made.calculate_output == "(0.30 * a + x ^ 2) * (a + x)"
    assert dict(made.graders) == {"a": A, "x": B, "unused": C}


def test_keys_of_an_inlined_multi_make_way() -> None:
    other = Multi(graders={"a": B, "a_2": C}, calculate_output="a - a_2")
    made = A - other
    assert made.calculate_output == "a - (a_2 - a_2_2)"
    assert list(made.graders.values()) == [A, B, C]


def test_operands_are_left_as_they_were() -> None:
    left = A + B
    before = left.to_dict()
    assert left * C - left
    assert left.to_dict() == before


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**40), 10**40))
def test_a_number_is_read_back_as_the_same_float(number: float) -> None:
    values, codes = (number * A).formula.evaluate({"a": np.ones(1)})
    assert codes.tolist() == [0]
    assert values[0] == float(number)


Pair = tuple[Any, float]  # the same expression over graders and over floats
SCORES = {"a": 0.25, "b": 0.75, "c": 1.0}
operands = st.sampled_from([(A, 0.25), (B, 0.75), (C, 1.0)])
constants = st.sampled_from([(2, 2.0), (0.5, 0.5), (-1, -1.0), (3.25, 3.25)])


def both(function: Callable[..., Any]) -> Callable[[Pair, Pair], Pair]:
    return lambda x, y: (function(x[0], y[0]), float(function(x[1], y[1])))


def grow(pairs: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    functions = [operator.add, operator.sub, operator.mul, lambda x, y: abs(x - y), lambda x, y: -x]
    return st.one_of(
        st.builds(lambda f, x, y: both(f)(x, y), st.sampled_from(functions), pairs, pairs),
        st.builds(lambda f, x, y: both(f)(x, y), st.sampled_from(functions), pairs, constants),
        st.builds(lambda f, x, y: both(f)(x, y), st.sampled_from(functions[:4]), constants, pairs),
        st.builds(
            lambda x, y: (graders.min(x[0], y[0]), min(x[1], y[1])),
            pairs,
            pairs,
        ),
    )


@given(st.recursive(operands, grow, max_leaves=8))
def test_any_expression_means_what_it_means_in_python(pair: Pair) -> None:
    made, ref = pair
    if isinstance(made, Multi):
        columns = {key: np.array([SCORES[child.name]]) for key, child in made.graders.items()}
        values, codes = made.formula.evaluate(columns)
        assert codes.tolist() == [0]
        assert values[0] == ref


# What is refused


@pytest.mark.parametrize("make", [lambda: A ^ 2, lambda: 2 ^ A, lambda: A ^ B, lambda: (A + B) ^ 2])
def test_the_caret_is_refused_with_the_reason(make: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match=r"use \*\*: Python's \^ binds looser than \+"):
        make()


@pytest.mark.parametrize("wrong", ["0.5", b"0.5", [1], (1,), None, {}, 1j, object()])
@pytest.mark.parametrize("function", [operator.add, operator.mul, operator.pow, operator.truediv])
def test_only_graders_and_numbers_are_operands(
    wrong: object, function: Callable[[Any, Any], object]
) -> None:
    with pytest.raises(TypeError, match=type(wrong).__name__):
        function(A, wrong)
    with pytest.raises(TypeError):
        function(wrong, A)


@pytest.mark.parametrize(
    "make", [lambda: True * A, lambda: A + False, lambda: graders.min(A, True)]
)
def test_a_bool_is_no_number(make: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match=r"is no number of a formula; write [01]\.0"):
        make()


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, 10**400, np.float64("nan")])
def test_a_number_must_be_finite(number: float) -> None:
    with pytest.raises(UsageError, match="finite numbers only"):
        number * A


@pytest.mark.parametrize("name", ["min", "max", "exp", "sqrt", "log", "floor", "ceil"])
def test_a_function_needs_a_grader(name: str) -> None:
    function = getattr(graders, name)
    instead = name if name in ("min", "max") else f"math.{name}"
    with pytest.raises(TypeError, match=f"graders.{name} needs a grader.* use {instead}"):
        function(1)
    with pytest.raises(TypeError, match=f"graders.{name} takes graders and numbers, not list"):
        function([A, B])


def test_without_any_operand_there_is_nothing_to_combine() -> None:
    with pytest.raises(TypeError, match="needs a grader"):
        graders.max()


def test_an_array_is_not_an_operand() -> None:
    with pytest.raises(TypeError):
        np.ones(2) * A


def test_an_unknown_type_may_take_the_operator_over() -> None:
    class Other:
        def __radd__(self, left: Operand) -> str:
            return f"{left.name} taken"

    assert A + Other() == "a taken"  # type: ignore[operator]
