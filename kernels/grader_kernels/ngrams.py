"""Ids to counts: how many n-grams each pair of texts has in common, for n = 2 and more.

An n-gram can only be shared if both (n-1)-grams in it are, so each order looks at the survivors
of the one before. Its key is the pair of their numbers: exact, and one machine word.
"""

from __future__ import annotations

import numpy as np
from numba import njit

ZERO = np.uint64(0)
ONE = np.uint64(1)
HALF = np.uint64(32)
STAMP = np.uint64(32)  # a slot's second word: stamp, one bit "seen", 31 bits of count
SEEN = np.uint64(1 << 31)
COUNT = np.uint64(2**31 - 1)
SHORT = 64  # words of a side that fits into the bits of a machine word
SHORT_ORDERS = 5  # n-grams that are then counted
MANY = 1 << 16  # from here on a table is kept small rather than sparse


@njit(nogil=True, cache=True)
def _is_zero(number):
    """1 if a number below 2**63 is 0, else 0. Arithmetic, where the compiler would branch."""
    return (number - ONE) >> np.uint64(63)


@njit(nogil=True, cache=True)
def _is_zero_word(number):
    """1 if a number is 0, else 0."""
    return np.uint64(number == ZERO)


@njit(nogil=True, cache=True)
def _keep_known(ids, begin, end, at, number):
    """Positions and numbers of the words that both sides have; return how many."""
    kept = np.uint64(0)
    for k in range(np.uint64(begin), np.uint64(end)):
        at[kept] = k
        number[kept] = ids[k]
        kept += np.uint64(ids[k] >= 0)
    return np.int64(kept)


@njit(nogil=True, cache=True)
def _join(at, number, n, key):
    """Join neighbours into grams one longer: `at` and `key` of each; return how many."""
    joined = np.uint64(0)
    here = at[0]
    first = np.uint64(number[0])
    for k in range(np.uint64(1), np.uint64(n)):
        there = at[k]
        second = np.uint64(number[k])
        at[joined] = here
        key[joined] = (first << HALF) | second
        joined += np.uint64(there - here == 1)
        here, first = there, second
    return np.int64(joined)


@njit(nogil=True, cache=True)
def _insert(key, n, table, stamp, shift, odd, number):
    """Enter and count the grams of a reference."""
    last = (ONE << (np.uint64(64) - shift)) - ONE
    for k in range(np.uint64(n)):
        gram = key[k]
        slot = (gram * odd) >> shift
        while True:
            at = slot << ONE
            word = table[at + ONE]
            mine = _is_zero(word >> STAMP ^ stamp)
            if (table[at] ^ gram) & (ZERO - mine) == ZERO:
                break
            slot = (slot + ONE) & last
        table[at] = gram
        table[at + ONE] = (word & (ZERO - mine) | (stamp << STAMP) & (mine - ONE)) + ONE
        number[k] = slot


@njit(nogil=True, cache=True)
def _look_up(key, n, table, stamp, shift, odd, at, number):
    """Keep the grams of an input that the reference has; return how many, and how many match."""
    last = (ONE << (np.uint64(64) - shift)) - ONE
    kept = np.uint64(0)
    common = np.uint64(0)
    for k in range(np.uint64(n)):
        gram = key[k]
        slot = (gram * odd) >> shift
        while True:
            state = (slot << ONE) + ONE
            word = table[state]
            mine = _is_zero(word >> STAMP ^ stamp)
            if (table[state - ONE] ^ gram) & (ZERO - mine) == ZERO:
                break
            slot = (slot + ONE) & last
        hit = mine & (ONE - _is_zero(word & COUNT))
        common += hit
        table[state] = (word - hit) | (SEEN & (ZERO - mine))
        at[kept] = at[k]
        number[kept] = slot
        kept += mine
    return np.int64(kept), np.int64(common)


@njit(nogil=True, cache=True)
def _keep_seen(table, n, at, number):
    """Keep the grams of a reference that the input has; return how many."""
    kept = np.uint64(0)
    for k in range(np.uint64(n)):
        slot = number[k]
        at[kept] = at[k]
        number[kept] = slot
        kept += np.uint64((table[(np.uint64(slot) << ONE) + ONE] & SEEN) != 0)
    return np.int64(kept)


@njit(nogil=True, cache=True)
def _shift(grams):
    """How far to shift a hash: the table has 8 to 16 slots for each of grams, 2 to 4 if many."""
    room = 8 if grams < MANY else 2
    bits = 4
    while (1 << bits) < room * grams:
        bits += 1
    return np.uint64(64 - bits)


@njit(nogil=True, cache=True)
def _mark(ids, begin, end, match):
    """Set bit k of match[id + 1] where a side of at most 64 words has the word at k."""
    bit = ONE
    for k in range(np.uint64(begin), np.uint64(end)):
        match[np.uint64(ids[k] + 1)] |= bit
        bit <<= ONE
    match[0] = ZERO


@njit(nogil=True, cache=True)
def _unmark(ids, begin, end, match):
    for k in range(np.uint64(begin), np.uint64(end)):
        match[np.uint64(ids[k] + 1)] = ZERO


@njit(nogil=True, cache=True)
def _take(places, free):
    """Use up the first free one of the places: 1 or 0, and what stays free."""
    left = places & free
    return ONE - _is_zero_word(left), free ^ (left & (ZERO - left))


@njit(nogil=True, cache=True)
def short_ngrams(ids, begin, end, match, common, row):
    """Common n-grams, n = 2 to 5, with a side that `_mark` has turned into bits.

    `places_n` has a bit for each place where the n-gram that begins here begins over there: the
    places of its first word, of which the next one is a place of the (n-1)-gram that follows.
    """
    places_2 = places_3 = places_4 = places_5 = places_1 = ZERO
    free_2 = free_3 = free_4 = free_5 = ZERO - ONE
    common_2 = common_3 = common_4 = common_5 = ZERO
    for back in range(np.uint64(end - begin)):
        word = match[np.uint64(ids[np.uint64(end - 1) - back] + 1)]
        places_5 = word & (places_4 >> ONE)
        places_4 = word & (places_3 >> ONE)
        places_3 = word & (places_2 >> ONE)
        places_2 = word & (places_1 >> ONE)
        places_1 = word
        one, free_2 = _take(places_2, free_2)
        common_2 += one
        one, free_3 = _take(places_3, free_3)
        common_3 += one
        one, free_4 = _take(places_4, free_4)
        common_4 += one
        one, free_5 = _take(places_5, free_5)
        common_5 += one
    counts = (common_2, common_3, common_4, common_5)
    for order in range(1, common.shape[1]):
        common[row, order] = counts[order - 1]


@njit(nogil=True, cache=True)
def ngrams_batch(input_ids, input_offsets, reference_ids, reference_offsets, odd, common):
    """common[i, n - 1] is how many n-grams pair i shares, with multiplicity, for n >= 2."""
    pairs, orders = common.shape
    longest = 1
    longest_input = 1
    for i in range(pairs):
        longest = max(longest, reference_offsets[i + 1] - reference_offsets[i])
        longest_input = max(longest_input, input_offsets[i + 1] - input_offsets[i])
    whole = _shift(longest)
    table = np.zeros(2 << np.int64(np.uint64(64) - whole), np.uint64)
    size = max(longest, longest_input) + 1
    key = np.empty(size, np.uint64)
    input_at = np.empty(size, np.int32)
    input_number = np.empty(size, np.int32)
    reference_at = np.empty(size, np.int32)
    reference_number = np.empty(size, np.int32)
    largest = 0
    for k in range(reference_offsets[pairs]):
        largest = max(largest, reference_ids[k])
    for k in range(input_offsets[pairs]):
        largest = max(largest, input_ids[k])
    match = np.zeros(largest + 2, np.uint64)
    stamp = ZERO
    for i in range(pairs):
        begin, end = reference_offsets[i], reference_offsets[i + 1]
        start, stop = input_offsets[i], input_offsets[i + 1]
        if orders <= SHORT_ORDERS and end - begin <= SHORT:
            _mark(reference_ids, begin, end, match)
            short_ngrams(input_ids, start, stop, match, common, i)
            _unmark(reference_ids, begin, end, match)
            continue
        if orders <= SHORT_ORDERS and stop - start <= SHORT:
            _mark(input_ids, start, stop, match)
            short_ngrams(reference_ids, begin, end, match, common, i)
            _unmark(input_ids, start, stop, match)
            continue
        common[i, 1:] = 0
        n = _keep_known(input_ids, input_offsets[i], input_offsets[i + 1], input_at, input_number)
        m = _keep_known(
            reference_ids,
            reference_offsets[i],
            reference_offsets[i + 1],
            reference_at,
            reference_number,
        )
        for order in range(1, orders):
            if n < 2 or m < 2:
                break
            stamp += ONE
            m = _join(reference_at, reference_number, m, key)
            shift = max(_shift(m), whole)  # fewer grams may ask for more slots
            _insert(key, m, table, stamp, shift, odd, reference_number)
            n = _join(input_at, input_number, n, key)
            n, common[i, order] = _look_up(key, n, table, stamp, shift, odd, input_at, input_number)
            m = _keep_seen(table, m, reference_at, reference_number)
