"""Texts to lower case, all at once, for the kernels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from grader_kernels.lower import lower_batch
from grader_kernels.vocabulary import PADDING

SIGMA = 0x3A3  # its lower case depends on the letters around it

Letters = NDArray[np.uint8]
Ends = NDArray[np.int64]


def lowered(texts: Sequence[str]) -> tuple[Letters, Ends]:
    """`str.lower` of each text as UTF-8 with ASCII white space, end to end, and where each ends.

    A lone surrogate is three bytes. After the last text follows the kernels' padding.
    """
    try:
        parts = [*map(str.encode, texts)]
    except UnicodeEncodeError:
        parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    letters, ends, special = _lower(parts)
    if special.any():
        for i in np.flatnonzero(special).tolist():
            text = " ".join(texts[i].split()).lower()
            parts[i] = text.encode("utf-8", "surrogatepass")
        letters, ends, _ = _lower(parts)  # what is lower case already stays as it is
    return letters, ends


def _lower(parts: list[bytes]) -> tuple[Letters, Ends, NDArray[np.bool_]]:
    """The texts in lower case, and which of them are special to `lower_batch`."""
    letters = np.frombuffer(b"".join(parts), np.uint8)
    ends = np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)))
    out = np.zeros(len(letters) + PADDING, np.uint8)
    special = np.empty(len(parts), np.bool_)
    lower_batch(letters, ends, lower_table(), out, special)
    return out, ends, special


@cache
def lower_table() -> NDArray[np.uint16]:
    """The lower case of each character below 2 ** 16; 32 for white space, 0 where it is special.

    Special is what `lower_batch` cannot do: sigma, and what takes another number of bytes.
    """
    table = np.zeros(1 << 16, np.uint16)
    for code in range(1 << 16):
        lower = chr(code).lower()
        if chr(code).isspace():
            table[code] = 32
        elif len(lower) == 1 and _width(ord(lower)) == _width(code) and code != SIGMA:
            table[code] = ord(lower)
    return table


def _width(code: int) -> int:
    """Bytes of a character in UTF-8."""
    return 1 + (code >= 0x80) + (code >= 0x800) + (code >= 0x10000)
