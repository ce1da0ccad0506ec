"""The runner: who performs which job, and what is missing for a grader."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from ..errors import ConfigError, Problem
from ..grader import Grader, Job, Reply

# grader type -> what performs its jobs, and what to do while it is not there
NEEDS = {
    "python": ("a sandbox", "give a runner that executes python graders: grade(…, runner=…)"),
    "score_model": ("a judge", "give a runner that calls your judge: grade(…, runner=…)"),
    "label_model": ("a judge", "give a runner that calls your judge: grade(…, runner=…)"),
    "text_similarity": ("an embedding model", "give a runner that embeds: grade(…, runner=…)"),
    "endpoint": ("endpoint access", "give a runner that calls endpoints: grade(…, runner=…)"),
}


class Runner:
    """Performs jobs. This version brings no performer: graders that ask need a runner of yours."""

    def run(self, jobs: Sequence[Job]) -> AsyncIterator[tuple[int, Reply]]:
        """Raises ConfigError: there is nobody to perform a job."""
        raise ConfigError(f"no performer for {type(jobs[0]).__name__}")

    def missing(self, grader: Grader) -> list[Problem]:
        """One problem for each leaf grader whose jobs nobody here performs."""
        return [
            Problem(
                f"{leaf.type} needs {NEEDS[leaf.type][0]}, and this runner has none",
                path=f"$.{path}" if path else "$",
                fix=NEEDS[leaf.type][1],
            )
            for path, leaf in grader.leaves()
            if leaf.job_columns()
        ]
