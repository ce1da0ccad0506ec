"""calculate_output: what it accepts, what it means, and how it says no."""

from __future__ import annotations

import pickle
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders import dispatch
from graders.errors import FormulaError
from graders.formula import CODES, FormulaLimits, parse, warmup
from graders.formula.nodes import Binary, Call, Name, Node, Number, Unary, rename, unparse

KEYS = ("answer", "structure", "sim-score", "min")
GENEROUS = FormulaLimits(chars=10**6, depth=10**6, nodes=10**6)


@pytest.fixture(params=["plain", "compiled"])
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every test that takes it runs on both paths."""
    monkeypatch.setenv("GRADERS_KERNELS", request.param)
    return str(request.param)


def value(text: str, **row: float) -> float | str:
    """The value of one row, or its cause."""
    columns = {name: np.array([score]) for name, score in row.items()}
    values, codes = parse(text).evaluate(columns, 1)
    return CODES[codes[0]] if codes[0] else float(values[0])


VALUES = [
    ("1 + 2 * 3", 7.0),
    ("(1 + 2) * 3", 9.0),
    ("8 - 3 - 2", 3.0),
    ("8 / 4 / 2", 1.0),
    ("2 ^ 3 ^ 2", 512.0),
    ("-2 ^ 2", -4.0),
    ("(-2) ^ 2", 4.0),
    ("2 ^ -1", 0.5),
    ("2 ^ -1 * 4", 2.0),
    ("-2 * 3", -6.0),
    ("2 * -3 ^ 2", -18.0),
    ("--1", 1.0),
    ("-+-1", 1.0),
    ("1 - -1", 2.0),
    ("0 ^ 0", 1.0),
    ("(-8) ^ 3", -512.0),
    ("(-2) ^ 4", 16.0),
    ("(-2) ^ 5", -32.0),
    ("min(3)", 3.0),
    ("min(3, 1, 2)", 1.0),
    ("max(3, 1, 5, 2)", 5.0),
    ("abs(-2.5)", 2.5),
    ("floor(-2.5)", -3.0),
    ("ceil(-2.5)", -2.0),
    ("exp(0)", 1.0),
    ("sqrt(9)", 3.0),
    ("log(1)", 0.0),
    ("1e3", 1000.0),
    (".5", 0.5),
    ("2.50E+1", 25.0),
    ("1e-999", 0.0),
    (" \t\r\n1\n", 1.0),
    ("a", 0.25),
    ("min", 0.5),
    ("min(min, a)", 0.25),
    ("max (min, a)", 0.5),
    ("_x1 * 2", 1.0),
    ("2 - 3", -1.0),
    ("3 * a - 1", -0.25),
]


@pytest.mark.parametrize(("text", "ref"), VALUES)
def test_a_formula_means(path: str, text: str, ref: float) -> None:
    assert value(text, a=0.25, min=0.5, _x1=0.5) == ref


@pytest.mark.parametrize("text", ["-0", "-a", "0 * -1", "ceil(-0.5)", "max(-0, -0)", "a"])
def test_negative_zero_is_returned_as_zero(path: str, text: str) -> None:
    values, _ = parse(text).evaluate({"a": np.array([-0.0])}, 1)
    assert str(float(values[0])) == "0.0"


CAUSES = [
    ("1 / 0", "division_by_zero"),
    ("0 / 0", "division_by_zero"),
    ("1 / -0", "division_by_zero"),
    ("0 ^ -1", "division_by_zero"),
    ("log(0)", "domain"),
    ("log(-1)", "domain"),
    ("sqrt(-1)", "domain"),
    ("(-1) ^ 0.5", "domain"),
    ("exp(710)", "overflow"),
    ("1e308 + 1e308", "overflow"),
    ("-1e308 - 1e308", "overflow"),
    ("1e308 * 10", "overflow"),
    ("1e308 / 0.1", "overflow"),
    ("1e200 ^ 2", "overflow"),
    ("10 ^ 309", "overflow"),
    ("min(1, 1e308 * 10)", "overflow"),
    ("1 / (1e308 * 10)", "overflow"),
    ("exp(-1e308 * 10)", "overflow"),
    ("0 * log(0)", "domain"),
    ("log(0) + 1 / 0", "domain"),
    ("1 / 0 + log(0)", "division_by_zero"),
    ("min(1 / 0, log(0))", "division_by_zero"),
    ("max(1, log(0), 1 / 0)", "domain"),
    ("2 ^ (1e308 * 10) + 1 / 0", "overflow"),
    ("0 * missing", "missing"),
    ("1 / 0 + missing", "missing"),
    ("missing ^ 0", "missing"),
    ("min(1, missing)", "missing"),
    ("missing * infinite", "missing"),
    ("1 / infinite", "overflow"),
    ("min(1, infinite)", "overflow"),
    ("1 / 0 + infinite", "overflow"),
]


@pytest.mark.parametrize(("text", "ref"), CAUSES)
def test_a_row_errs_with_the_cause_of_its_first_fault(path: str, text: str, ref: str) -> None:
    assert value(text, missing=float("nan"), infinite=float("inf")) == ref


def test_an_errored_row_has_no_value(path: str) -> None:
    values, codes = parse("1 / a").evaluate({"a": np.array([2.0, 0.0, 4.0])})
    assert np.isnan(values).tolist() == [False, True, False]
    assert codes.dtype == np.int8
    assert values[[0, 2]].tolist() == [0.5, 0.25]


def test_a_column_that_the_formula_does_not_name_changes_nothing(path: str) -> None:
    values, codes = parse("2 * a").evaluate({"a": np.ones(2), "b": np.full(2, np.nan)})
    assert (values.tolist(), codes.tolist()) == ([2.0, 2.0], [0, 0])


def test_columns_are_not_written_to(path: str) -> None:
    a = np.array([1.0, -0.0, np.nan])
    a.flags.writeable = False
    parse("-a ^ 3").evaluate({"a": a})


def test_no_rows_give_no_values(path: str) -> None:
    values, codes = parse("a + 1").evaluate({"a": np.empty(0)})
    assert (len(values), len(codes)) == (0, 0)


def test_a_formula_without_names_needs_the_number_of_rows(path: str) -> None:
    assert parse("0.5").evaluate({}, 3)[0].tolist() == [0.5, 0.5, 0.5]
    with pytest.raises(ValueError, match="one known length"):
        parse("0.5").evaluate({})


def test_columns_of_different_lengths_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"\[2, 3\]"):
        parse("a + b").evaluate({"a": np.ones(2), "b": np.ones(3)})


def test_plain_work_counts_towards_the_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADERS_KERNELS", "plain")
    before = dispatch._spent
    parse("exp(a)").evaluate({"a": np.ones(5_000)})
    assert dispatch._spent > before


def test_warmup_runs() -> None:
    warmup()


# What a formula is


def test_names_are_those_used_in_order_of_first_use() -> None:
    assert parse("c * a + a - b ^ c", ("a", "b", "c", "unused")).names == ("c", "a", "b")


def test_a_number_keeps_its_spelling() -> None:
    assert parse("0.30").tree == Number("0.30")
    assert str(parse("(0.30*a)+(.5*b)")) == "0.30 * a + .5 * b"


def test_a_formula_is_its_text() -> None:
    formula = parse("a + 1", ("a",))
    assert formula == parse("a + 1") != parse("a  + 1")
    assert len({formula, parse("a + 1")}) == 1
    with pytest.raises(AttributeError):
        formula.text = "b"  # type: ignore[misc]


def test_a_formula_is_pickled_with_its_limits() -> None:
    deep = "(" * 300 + "a" + ")" * 300
    copy = pickle.loads(pickle.dumps(parse(deep, ("a",), GENEROUS)))
    assert (copy.text, copy.names, copy.tree) == (deep, ("a",), Name("a"))


def test_a_formula_parsed_again_is_the_same_object() -> None:
    assert parse("a + 1 + 1", ["a"]) is parse("a + 1 + 1", ("a",))


spellings = st.one_of(
    st.sampled_from(["0", "1", "2.50", ".5", "1e5", "1E-7", "0.30"]),
    st.floats(min_value=0, allow_infinity=False, allow_nan=False).map(repr),
)
leaves = st.one_of(
    spellings.map(Number), st.sampled_from(["a", "b2", "_c", "min", "log", "e5", "E"]).map(Name)
)
trees: st.SearchStrategy[Node] = st.recursive(
    leaves,
    lambda nodes: st.one_of(
        st.builds(Unary, st.sampled_from("+-"), nodes),
        st.builds(Binary, st.sampled_from("+-*/^"), nodes, nodes),
        st.builds(lambda x: Call("sqrt", (x,)), nodes),
        st.builds(lambda xs: Call("max", tuple(xs)), st.lists(nodes, min_size=1, max_size=4)),
    ),
    max_leaves=25,
)


@given(trees)
def test_unparse_then_parse_gives_the_same_tree(tree: Node) -> None:
    assert parse(unparse(tree)).tree == tree


@given(trees)
def test_no_pair_of_parentheses_can_be_dropped(tree: Node) -> None:
    text = unparse(tree)
    for left, right in pairs_of_parentheses(text):
        bare = text[:left] + text[left + 1 : right] + text[right + 1 :]
        assert parse(bare).tree != tree


def pairs_of_parentheses(text: str) -> list[tuple[int, int]]:
    """Those that group, not those of calls."""
    pairs, opened = [], []
    for i, character in enumerate(text):
        if character == "(":
            opened.append(i)
        elif character == ")":
            start = opened.pop()
            if not text[:start].endswith(("sqrt", "max")):
                pairs.append((start, i))
    return pairs


def test_rename_changes_names_and_nothing_else() -> None:
    tree = parse("-a + min(a, b, 2) ^ a / sqrt(c)").tree
    ref = parse("-x + min(x, b, 2) ^ x / sqrt(a)").tree
    assert rename(tree, {"a": "x", "c": "a"}) == ref


# Errors: text, column, part of the message, fix

COMPARE = "let a grader compare: its score is 1 or 0"

FAULTS = [
    ("", 1, "the formula is empty", ""),
    (" \n ", 1, "the formula is empty", ""),
    ("ansver", 1, "not a variable; known: answer, structure, sim-score, min", "write answer"),
    ("Answer", 1, "not a variable", "write answer"),
    ("0.3 * graders.structure", 7, "not a variable", "write the key alone: structure"),
    ("answer.score", 1, "not a variable", "write the key alone: answer"),
    ("a.b.c", 1, "not a variable", ""),
    ("scor", 1, "not a variable", ""),
    ("sim-score", 1, 'the key "sim-score" cannot be written', "rename the key: sim_score"),
    ("1 + sim-score", 5, 'the key "sim-score" cannot be written', "rename the key: sim_score"),
    ("abs", 1, "not a variable", "abs is a function: write abs(…)"),
    ("round(answer)", 1, "not a function; known: min, max, abs", "write floor(a + 0.5)"),
    ("pow(answer, 2)", 1, "not a function", "write a ^ b"),
    ("maxx(answer, 2)", 1, "not a function", "write max(…)"),
    ("answer(2)", 1, "a key is not a function", "write answer * (…)"),
    ("math.exp(1)", 1, "not a function", "write exp(…)"),
    ("np.round(1)", 1, "not a function", "write floor(a + 0.5)"),
    ("(answer", 1, '"(" is never closed', 'add ")"'),
    ("1 + min(answer", 5, '"(" is never closed', 'add ")"'),
    ("answer)", 7, '")" was never opened', 'drop it, or add "("'),
    ("(1))", 4, '")" was never opened', 'drop it, or add "("'),
    ("()", 2, "nothing in the parentheses", ""),
    ("min()", 5, "nothing in the parentheses", ""),
    ("answer +", 9, 'nothing after "+", found the end', ""),
    ("answer + ", 10, 'nothing after "+", found the end', ""),
    ("-", 2, 'nothing after "-", found the end', ""),
    ("* answer", 1, 'nothing at the start, found "*"', ""),
    ("answer + * 2", 10, 'nothing after "+", found "*"', ""),
    ("(* 2)", 2, 'nothing after "(", found "*"', ""),
    ("min(, 1)", 5, 'nothing after "min(", found ","', ""),
    ("min(1,, 2)", 7, 'nothing after ",", found ","', ""),
    ("min(1,)", 7, 'nothing after ",", found ")"', ""),
    ("answer structure", 8, 'no operator before "structure"', "write * to multiply"),
    ("2 answer", 3, 'no operator before "answer"', "write * to multiply"),
    ("2(answer)", 2, 'no operator before "("', "write * to multiply"),
    ("(1)(2)", 4, 'no operator before "("', "write * to multiply"),
    ("2 min(1)", 3, 'no operator before "min"', "write * to multiply"),
    ("1 2", 3, 'no operator before "2"', "write * to multiply"),
    (
        "answer if 1 else 0",
        8,
        '"if" is not an operator',
        COMPARE,
    ),
    ("answer and 1", 8, '"and" is not an operator', "write min(a, b)"),
    ("answer ** 2", 8, '"**" has no meaning', "write ^"),
    ("answer // 2", 8, '"//" has no meaning', "write floor(a / b)"),
    ("answer % 2", 8, '"%" has no meaning', "write a - b * floor(a / b)"),
    ("answer >= 1", 8, '">=" has no meaning', COMPARE),
    ("answer == 1", 8, '"==" has no meaning', COMPARE),
    ("answer ? 1 : 0", 8, '"?" has no meaning', COMPARE),
    ("!answer", 1, '"!" has no meaning', "write 1 - a"),
    ("answer & 1", 8, '"&" has no meaning', "write min(a, b)"),
    ("{{answer}}", 1, '"{{" has no meaning', "write the key alone, without braces"),
    ('"answer"', 1, '""" has no meaning', "write the key without quotes"),
    ("answer; 1", 7, '";" has no meaning', ""),
    ("answer\x00", 7, r'"\x00" has no meaning', ""),
    ("answer\ud800", 7, r'"\ud800" has no meaning', ""),
    ("answer 😀", 8, '"😀" has no meaning', ""),
    ("answer, structure", 7, '"," outside the parentheses of a function', ""),
    ("(answer, structure)", 8, '"," outside the parentheses of a function', ""),
    ("0,5 * answer", 2, '"," in a number', "write a decimal point: 0.5"),
    ("abs(1, 2)", 1, "abs takes one argument, not 2", ""),
    ("1 + sqrt(1, 2, 3)", 5, "sqrt takes one argument, not 3", ""),
    ("5.", 1, "5. is not a number", "write 5"),
    ("1_000", 1, "1_000 is not a number", "write 1000"),
    ("0x1F", 1, "0x1F is not a number", "write it in decimal"),
    ("1.5.2", 1, "1.5.2 is not a number", ""),
    ("1e", 1, "1e is not a number", ""),
    ("2answer", 1, "2answer is not a number", "write 2 * answer"),
    ("..5", 1, "..5 is not a number", ""),
    (".", 1, '"." has no meaning', "write 0.5 or .5"),
    ("1 + 1e999", 5, "the number is beyond 1.8e308", ""),
    ("9" * 400, 1, "the number is beyond 1.8e308", ""),
    ("0.5 × answer", 5, '"×" (U+00D7) only looks right', "write *"),
    ("answer − 1", 8, '"−" (U+2212) only looks right', "write -"),
    ("answer · 1", 8, '"·" (U+00B7) only looks right', "write *"),
    ("answer²", 7, '"²" (U+00B2) only looks right', "write ^2"),
    ("0.5\xa0* answer", 4, "white space U+00A0", "write a plain space"),
    ("１ + 1", 1, '"１" in a name', ""),
    ("réponse", 2, '"é" in a name', ""),
]


@pytest.mark.parametrize(("text", "column", "message", "fix"), FAULTS)
def test_a_fault_is_named_where_it_is(text: str, column: int, message: str, fix: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text, KEYS)
    (problem,) = caught.value.problems
    assert (caught.value.column, problem.fix) == (column, fix)
    assert message in problem.message


def test_the_message_reads_as_in_the_documentation() -> None:
    text = "0.3 * graders.structure + 0.7 * answer"
    with pytest.raises(FormulaError) as caught:
        parse(text, ("answer", "structure"))
    assert str(caught.value) == (
        "grader: 1 error. Nothing was run.\n"
        f'  $   column 7: "{text}"   not a variable; known: answer, structure\n'
        "    fix    write the key alone: structure"
    )


def test_a_long_formula_is_shown_around_its_fault() -> None:
    text = "0.01 * answer + " * 40 + "ansver" + " + answer" * 40
    with pytest.raises(FormulaError) as caught:
        parse(text, KEYS)
    shown = caught.value.problems[0].message
    assert '"…' in shown
    assert "ansver" in shown
    assert len(shown) < 200


def test_many_keys_are_counted_instead_of_listed() -> None:
    with pytest.raises(FormulaError, match=r"known: k0, .*, … \(1,000 in all\)"):
        parse("zzz", [f"k{i}" for i in range(1_000)])


def test_any_name_is_accepted_without_keys_but_a_dotted_one() -> None:
    assert parse("anything").names == ("anything",)
    with pytest.raises(FormulaError, match="write the key alone: b"):
        parse("a.b")


@given(st.text(st.sampled_from("ab1.0e+-*/^(), min_×\x00\ud800é{")))
def test_any_text_parses_or_is_refused_within_itself(text: str) -> None:
    try:
        formula = parse(text)
    except FormulaError as error:
        fault = error
    else:
        assert parse(str(formula)).tree == formula.tree
        return
    assert 1 <= fault.column <= len(text) + 1
    assert fault.problems[0].message.isprintable()


# Limits, from both sides

NESTED: Sequence[tuple[str, str, str]] = [
    ("(", "1", ")"),
    ("-", "1", ""),
    ("2^", "1", ""),
    ("abs(", "1", ")"),
    ("1 + 2 * (", "3", ")"),
    ("min(1, 2 - (", "3", "))"),
]


@pytest.mark.parametrize(("before", "middle", "after"), NESTED)
def test_nesting_has_a_limit(before: str, middle: str, after: str) -> None:
    levels = 100 if before.count("(") == 2 else 200
    parse(before * levels + middle + after * levels)
    with pytest.raises(FormulaError, match="nested more than 200 deep"):
        parse(before * (levels + 1) + middle + after * (levels + 1))


@pytest.mark.parametrize("term", ["(1)", "-1", "2^2", "abs(1)", "min(1, -2^(2))"])
def test_terms_side_by_side_are_not_nested(term: str) -> None:
    parse(" + ".join([term] * 300))


@pytest.mark.parametrize(("before", "middle", "after"), NESTED)
def test_nesting_far_beyond_the_interpreter_stack_works(
    path: str, before: str, middle: str, after: str
) -> None:
    formula = parse(before * 5_000 + middle + after * 5_000, limits=GENEROUS)
    assert parse(str(formula), limits=GENEROUS).program == formula.program
    assert len(formula.evaluate({}, 1)[0]) == 1


def test_the_length_has_a_limit() -> None:
    parse("1" + " " * 65_535)
    with pytest.raises(FormulaError, match="longer than 65,536 characters"):
        parse("1" + " " * 65_536)


def test_the_number_of_nodes_has_a_limit(path: str) -> None:
    most = parse("-" + "a+" * 4_999 + "a")  # 5,000 names, 4,999 sums, one sign
    assert most.evaluate({"a": np.array([0.5])})[0].tolist() == [2_499.0]
    with pytest.raises(FormulaError, match="more than 10,000 numbers, names and operations"):
        parse("--" + "a+" * 4_999 + "a")


@pytest.mark.parametrize(
    ("name", "within", "beyond"),
    [
        ("FORMULA_CHARS", "a + 1 ", "a + 1  "),
        ("FORMULA_DEPTH", "((((((a))))))", "(((((((a)))))))"),
        ("FORMULA_NODES", "-a+a*a", "a+a+a+a"),
    ],
)
def test_a_limit_can_be_overridden(
    monkeypatch: pytest.MonkeyPatch, name: str, within: str, beyond: str
) -> None:
    monkeypatch.setenv(f"GRADERS_LIMIT_{name}", "6")
    parse(within)
    with pytest.raises(FormulaError):
        parse(beyond)
