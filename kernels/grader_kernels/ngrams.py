"""Ids to counts: how many n-grams each pair of texts has in common, for n = 2 and more.

An n-gram can only be shared if both (n-1)-grams in it are, so each order looks at the survivors
of the one before. Its key is the pair of their numbers: exact, and one machine word.
"""

from __future__ import annotations

import numpy as np
from numba import njit

ONE = np.uint64(1)
HALF = np.uint64(32)
STAMP = np.uint64(32)  # a slot's second word: stamp, one bit "seen", 31 bits of count
SEEN = np.uint64(1 << 31)
COUNT = np.uint64(2**31 - 1)


@njit(nogil=True, cache=True)
def _keep_known(ids, begin, end, at, number):  # type: ignore[no-untyped-def]
    """Positions and numbers of the words that both sides have; return how many."""
    kept = 0
    for k in range(begin, end):
        at[kept] = k
        number[kept] = ids[k]
        kept += ids[k] >= 0
    return kept


@njit(nogil=True, cache=True)
def _join(at, number, n, key):  # type: ignore[no-untyped-def]
    """Join neighbours into grams one longer: `at` and `key` of each; return how many."""
    joined = 0
    for k in range(n - 1):
        here = at[k]
        pair = (np.uint64(number[k]) << HALF) | np.uint64(number[k + 1])
        adjacent = at[k + 1] - here == 1
        at[joined] = here
        key[joined] = pair
        joined += adjacent
    return joined


@njit(nogil=True, cache=True)
def _slot(table, key, stamp, shift, odd):  # type: ignore[no-untyped-def]
    """The slot of a key: the one that holds it, or else the free one where it belongs."""
    slot = np.int64((key * odd) >> shift)
    last = np.int64((ONE << (np.uint64(64) - shift)) - ONE)
    while True:
        if ((table[slot, 1] >> STAMP) != stamp) | (table[slot, 0] == key):
            return slot
        slot = (slot + 1) & last


@njit(nogil=True, cache=True)
def _insert(key, n, table, stamp, shift, odd, number):  # type: ignore[no-untyped-def]
    """Enter and count the grams of a reference."""
    for k in range(n):
        slot = _slot(table, key[k], stamp, shift, odd)
        word = table[slot, 1]
        start = word if (word >> STAMP) == stamp else stamp << STAMP
        table[slot, 0] = key[k]
        table[slot, 1] = start + ONE
        number[k] = slot


@njit(nogil=True, cache=True)
def _look_up(key, n, table, stamp, shift, odd, at, number):  # type: ignore[no-untyped-def]
    """Keep the grams of an input that the reference has; return how many, and how many match."""
    kept = 0
    common = 0
    for k in range(n):
        slot = _slot(table, key[k], stamp, shift, odd)
        word = table[slot, 1]
        known = (word >> STAMP) == stamp
        hit = known & ((word & COUNT) != 0)
        common += hit
        table[slot, 1] = (word - np.uint64(hit)) | (SEEN if known else np.uint64(0))
        at[kept] = at[k]
        number[kept] = slot
        kept += known
    return kept, common


@njit(nogil=True, cache=True)
def _keep_seen(table, n, at, number):  # type: ignore[no-untyped-def]
    """Keep the grams of a reference that the input has; return how many."""
    kept = 0
    for k in range(n):
        slot = number[k]
        at[kept] = at[k]
        number[kept] = slot
        kept += (table[slot, 1] & SEEN) != 0
    return kept


@njit(nogil=True, cache=True)
def _shift(grams):  # type: ignore[no-untyped-def]
    """How far to shift a hash so that the table has at least twice as many slots as grams."""
    bits = 4
    while (1 << bits) < 2 * grams:
        bits += 1
    return np.uint64(64 - bits)


@njit(nogil=True, cache=True)
def ngrams_batch(  # type: ignore[no-untyped-def]
    input_ids, input_offsets, reference_ids, reference_offsets, odd, common
):
    """common[i, n - 1] is how many n-grams pair i shares, with multiplicity, for n >= 2."""
    pairs, orders = common.shape
    longest = 1
    longest_input = 1
    for i in range(pairs):
        longest = max(longest, reference_offsets[i + 1] - reference_offsets[i])
        longest_input = max(longest_input, input_offsets[i + 1] - input_offsets[i])
    table = np.zeros((1 << np.int64(np.uint64(64) - _shift(longest)), 2), np.uint64)
    size = max(longest, longest_input) + 1
    key = np.empty(size, np.uint64)
    input_at = np.empty(size, np.int64)
    input_number = np.empty(size, np.int64)
    reference_at = np.empty(size, np.int64)
    reference_number = np.empty(size, np.int64)
    stamp = np.uint64(0)
    for i in range(pairs):
        common[i, 1:] = 0
        n = _keep_known(
            input_ids, input_offsets[i], input_offsets[i + 1], input_at, input_number
        )
        m = _keep_known(
            reference_ids, reference_offsets[i], reference_offsets[i + 1], reference_at,
            reference_number,
        )
        for order in range(1, orders):
            if n < 2 or m < 2:
                break
            stamp += ONE
            m = _join(reference_at, reference_number, m, key)
            shift = _shift(m)
            _insert(key, m, table, stamp, shift, odd, reference_number)
            n = _join(input_at, input_number, n, key)
            n, common[i, order] = _look_up(
                key, n, table, stamp, shift, odd, input_at, input_number
            )
            m = _keep_seen(table, m, reference_at, reference_number)
