from __future__ import annotations

import pickle

import pytest

from graders import errors
from graders.errors import (
    ENDPOINT_CAUSES,
    ERROR_KEYS,
    MODEL_CAUSES,
    PYTHON_CAUSES,
    ROW_CAUSES,
    ConfigError,
    FormulaError,
    Problem,
    RowError,
    TemplateError,
    render_problems,
)


@pytest.mark.parametrize("table", [ROW_CAUSES, PYTHON_CAUSES, MODEL_CAUSES, ENDPOINT_CAUSES])
def test_every_cause_has_a_flag_of_the_service(table: dict[str, str]) -> None:
    assert set(table.values()) <= set(ERROR_KEYS)


def test_every_exception_has_one_base() -> None:
    found = [getattr(errors, name) for name in errors.__all__]
    raised = [thing for thing in found if isinstance(thing, type) and issubclass(thing, Exception)]
    assert len(raised) == 8
    assert all(issubclass(kind, errors.GradersError) for kind in raised)
    assert issubclass(FormulaError, ConfigError)
    assert issubclass(TemplateError, ConfigError)


def test_problems_read_as_sketched() -> None:
    problems = [
        Problem("missing", "$.name", line=9, severity="warning"),
        Problem(
            'unknown operation "contains"',
            "$.graders.answer.operation",
            expected="eq, ne, like, ilike",
            fix='"like"',
            line=14,
        ),
    ]
    assert render_problems(problems, "grader.json") == (
        "grader.json: 1 error, 1 warning. Nothing was run.\n"
        '  line 14  $.graders.answer.operation   unknown operation "contains"'
        "   expected eq, ne, like, ilike\n"
        '    fix    "like"\n'
        "  line 9   $.name   warning: missing"
    )
    assert render_problems(problems[:1], "g").startswith("g: 1 warning.\n")


@pytest.mark.parametrize(
    "error",
    [
        ConfigError([Problem("a", "$.x", line=3), Problem("b")], source="grader.json"),
        TemplateError("bad", 3, fix="do", expected="this"),
        FormulaError("bad", 3, fix="do", expected="this"),
    ],
)
def test_errors_travel_between_processes(error: ConfigError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert copy.problems == error.problems
    assert str(copy) == str(error)


def test_a_problem_moves_below_its_parent() -> None:
    assert Problem("m", "$.input").at("$.graders.a", 7) == Problem("m", "$.graders.a.input", line=7)


def test_a_row_error_is_seen_under_its_key() -> None:
    error = RowError("other_error", "row", "detail")
    assert error.under("a").grader == "a"
    assert error.under("b").under("a").grader == "a.b"
