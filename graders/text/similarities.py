"""Every metric of a pair of columns: words are found, numbered and counted once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .. import dispatch
from ..options import Options
from .fuzzy import fuzzy_match
from .fuzzy import too_large as too_large
from .table import METRICS, Words

if TYPE_CHECKING:
    from .compiled import Kernels

Floats = NDArray[np.float64]

SLICE = 1 << 17  # characters between two looks at `stop`, small enough for the processor's cache


class Stopped(Exception):
    """`stop` became true: rows from `done` on are NaN in `values`, because nobody scored them."""

    def __init__(self, values: dict[str, Floats], done: int) -> None:
        self.values = values
        self.done = done
        super().__init__(f"stopped after {done:,} rows")


def similarities(
    metrics: Sequence[str],
    inputs: Sequence[str],
    references: Sequence[str],
    options: Options,
    stop: Callable[[], bool] | None = None,
) -> dict[str, Floats]:
    """The values of each metric, 0 to 1, row by row; NaN where a pair is too large for it.

    Runs in the calling thread. Raises `Stopped`, with what there is, once `stop` returns true.
    """
    values = {metric: np.full(len(inputs), np.nan) for metric in metrics}
    work = Work(values, options)
    for begin, end in slices(inputs, references):
        if stop is not None and stop():
            raise Stopped(values, begin)
        work.score(list(inputs[begin:end]), list(references[begin:end]), begin)
    return values


class Work:
    """Fills arrays of values, slice by slice."""

    def __init__(self, values: dict[str, Floats], options: Options) -> None:
        self.values = values
        self.options = options
        self.families = {
            words: list(metrics)
            for words, metrics in groupby(
                sorted(values, key=lambda metric: METRICS[metric].words),
                key=lambda metric: METRICS[metric].words,
            )
        }
        self._kernels: Kernels | None = None

    def score(self, inputs: list[str], references: list[str], begin: int) -> None:
        """Score rows begin..begin + len(inputs)."""
        results: Sequence[Floats | Sequence[float]]
        for words, metrics in self.families.items():
            if words == "":
                results = [self._whole(metric, inputs, references) for metric in metrics]
            elif dispatch.compiled():
                results = self._compiled(metrics, inputs, references)
            else:
                with dispatch.plain_work():
                    results = self._plain(words, metrics, inputs, references)
            for metric, result in zip(metrics, results, strict=True):
                self.values[metric][begin : begin + len(inputs)] = result

    def _compiled(
        self, metrics: list[str], inputs: list[str], references: list[str]
    ) -> Sequence[Floats]:
        from .compiled import Kernels

        if self._kernels is None:
            self._kernels = Kernels()
        return self._kernels.similarities(metrics, inputs, references, self.options)

    def _plain(
        self, words: Words, metrics: list[str], inputs: list[str], references: list[str]
    ) -> Sequence[Sequence[float]]:
        from .plain import count, score

        order = max(METRICS[metric].order for metric in metrics)
        subsequence = "rouge_l" in metrics
        counts = [
            count(input, reference, words, order, subsequence, self.options)
            for input, reference in zip(inputs, references, strict=True)
        ]
        return [[score(metric, one, self.options) for one in counts] for metric in metrics]

    def _whole(self, metric: str, inputs: list[str], references: list[str]) -> Floats:
        """A metric that reads whole texts."""
        if METRICS[metric].family == "fuzzy":
            return fuzzy_match(inputs, references, self.options)
        from .meteor import meteor

        return meteor(inputs, references)


def slices(inputs: Sequence[str], references: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Cut rows into runs of about SLICE characters, at least one row each."""
    begin = size = 0
    for end, (input, reference) in enumerate(zip(inputs, references, strict=True), 1):
        size += len(input) + len(reference)
        if size >= SLICE:
            yield begin, end
            begin, size = end, 0
    if begin < len(inputs):
        yield begin, len(inputs)
