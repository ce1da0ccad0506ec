"""`--fail-under`, `--min-pass-rate` and `--max-errored`: what a run must reach."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import click

from ..grader import Grader
from .tally import Tally
from .text import shorten

Number = float | Fraction  # shares are exact: 7 of 1000 is 0.7 %


@dataclass(frozen=True, slots=True)
class Gates:
    """The thresholds that were asked for, None where there is none; rates from 0 to 1."""

    fail_under: float | None = None
    min_pass_rate: Fraction | None = None
    max_errored: Fraction | None = None

    def refuse_what_cannot_be_met(self, grader: Grader) -> None:
        """Raises click.UsageError for a gate that this grader gives no number for."""
        criteria = getattr(grader, "criteria", None)
        if self.fail_under is not None and criteria is not None:
            names = ", ".join(shorten(name, 40) for name in [*criteria][:20])
            raise click.UsageError(
                f"--fail-under needs one reward, and there are {len(criteria)} criteria; "
                f"choose one with --criterion: {names}"
            )
        if self.min_pass_rate is not None and not gives_verdicts(grader):
            raise click.UsageError(
                f"--min-pass-rate needs a verdict, and {words_for(grader)} has no pass_threshold; "
                "add one, or use --fail-under"
            )

    def facts(self, tally: Tally) -> list[dict[str, Any]]:
        """Each gate with what was wanted, what was found, and whether it is met.

        A mean or rate of no rows at all meets no gate.
        """
        counts, rewards = tally.counts, tally.moments
        verdicts = counts["passed"] + counts["failed"]
        mean = rewards.mean if rewards.n else None
        pass_rate = Fraction(counts["passed"], verdicts) if verdicts else None
        errored = Fraction(counts["errored"], counts["total"] or 1)
        gates: list[tuple[str, str, Number | None, Number | None, bool]] = [
            ("fail_under", "mean", self.fail_under, mean, True),
            ("min_pass_rate", "pass rate", self.min_pass_rate, pass_rate, True),
            ("max_errored", "errored", self.max_errored, errored, False),
        ]
        return [
            {
                "gate": gate,
                "measure": measure,
                "wanted": float(wanted),
                "found": None if found is None else float(found),
                "met": found is not None and (found >= wanted if at_least else found <= wanted),
            }
            for gate, measure, wanted, found, at_least in gates
            if wanted is not None
        ]


def gives_verdicts(grader: Grader) -> bool:
    """Whether scored rows of this grader pass or fail."""
    criteria = getattr(grader, "criteria", None)
    if criteria is not None:
        return all(map(gives_verdicts, criteria.values()))
    return grader.pass_threshold is not None or grader.perfect_passes


def words_for(grader: Grader) -> str:
    """The grader, or the first criterion, that gives no verdict."""
    criteria = getattr(grader, "criteria", None) or {}
    for name, criterion in criteria.items():
        if not gives_verdicts(criterion):
            return f"the criterion {shorten(name, 40)}"
    return f"a {grader.type} grader" if not criteria else "the eval"
