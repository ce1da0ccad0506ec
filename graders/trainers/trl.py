"""TRL: a grader as a reward function of GRPOTrainer, RLOOTrainer, AsyncGRPO (contract of 1.16)."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..batch import Row
from ..config import load
from ..criteria import Criteria
from ..engine import grade
from ..errors import ConfigError, UsageError
from ..grader import Grader
from ..options import Options
from ..results import Results
from ..runners.asking import Performs
from ..stop import Stop
from .columns import items_of, steps_of

log = logging.getLogger("graders")

# What TRL passes beside the columns of the dataset.
NOT_COLUMNS = ("completion_ids", "trainer_state", "log_extra", "environments")


def reward_function(
    grader: Any,
    columns: Mapping[str, str] | None = None,
    *,
    deadline: float | None = None,
    options: Options | None = None,
    runner: Performs | None = None,
    name: str | None = None,
) -> RewardFunction:
    """A reward function for `GRPOTrainer(reward_funcs=[...])`.

    Args:
        grader: whatever `graders.load` takes, or a grader. Give a whole `multi` as one function:
            TRL drops only the failing term when several functions are summed.
        columns: dataset column -> place in the item, such as `{"answer": "item.answer"}`; without
            it every column is a key of the item, and `prompts` is `item.prompt`.
        deadline: seconds for one call; what is not scored by then is None.
        name: what TRL's logs show; the grader's name by default.

    Raises ConfigError for a wrong grader, and for criteria that have no single reward.
    """
    loaded = grader if isinstance(grader, Grader) else load(grader)
    Stop.of(deadline)
    for column, path in (columns or {}).items():
        steps_of(column, path)
    if isinstance(loaded, Criteria) and len(loaded.criteria) > 1:
        raise ConfigError(
            f"{len(loaded.criteria)} criteria have no single reward: {', '.join(loaded.criteria)}. "
            "Choose one, or combine them in a multi grader."
        )
    return RewardFunction(loaded, columns, deadline, options, runner, name)


class RewardFunction:
    """Called by the trainer with a batch; returns one float, or None for no score, a completion.

    Module-level and picklable, since trainers send reward functions to child processes.
    """

    def __init__(
        self,
        grader: Grader,
        columns: Mapping[str, str] | None = None,
        deadline: float | None = None,
        options: Options | None = None,
        runner: Performs | None = None,
        name: str | None = None,
    ) -> None:
        self.grader = grader
        self.columns = None if columns is None else dict(columns)
        self.deadline = deadline
        self.options = options
        self.runner = runner
        self.__name__ = name or grader.name

    def __repr__(self) -> str:
        return f"RewardFunction({self.__name__!r})"

    def __call__(
        self,
        completions: Sequence[Any],
        prompts: Sequence[Any] | None = None,
        *,
        log_metric: Callable[[str, float], None] | None = None,
        **columns: Any,
    ) -> list[float | None]:
        """Rewards of the completions, in their order."""
        if isinstance(completions, str):
            raise UsageError("completions is a str; expected a list of completions")
        data = {
            key: values
            for key, values in columns.items()
            if key not in NOT_COLUMNS and isinstance(values, list | tuple)
        }
        if prompts is not None:
            data.setdefault("prompt", list(prompts))
        items, errors = items_of(data, self.columns, len(completions))
        rows = [
            Row(sample, item, error=errors.get(i))
            for i, (sample, item) in enumerate(zip(completions, items, strict=True))
        ]
        results = grade(
            self.grader,
            rows,
            runner=self.runner,
            options=self.options,
            deadline=self.deadline,
        )
        if log_metric is not None:
            for metric, value in metrics_of(results).items():
                log_metric(f"grade/{self.__name__}/{metric}", value)
        warn(self.__name__, results)
        return results.tolist(missing=None)


def metrics_of(results: Results) -> dict[str, float]:
    """The share of rows without a score, and the mean of each sub-reward that has one."""
    counts = results.result_counts
    n = max(1, counts["total"])
    metrics = {"errored": counts["errored"] / n, "skipped": counts["skipped"] / n}
    for key, values in results.sub_rewards.items():
        known = [value for value in values.tolist() if not math.isnan(value)]
        if known:
            metrics[key] = math.fsum(known) / len(known)
    return metrics


def warn(name: str, results: Results) -> None:
    """One line for a batch in which rows have no reward: a silent None looks like a short batch."""
    causes = Counter(error.cause for error in results.errors.values())
    causes.update(results.scores.skipped.values())
    if causes:
        listed = ", ".join(f"{cause} {n}" for cause, n in causes.most_common())
        log.warning(
            "%s: %d of %d rows have no reward: %s", name, sum(causes.values()), len(results), listed
        )
