"""Everything that can go wrong: one tree of exceptions for the author, one record for the row.

GradersError
├── ConfigError          the grader, an option or grade.toml is wrong; nothing was run
│   ├── TemplateError
│   └── FormulaError
├── RowsError            a rows file cannot be read at all
├── RunnerError          a runner cannot start or was misused
├── GraderDown           every recent row failed for a cause that more rows cannot change
└── UsageError           a call or command line that makes no sense

`RowError` is data: it travels beside the rewards and never stops a batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

__all__ = [
    "ERROR_KEYS",
    "ConfigError",
    "FormulaError",
    "GraderDown",
    "GradersError",
    "Problem",
    "RowError",
    "RowsError",
    "RunnerError",
    "TemplateError",
    "UsageError",
]


class GradersError(Exception):
    """Base of every exception that this package raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about a configuration: where, what, and what to do."""

    message: str
    path: str = "$"
    expected: str = ""
    fix: str = ""
    line: int | None = None
    severity: str = "error"

    def at(self, prefix: str, line: int | None = None) -> Problem:
        """The same problem seen from a parent: `prefix` replaces the leading `$`."""
        return replace(
            self, path=prefix + self.path[1:], line=line if line is not None else self.line
        )

    def render(self) -> str:
        """The problem as one or two lines of text, indented by two."""
        where = f"line {self.line:<4}" if self.line is not None else ""
        severity = "warning: " if self.severity == "warning" else ""
        parts = [f"{where}{self.path}", f"{severity}{self.message}"]
        if self.expected:
            parts.append(f"expected {self.expected}")
        text = "  " + "   ".join(parts)
        return f"{text}\n    fix    {self.fix}" if self.fix else text


def count(n: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


class ConfigError(GradersError):
    """The configuration is wrong. `problems` holds every finding, `str()` shows them all."""

    def __init__(self, problems: str | Problem | Iterable[Problem], source: str = "") -> None:
        if isinstance(problems, str):
            problems = Problem(problems)
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        self.source = source
        super().__init__(self.problems, source)

    def __str__(self) -> str:
        return render_problems(self.problems, self.source or "grader")


def render_problems(problems: Sequence[Problem], source: str) -> str:
    """All findings below a heading that counts them, in the order of their lines."""
    errors = sum(p.severity == "error" for p in problems)
    warnings = len(problems) - errors
    heading = ", ".join(
        ([count(errors, "error")] if errors else [])
        + ([count(warnings, "warning")] if warnings else [])
    )
    end = ". Nothing was run." if errors else "."
    ordered = sorted(problems, key=lambda p: (p.severity == "warning", p.line or 0))
    return "\n".join([f"{source}: {heading}{end}", *(p.render() for p in ordered)])


class _TextError(ConfigError):
    """A text that does not follow its grammar. `column` counts from 1."""

    def __init__(self, message: str, column: int = 1, fix: str = "", expected: str = "") -> None:
        self.column = column
        super().__init__(Problem(f"column {column}: {message}", expected=expected, fix=fix))

    def __reduce__(self) -> tuple[object, ...]:
        problem = self.problems[0]
        message = problem.message.removeprefix(f"column {self.column}: ")
        return type(self), (message, self.column, problem.fix, problem.expected)


class TemplateError(_TextError):
    """A template that does not follow the grammar. `column` counts from 1."""


class FormulaError(_TextError):
    """A formula that does not follow the grammar or names what is not there."""


class RowsError(GradersError):
    """A rows file that cannot be read at all."""


class RunnerError(GradersError):
    """A runner that cannot start, or is asked for what it does not have."""


class GraderDown(GradersError):
    """Every recent row failed for one cause that more rows cannot change."""


class UsageError(GradersError):
    """A call or command line that makes no sense."""


# The keys of `metadata.errors` in the response of graders/run, documented ones first, then those
# seen in live responses (spec: openai-openapi.yaml, RunGraderResponse).
ERROR_KEYS = (
    "formula_parse_error",
    "sample_parse_error",
    "truncated_observation_error",
    "unresponsive_reward_error",
    "invalid_variable_error",
    "other_error",
    "python_grader_server_error",
    "python_grader_server_error_type",
    "python_grader_runtime_error",
    "python_grader_runtime_error_details",
    "model_grader_server_error",
    "model_grader_refusal_error",
    "model_grader_parse_error",
    "model_grader_server_error_details",
    "sample_parse_error_details",
    "invalid_variable_error_details",
    "model_grader_refusal_error_details",
    "model_grader_parse_error_details",
    "model_grader_exceeded_max_tokens_error",
    "endpoint_grader_internal_error",
    "endpoint_grader_internal_error_details",
    "endpoint_grader_server_error",
    "endpoint_grader_server_error_details",
    "endpoint_grader_safety_check_error",
)

# cause -> flag. Two hosts share the cause `timeout`, so each has its own table.
ROW_CAUSES = {
    "missing_variable": "invalid_variable_error",
    "output_not_json": "sample_parse_error",
    "row": "other_error",
    "too_large": "other_error",
    "deadline": "other_error",
    "division_by_zero": "formula_parse_error",
    "domain": "formula_parse_error",
    "overflow": "formula_parse_error",
}
PYTHON_CAUSES = dict.fromkeys(
    ("timeout", "memory", "crash", "source", "exception", "invalid_return", "quarantined"),
    "python_grader_runtime_error",
) | dict.fromkeys(("input", "protocol", "unavailable"), "python_grader_server_error")
MODEL_CAUSES = {
    "refusal": "model_grader_refusal_error",
    "parse": "model_grader_parse_error",
    "out_of_range": "model_grader_parse_error",
    "truncated": "model_grader_exceeded_max_tokens_error",
    "timeout": "model_grader_server_error",
    "rate_limited": "model_grader_server_error",
    "server": "model_grader_server_error",
    "configuration": "model_grader_server_error",
    "cassette": "model_grader_server_error",
}
ENDPOINT_CAUSES = {
    "endpoint_timeout": "endpoint_grader_server_error",
    "endpoint_server": "endpoint_grader_server_error",
    "endpoint_reply": "endpoint_grader_internal_error",
}


SHORT = 4096  # characters of a detail that are within any limit


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row has no score. `grader` is the key path of the child, "" for the grader itself."""

    flag: str
    cause: str
    detail: str = ""
    grader: str = ""
    output: str = ""
    raw: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if len(self.detail) > SHORT:
            from .limits import limit  # which needs the exceptions of this module

            most = limit("detail_memory_chars")
            if len(self.detail) > most:
                object.__setattr__(self, "detail", self.detail[: most - 1] + "…")

    def under(self, key: str) -> RowError:
        """The same error as its parent sees it."""
        return replace(self, grader=f"{key}.{self.grader}" if self.grader else key)


def row_error(cause: str, detail: str = "", **more: str) -> RowError:
    """An error of the row itself: its shape, a template, a formula, a limit."""
    return RowError(ROW_CAUSES[cause], cause, detail, **more)


def python_error(cause: str, detail: str = "", **more: str) -> RowError:
    """An error of a python grader."""
    return RowError(PYTHON_CAUSES[cause], cause, detail, **more)


def model_error(cause: str, detail: str = "", **more: str) -> RowError:
    """An error of a model or embedding call."""
    return RowError(MODEL_CAUSES[cause], cause, detail, **more)


def endpoint_error(cause: str, detail: str = "", **more: str) -> RowError:
    """An error of an endpoint grader."""
    return RowError(ENDPOINT_CAUSES[cause], cause, detail, **more)
