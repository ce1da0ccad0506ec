"""fuzzy_match: rapidfuzz on texts that its default_process has lowered and stripped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..options import Fuzzy, Options

LENGTH_RATIO = 1.5  # from here on WRatio aligns substrings, which may take half a minute a pair
QUICK = 512  # characters of a pair that takes no longer than its characters say


def too_large(input: str, reference: str, options: Options) -> bool:
    """Whether a pair is refused: a longer text above `fuzzy_max_chars`, and substrings aligned.

    Lengths are those of the texts that rapidfuzz compares: what it strips does not count.
    """
    if max(len(input), len(reference)) <= options.fuzzy_max_chars:
        return False
    ours, theirs = processed([input, reference])
    return _refused(ours, theirs, options)


def _refused(input: str, reference: str, options: Options) -> bool:
    shorter, longer = sorted((len(input), len(reference)))
    return longer > options.fuzzy_max_chars and (
        options.fuzzy == "partial_ratio" or longer >= LENGTH_RATIO * shorter
    )


def processed(texts: Sequence[str]) -> list[str]:
    """What rapidfuzz compares: blanks for what is no letter or digit, stripped, lower case."""
    from rapidfuzz import utils

    return list(map(utils.default_process, texts))


def fuzzy_match(
    inputs: Sequence[str], references: Sequence[str], options: Options
) -> NDArray[np.float64]:
    """rapidfuzz's score of processed texts by 100, 0 to 1; NaN for a pair that is too large."""
    from rapidfuzz import fuzz, process

    refused: list[int] = []
    longest = max(max(map(len, texts), default=0) for texts in (inputs, references))
    if longest > options.fuzzy_max_chars:
        pairs = enumerate(zip(inputs, references, strict=True))
        refused = [i for i, pair in pairs if _refused(*pair, options)]
        inputs = list(inputs)
        for i in refused:
            inputs[i] = ""
    scores: NDArray[np.float64] = process.cpdist(
        inputs, references, scorer=getattr(fuzz, options.fuzzy), dtype=np.float64, workers=1
    )
    scores /= 100
    scores[refused] = np.nan
    return scores


def work(
    inputs: Sequence[str], references: Sequence[str], scorer: Fuzzy
) -> NDArray[np.int64] | NDArray[np.float64]:
    """About how long each pair of processed texts takes, in characters that take as much time.

    It takes longer with the product of the lengths (0.05 ns a cell), and where substrings are
    aligned once more with the shorter one (0.01 ns): 3 s for 5,400 and 8,192 characters.
    partial_ratio always aligns them, texts of one length both ways.
    """
    ours, theirs = (np.fromiter(map(len, c), np.int64, len(c)) for c in (inputs, references))
    total = ours + theirs
    if total.max(initial=0) < QUICK:
        return total
    shorter, longer = np.minimum(ours, theirs), np.maximum(ours, theirs)
    if scorer == "partial_ratio":
        aligned = np.where(longer == shorter, 4 * shorter, 2 * shorter)
    else:
        aligned = np.where(longer >= LENGTH_RATIO * shorter, shorter, 0)
    return total + shorter * longer * (1.3e-4 + 2.6e-5 * aligned)
