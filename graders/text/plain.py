"""Words to counts without compiled code: what the kernels count, with Counter and big integers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from ..options import Options
from .scoring import bleu, f_measure, gleu
from .stopping import Stop, go_on
from .table import METRICS, Words
from .words import words

STRIP = 8192  # columns of the bit-parallel table that are held at once


@dataclass(frozen=True, slots=True)
class Counts:
    """What two texts have in common: n-grams from 1 on, the longest common subsequence, lengths."""

    common: Sequence[int]
    lcs: int
    inputs: int
    references: int


def count(
    input: str,
    reference: str,
    tokeniser: Words,
    order: int,
    subsequence: bool,
    options: Options,
    stop: Stop | None = None,
) -> Counts:
    """Count the words of one pair, n-grams up to `order`. Raises Interrupted."""
    ours, theirs = words(input, tokeniser, options), words(reference, tokeniser, options)
    return Counts(
        [common_ngrams(ours, theirs, n) for n in range(1, order + 1)],
        lcs(ours, theirs, stop) if subsequence else 0,
        len(ours),
        len(theirs),
    )


def score(metric: str, counts: Counts, options: Options) -> float:
    """The value of a metric that counts words."""
    row = METRICS[metric]
    lengths = counts.inputs, counts.references
    match row.family:
        case "rouge_n":
            shorter = row.order - 1
            common = counts.common[shorter]
            return f_measure(common, lengths[0] - shorter, lengths[1] - shorter)
        case "rouge_l":
            return f_measure(counts.lcs, *lengths)
        case "bleu":
            return bleu(counts.common, *lengths, options.bleu_smoothing == "method1")
        case _:
            return gleu(counts.common, *lengths)


def common_ngrams(ours: Sequence[str], theirs: Sequence[str], n: int) -> int:
    """How many n-grams two lists of words share, counted with multiplicity."""
    return (Counter(ngrams(ours, n)) & Counter(ngrams(theirs, n))).total()


def ngrams(found: Sequence[str], n: int) -> Sequence[Hashable]:
    """The n-grams of a list of words."""
    return found if n == 1 else list(zip(*(found[i:] for i in range(n)), strict=False))


def lcs(ours: Sequence[str], theirs: Sequence[str], stop: Stop | None = None) -> int:
    """Length of the longest common subsequence (Hyyrö 2004), in strips that bound the memory."""
    common = set(ours).intersection(theirs)
    text = [word for word in ours if word in common]
    pattern = [word for word in theirs if word in common]
    if len(text) < len(pattern):
        text, pattern = pattern, text
    carries = [0] * len(text)
    length = 0
    for begin in range(0, len(pattern), STRIP):
        if begin:
            go_on(stop)
        length += lcs_strip(text, pattern[begin : begin + STRIP], carries)
    return length


def lcs_strip(text: Sequence[str], columns: Sequence[str], carries: list[int]) -> int:
    """How many columns match; `carries` hands one bit a word from the strip before to the next."""
    matches: dict[str, int] = {}
    for i, word in enumerate(columns):
        matches[word] = matches.get(word, 0) | 1 << i
    width = len(columns)
    full = state = (1 << width) - 1
    for k, word in enumerate(text):
        hit = state & matches.get(word, 0)
        total = state + hit + carries[k]
        carries[k] = total >> width
        state = (total | (state ^ hit)) & full
    return (state ^ full).bit_count()
