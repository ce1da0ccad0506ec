"""METEOR with all three stages: same word, same stem, synonyms.

Lavie and Agarwal, "METEOR: An Automatic Metric for MT Evaluation with High Levels of Correlation
with Human Judgments" (2007), as nltk's `single_meteor_score` computes it: words between white
space, lower case, Porter's stemmer, WordNet 3.0; alpha 0.9, beta 3, gamma 0.5.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from ..dispatch import compiled, plain_work
from . import porter
from .wordnet import wordnet

SLICE = 1 << 16  # characters between two looks at `stop`; more would not stay in the cache
CACHED_LETTERS = 64  # longer words are stemmed anew, so that the cache stays small

_local = threading.local()  # a kernel's work array: -1 throughout, as the kernel leaves it


def meteor(
    inputs: Sequence[str], references: Sequence[str], stop: Callable[[], bool] | None = None
) -> NDArray[np.float64]:
    """METEOR of each input against its reference, 0 to 1; 0 where no word matches.

    Rows that were not reached when `stop` returned true are NaN.
    """
    scores = np.full(len(inputs), np.nan)
    for start, end in _slices(inputs, references):
        if stop is not None and stop():
            break
        if compiled("METEOR"):
            scores[start:end] = _batch(inputs[start:end], references[start:end])
        else:
            with plain_work():
                pairs = zip(inputs[start:end], references[start:end], strict=True)
                scores[start:end] = [score(*pair) for pair in pairs]
    return scores


def warmup() -> None:
    """Load WordNet, and load or compile the kernels."""
    _batch(["a word"], ["the word"])


def score(input: str, reference: str) -> float:
    """METEOR of one pair, without the kernels."""
    hypothesis, words = input.lower().split(), reference.lower().split()
    partners = align(hypothesis, words)
    matches = len(partners)
    if not matches:
        return 0.0
    precision = matches / len(hypothesis)
    recall = matches / len(words)
    mean = precision * recall / (0.9 * precision + (1 - 0.9) * recall)
    chunks = sum(partners.get(i - 1, -2) + 1 != j for i, j in partners.items())
    fragmentation = chunks / matches
    return (1 - 0.5 * (fragmentation * fragmentation * fragmentation)) * mean


def align(hypothesis: Sequence[str], reference: Sequence[str]) -> dict[int, int]:
    """Place in the hypothesis -> place in the reference of the word that it is matched with.

    In each stage the words of the hypothesis choose from the last to the first, and take the last
    free place that fits.
    """
    partners: dict[int, int] = {}
    backwards = range(len(hypothesis) - 1, -1, -1)
    free = _places(enumerate(reference))
    _match(partners, ((i, free.get(hypothesis[i], [])) for i in backwards))

    left = sorted(j for places in free.values() for j in places)
    free = _places((j, _stem(reference[j])) for j in left)
    stems = {i: _stem(hypothesis[i]) for i in backwards if i not in partners}
    _match(partners, ((i, free.get(stem, [])) for i, stem in stems.items()))

    stems = {i: stem for i, stem in stems.items() if i not in partners}
    _match(partners, ((i, _last_synonym(stem, free)) for i, stem in stems.items()))
    return partners


def _places(words: Iterable[tuple[int, str]]) -> dict[str, list[int]]:
    """Word -> its places, ascending."""
    places: dict[str, list[int]] = {}
    for i, word in words:
        places.setdefault(word, []).append(i)
    return places


def _match(partners: dict[int, int], wanted: Iterable[tuple[int, list[int]]]) -> None:
    """Give each place in the hypothesis the last free one of the places it may have."""
    for i, places in wanted:
        if places:
            partners[i] = places.pop()


def _last_synonym(stem: str, free: Mapping[str, list[int]]) -> list[int]:
    """The free places of the synonym that has the last one."""
    lists = [free[word] for word in _synonyms(stem) if free.get(word)]
    return max(lists, key=itemgetter(-1), default=[])


def _stem(word: str) -> str:
    return _cached_stem(word) if len(word) <= CACHED_LETTERS else porter.stem(word)


@lru_cache(maxsize=1 << 16)
def _cached_stem(word: str) -> str:
    return porter.stem(word)


def _synonyms(stem: str) -> frozenset[str]:
    return _cached_synonyms(stem) if len(stem) <= CACHED_LETTERS else wordnet().synonyms(stem)


@lru_cache(maxsize=1 << 14)
def _cached_synonyms(stem: str) -> frozenset[str]:
    return wordnet().synonyms(stem)


def _batch(inputs: Sequence[str], references: Sequence[str]) -> NDArray[np.float64]:
    """METEOR of each pair, by the kernels."""
    from grader_kernels.meteor import meteor_batch

    from .lower import lowered
    from .vocabulary import numbered

    words, ends, known = numbered(*lowered([*inputs, *references]))
    size = max(known.words.words, len(known.stems.ends))
    last = getattr(_local, "last", None)
    if last is None or len(last) < size:
        last = _local.last = np.full(2 * size, -1, np.int32)
    out = np.empty(len(inputs))
    meteor_batch(words, ends, known.stems, last, out)
    return out


def _slices(inputs: Sequence[str], references: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Consecutive runs of rows, of at most SLICE characters each, one row at least."""
    rows = len(inputs)
    if rows != len(references):
        raise ValueError(f"{rows} inputs, but {len(references)} references")
    ends = np.fromiter(map(len, inputs), np.int64, rows)
    ends += np.fromiter(map(len, references), np.int64, rows)
    np.cumsum(ends, out=ends)
    start = before = 0
    while start < rows:
        end = max(start + 1, int(np.searchsorted(ends, before + SLICE, "right")))
        yield start, end
        start, before = end, int(ends[end - 1])
