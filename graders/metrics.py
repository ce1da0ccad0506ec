"""The bare metrics: two lists of texts in, an array of similarities out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from .errors import UsageError
from .options import Options
from .stop import Stop
from .suggest import nearest
from .text.similarities import similarities
from .text.table import METRICS
from .threads import default_threads

PARALLEL_CHARACTERS = 1 << 20  # below this a second thread costs more than it brings
CHUNKS_PER_THREAD = 4
SAMPLED_ROWS = 4096


def similarity(
    metric: str,
    inputs: Iterable[str],
    references: Iterable[str],
    *,
    options: Options | None = None,
    threads: int | None = None,
) -> NDArray[np.float64]:
    """How alike each input is to its reference, 0 to 1; NaN where a pair is too large.

    The result has the same bits for any number of threads. Raises UsageError for an unknown
    metric, columns of unequal length, or a value of another type than it says here.
    """
    known(metric)
    ours, theirs = column("inputs", inputs), column("references", references)
    if len(ours) != len(theirs):
        raise UsageError(f"{len(ours):,} inputs but {len(theirs):,} references")
    options = Options() if options is None else options
    if not isinstance(options, Options):
        raise UsageError(f"options is {type(options).__name__}; expected graders.Options")
    threads = default_threads() if threads is None else threads
    if not isinstance(threads, int) or threads < 1:
        raise UsageError(f"threads is {threads!r}; expected a whole number of at least 1")
    stop = Stop()

    def part(begin: int, end: int) -> NDArray[np.float64]:
        return similarities([metric], ours[begin:end], theirs[begin:end], options, stop)[metric]

    try:
        cuts = chunks(ours, theirs, threads) if threads > 1 and len(ours) > 1 else [0, len(ours)]
        if len(cuts) == 2:
            return part(0, len(ours))
        with ThreadPoolExecutor(threads) as pool:
            try:
                return np.concatenate(list(pool.map(part, cuts[:-1], cuts[1:])))
            except BaseException:
                stop.cancel()  # the pool waits for the parts that are running
                raise
    except TypeError:
        require_str("inputs", ours)
        require_str("references", theirs)
        raise


def known(metric: str) -> None:
    """Raise unless the metric compares texts."""
    if not isinstance(metric, str):
        raise UsageError(f"metric is {type(metric).__name__}; expected the name of one metric")
    if metric in METRICS:
        return
    if metric == "cosine":
        raise UsageError(
            "cosine compares embeddings, which a model must be asked for; use a text_similarity "
            "grader with graders.grade"
        )
    guess = nearest(metric, METRICS)
    hint = f" (did you mean {guess!r}?)" if guess else ""
    raise UsageError(f"unknown metric {metric!r}{hint}; known: {', '.join(METRICS)}")


def column(name: str, texts: Iterable[str]) -> list[str]:
    """The texts as a list, which nobody else can change while kernels read them."""
    if isinstance(texts, str):
        raise UsageError(f"{name} is one str; expected a list of them")
    if not isinstance(texts, Iterable):
        raise UsageError(f"{name} is {type(texts).__name__}; expected a list of str")
    return list(texts)


def require_str(name: str, texts: Sequence[object]) -> None:
    """Raise for the first value that is no str. Looked for after a failure: it takes a while."""
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise UsageError(f"{name}[{i}] is {type(text).__name__}; expected str")


def chunks(inputs: Sequence[str], references: Sequence[str], threads: int) -> list[int]:
    """Where to cut rows so that each part has about as many characters; just the ends if few.

    Looks at some rows only: reading all lengths takes as long as scoring short texts.
    """
    step = len(inputs) // SAMPLED_ROWS + 1
    pairs = zip(inputs[::step], references[::step], strict=True)
    ends = step * np.cumsum([len(input) + len(reference) for input, reference in pairs])
    if ends[-1] < PARALLEL_CHARACTERS:
        return [0, len(inputs)]
    parts = threads * CHUNKS_PER_THREAD
    targets = ends[-1] * np.arange(1, parts) // parts
    inner = step * (np.searchsorted(ends, targets) + 1)
    return sorted({0, len(inputs), *inner[inner < len(inputs)].tolist()})
