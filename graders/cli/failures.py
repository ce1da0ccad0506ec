"""Rows without a score: how many of each kind, and the first of them in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..batch import Row
from ..engine import Graded
from ..errors import ROW_CAUSES, RowError
from ..grader import Grader
from ..results import all_errors
from ..rows.shape import NO_FIELD, NO_ITEM
from .tally import children_of
from .text import number, pad, shorten, width_of, wrap

SHOWN, SHOWN_VERBOSE = 3, 100
FIRST_ROWS = 5
RAW_CHARS = 200
MOST_LINES = 8

# cause -> what to do
ADVICE: Mapping[str, str] = {
    "missing_variable": "compare the template with the keys of the row; null is a value, so a key "
    "that may be absent can be written as null",
    "output_not_json": "the grader reads sample.output_json and this output is not JSON; read "
    "sample.output_text, or have the model write JSON alone",
    "too_large": "shorten the text, or raise the limit that is named above",
    "deadline": "raise --deadline, or leave it out",
    "division_by_zero": "keep the divisor away from 0 in calculate_output, for example "
    "a / max(b, 0.001)",
    "domain": "keep log and sqrt above 0 in calculate_output, for example log(max(a, 0.001))",
    "overflow": "keep exp and ^ small in calculate_output, for example exp(min(a, 10))",
}
ROW_ADVICE = {
    "a dataset without outputs": "sample the model on these rows first; grade needs its answers",
    NO_ITEM: "put what belongs to the question under item, or name the field with the output by "
    "--sample-field",
    NO_FIELD: "name a field that the row has, or leave the row out",
    "not JSON": "correct the line; every line holds one JSON object",
}


@dataclass(slots=True)
class Failure:
    """One errored row, ready to be shown."""

    row: int
    line: int | None
    file: str
    id: Any
    errors: list[RowError]
    scores: dict[str, float]


@dataclass(slots=True)
class Kind:
    """Rows that failed in the same child for the same cause."""

    flag: str
    rows: int = 0
    first: list[int] = field(default_factory=list)


class Failures:
    """What is known about errored rows: the first of each kind, with `verbose` the first at all."""

    def __init__(self, *, verbose: bool = False) -> None:
        self.kept: list[Failure] = []
        self.kinds: dict[tuple[str, str], Kind] = {}
        self._all = verbose
        self._most = SHOWN_VERBOSE if verbose else SHOWN

    def add(self, graded: Graded, first: int) -> None:
        """Take in a batch whose first row has number `first`."""
        scores = graded.scores
        for i in sorted(scores.errors.keys() - scores.skipped.keys()):
            error = scores.errors[i]
            kind = self.kinds.setdefault((error.grader, error.cause), Kind(error.flag))
            kind.rows += 1
            if len(kind.first) < FIRST_ROWS:
                kind.first.append(first + i)
            if len(self.kept) < self._most and (self._all or kind.rows == 1):
                parts = {key: float(part.values[i]) for key, part in scores.parts.items()}
                known = {key: value for key, value in parts.items() if value == value}
                row: Row = graded.rows[i]
                errors = distinct(all_errors(scores, i))
                self.kept.append(Failure(first + i, row.line, "", row.id, errors, known))

    def facts(self) -> list[dict[str, Any]]:
        """For the summary, the most frequent kind first."""
        return [
            {"grader": grader, "cause": cause, "flag": k.flag, "rows": k.rows, "first": k.first}
            for (grader, cause), k in sorted(self.kinds.items(), key=lambda kind: -kind[1].rows)
        ]


def distinct(errors: list[RowError]) -> list[RowError]:
    """Without the copies that every child has of an error of the row itself."""
    own = {(e.cause, e.detail) for e in errors if not e.grader}
    return [e for e in errors if not e.grader or (e.cause, e.detail) not in own]


def render(failure: Failure, grader: Grader, width: int) -> str:
    """A block of text about one row, in the form of the contract."""
    place = [f"line {failure.line} of {failure.file}"] if failure.line is not None else []
    place += [f"id {failure.id}"] if failure.id is not None else []
    where = shorten(f"row {failure.row}" + (f" ({', '.join(place)})" if place else ""), width - 12)
    children = children_of(grader)
    entries = [entry(error, children, grader) for error in failure.errors]
    entries += [
        (key, (children[key].type, number(value)), "") for key, value in failure.scores.items()
    ]
    entries += unevaluated(failure, grader)
    entries.append(("do", (), advice(failure.errors[0])))
    label = min(16, max(width_of(name) for name, _, _ in entries)) + 2
    lines = [f"{where}   no reward"]
    for name, pieces, detail in entries:
        left = width - label - 2
        text = [line for piece in wrap(pieces, left, "") for line in broken(piece, left)]
        text += wrap(detail.split(), left, "", " ")
        margins = [f"  {pad(shorten(name, label - 2), label)}", " " * (label + 2)]
        lines += [margins[i > 0] + line for i, line in enumerate(text[:MOST_LINES])]
    return "\n".join(lines)


def broken(text: str, width: int) -> list[str]:
    """The text as it is where it fits, else broken between words."""
    return [text] if width_of(text) <= width else wrap(text.split(), width, "", " ")


Entry = tuple[str, tuple[str, ...], str]  # what it is about, what happened, details


def entry(error: RowError, children: Mapping[str, Grader], grader: Grader) -> Entry:
    """One error of a row."""
    key = error.grader.partition(".")[0]
    detail = shorten(error.detail, 600)
    if error.raw or error.output:
        detail += f"; raw: {shorten(error.raw or error.output, RAW_CHARS)}"
    if key in children:
        kind = children[key].type
        return error.grader, (kind, f"{error.flag} / {error.cause}"), detail
    of_row = error.cause in ROW_CAUSES and error.flag == "other_error"
    return "row" if of_row else grader.type, (f"{error.flag} / {error.cause}",), detail


def unevaluated(failure: Failure, grader: Grader) -> list[Entry]:
    """The formula of a multi, if a child without a score kept it from being evaluated."""
    formula = getattr(grader, "calculate_output", "")
    keys = dict.fromkeys(e.grader.partition(".")[0] for e in failure.errors if e.grader)
    if not formula or not keys:
        return []
    verb = "has" if len(keys) == 1 else "have"
    reason = f"not evaluated: {listed(list(keys))} {verb} no score"
    return [("multi", (shorten(formula, 60), reason), "")]


def listed(names: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join([*([", ".join(names[:-1])] if names[1:] else []), names[-1]])


def advice(error: RowError) -> str:
    """What to do about an error."""
    for start, text in ROW_ADVICE.items():
        if error.cause == "row" and error.detail.startswith(start):
            return text
    return ADVICE.get(error.cause, "correct the row, or leave it out")
