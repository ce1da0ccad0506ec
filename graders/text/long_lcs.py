"""The longest common subsequence of a pair that takes long, with looks at `stop` in between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from grader_kernels import lcs

from .stopping import Stop, go_on

CELLS = 1 << 32  # of a pair's table between two looks at `stop`: about 0.1 s
WIDTH = 64 * lcs.WIDEST - 2  # columns of the widest strip

Ids = NDArray[np.int32]


def long_lcs(ours: Ids, theirs: Ids, stop: Stop | None = None) -> int:
    """As `lcs_batch` for one pair. Raises Interrupted."""
    one, other = ours[ours >= 0], theirs[theirs >= 0]
    head, tail = lcs.trimmed(one, len(one), other, len(other))
    text, pattern = one[head : len(one) - tail], other[head : len(other) - tail]
    if len(text) < len(pattern):
        text, pattern = pattern, text
    n, m = len(text), len(pattern)
    row_of = np.zeros(int(max(text.max(initial=0), pattern.max(initial=0))) + 1, np.int32)
    rows = np.empty(64 * lcs.WIDEST * lcs.WIDEST, np.uint64)
    carry = np.zeros(n, np.uint8)
    step = WIDTH * max(1, CELLS // (WIDTH * max(n, 1)))
    length = int(head + tail)
    for begin in range(0, m, step):
        go_on(stop)
        end = min(begin + step, m)
        work = lcs.WIDEST, row_of, rows, carry
        length += int(lcs.strips(text, 0, n, pattern, begin, end, *work))
    return length
