"""Lower case for many texts at once.

Texts are UTF-8, one after the other.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

SPACE = 32


@njit(nogil=True, cache=True)
def is_space(letter: int) -> bool:
    return (letter == SPACE) | ((letter >= 28) & (letter < 32)) | ((letter >= 9) & (letter <= 13))


@njit(nogil=True, cache=True)
def lower_wide(
    letters: NDArray[np.uint8],
    start: int,
    end: int,
    lowered: NDArray[np.uint16],
    out: NDArray[np.uint8],
) -> bool:
    """Write the characters of more than one byte of one text; whether it is special."""
    i = start
    while i < end:
        lead = np.int64(letters[i])
        if lead < 128:
            i += 1
        elif lead >= 240:
            # Above U+1EFFF nothing has a case or is white space.
            if lead == 240 and letters[i + 1] < 159:
                return True
            i += 4
        elif lead >= 224:
            tail = np.int64(letters[i + 1] & 63) << 6 | np.int64(letters[i + 2] & 63)
            code = np.int64(lowered[(lead & 15) << 12 | tail])
            if code == 0:
                return True
            out[i] = SPACE if code == SPACE else 224 | code >> 12
            out[i + 1] = SPACE if code == SPACE else 128 | code >> 6 & 63
            out[i + 2] = SPACE if code == SPACE else 128 | code & 63
            i += 3
        else:
            code = np.int64(lowered[(lead & 31) << 6 | np.int64(letters[i + 1] & 63)])
            if code == 0:
                return True
            out[i] = SPACE if code == SPACE else 192 | code >> 6
            out[i + 1] = SPACE if code == SPACE else 128 | code & 63
            i += 2
    return False


@njit(nogil=True, cache=True)
def lower_batch(
    letters: NDArray[np.uint8],
    ends: NDArray[np.int64],
    lowered: NDArray[np.uint16],
    out: NDArray[np.uint8],
    special: NDArray[np.bool_],
) -> int:
    """Write the texts in lower case, white space as spaces, in as many bytes.

    `lowered` has the lower case of each character below 2 ** 16, and 0 where that depends on
    others or takes another number of bytes. Texts with such a one are `special`; returns their
    number.
    """
    count = 0
    start = 0
    for text in range(ends.size):
        high = 0
        for i in range(start, ends[text]):
            letter = letters[i]
            high |= letter
            lower = letter + 32 * ((letter >= 65) & (letter <= 90))
            out[i] = SPACE if is_space(letter) else lower
        special[text] = high >= 128 and lower_wide(letters, start, ends[text], lowered, out)
        count += special[text]
        start = ends[text]
    return count
