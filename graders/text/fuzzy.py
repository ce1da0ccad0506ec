"""fuzzy_match: rapidfuzz on texts that its default_process has lowered and stripped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..options import Options

LENGTH_RATIO = 1.5  # from here on WRatio aligns substrings, which may take half a minute a pair


def too_large(input: str, reference: str, options: Options) -> bool:
    """Whether a pair is refused: unlike lengths, and a longer text above `fuzzy_max_chars`."""
    shorter, longer = sorted((len(input), len(reference)))
    return longer > options.fuzzy_max_chars and longer >= LENGTH_RATIO * shorter


def fuzzy_match(
    inputs: Sequence[str], references: Sequence[str], options: Options
) -> NDArray[np.float64]:
    """rapidfuzz's score by 100, 0 to 1; NaN for a pair that is too large."""
    from rapidfuzz import fuzz
    from rapidfuzz.utils import default_process

    scorer = getattr(fuzz, options.fuzzy)
    limit = options.fuzzy_max_chars
    scores = np.empty(len(inputs))
    for i, (input, reference) in enumerate(zip(inputs, references, strict=True)):
        if (len(input) > limit or len(reference) > limit) and too_large(input, reference, options):
            scores[i] = np.nan
        else:
            scores[i] = scorer(input, reference, processor=default_process)
    scores /= 100
    return scores
