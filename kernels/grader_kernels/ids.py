"""Keys to ids: number the words of each pair of texts, and count those in common.

One hash table serves all pairs: a slot belongs to the pair whose stamp it carries, so nothing is
ever cleared. The number of a word is its slot. Hash multipliers are random per process, so that
nobody can tell which words will collide; they decide where a word lies, never which word it is.
"""

from __future__ import annotations

import ctypes

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.extending import intrinsic

WORD = ir.IntType(64)

ZERO = np.uint64(0)
ONE = np.uint64(1)
TWO = np.uint64(2)
SLOT = np.uint64(4)  # machine words of a slot: key, key, state, and one to fill half a cache line
LONG = np.uint64(0xFF << 56)
STAMP = np.uint64(32)  # a slot's third word: stamp, one bit "seen", 31 bits of count
SEEN = np.uint64(1 << 31)
COUNT = np.uint64(2**31 - 1)
FEW = 64  # up to here a table may be sparse and yet stay in the processor's cache
MANY = 1 << 16  # from here on a table is kept small rather than sparse


@intrinsic
def _load_native(typing_context, address):
    """The eight bytes at `address`."""

    def codegen(context, builder, signature, args):
        return builder.load(builder.inttoptr(args[0], WORD.as_pointer()), align=1)

    return types.uint64(types.uint64), codegen


@intrinsic
def _width_native(typing_context, number):
    """How many binary digits a number has."""

    def codegen(context, builder, signature, args):
        zeros = builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))
        return builder.sub(ir.Constant(WORD, 64), zeros)

    return types.int64(types.uint64), codegen


def _width_portable(number: np.uint64) -> int:
    return int(number).bit_length()


def _load_portable(address: np.uint64) -> np.uint64:
    return np.uint64(ctypes.c_uint64.from_address(int(address)).value)


_load = _load_portable if config.DISABLE_JIT else _load_native
_width = _width_portable if config.DISABLE_JIT else _width_native


@njit(nogil=True, cache=True)
def _is_zero(number):
    """1 if a number below 2**63 is 0, else 0. Arithmetic, where the compiler would branch."""
    return (number - ONE) >> np.uint64(63)


@njit(nogil=True, cache=True)
def _hash_text(address, size, fold, odd_first, odd_second):
    """A hash of the `size` bytes, 16 or more, at `address`.

    Two multipliers a step: after the first alone a change of the highest bits leaves few bits
    changed, at known places, which the next eight bytes could change back.
    """
    end = address + size - np.uint64(8)
    mixed = size
    while address < end:
        mixed = (mixed ^ (_load(address) | fold)) * odd_first
        mixed = (mixed ^ (mixed >> np.uint64(32))) * odd_second
        mixed ^= mixed >> np.uint64(32)
        address += np.uint64(8)
    return (mixed ^ (_load(end) | fold)) * odd_first


@njit(nogil=True, cache=True)
def _same_text(one, other, size, fold):
    """Whether `size` bytes, 16 or more, are equal at both addresses."""
    last = size - np.uint64(8)
    at = np.uint64(0)
    while at < last:
        if (_load(one + at) | fold) != (_load(other + at) | fold):
            return False
        at += np.uint64(8)
    return (_load(one + last) | fold) == (_load(other + last) | fold)


# These loops hand no array on: numba would count each reference to it, atomically, in every row.


@njit(nogil=True, cache=True)
def insert(keys, begin, end, table, stamp, shift, odd, fold, ids):
    """Enter and count the words of a reference."""
    odd_first, odd_second = odd[0], odd[1]
    last = (ONE << (np.uint64(64) - shift)) - ONE
    for k in range(np.uint64(begin), np.uint64(end)):
        first, second = keys[k, 0], keys[k, 1]
        mixed = first * odd_first + second * odd_second
        if second >= LONG:
            mixed = _hash_text(first, second & ~LONG, fold, odd_first, odd_second)
        slot = mixed >> shift
        while True:
            at = slot * SLOT
            word = table[at + TWO]
            mine = _is_zero(word >> STAMP ^ stamp)
            other = (table[at] ^ first) | (table[at + ONE] ^ second)
            if other & (ZERO - mine) == ZERO:
                break
            size = second & ~LONG
            if (
                second >= LONG
                and second == table[at + ONE]
                and _same_text(table[at], first, size, fold)
            ):
                break
            slot = (slot + ONE) & last
        table[at] = first
        table[at + ONE] = second
        table[at + TWO] = (word & (ZERO - mine) | (stamp << STAMP) & (mine - ONE)) + ONE
        ids[k] = slot


@njit(nogil=True, cache=True)
def look_up(keys, begin, end, table, stamp, shift, odd, fold, ids):
    """Number the words of an input; return how many of them the reference has, each used once."""
    odd_first, odd_second = odd[0], odd[1]
    last = (ONE << (np.uint64(64) - shift)) - ONE
    common = ZERO
    for k in range(np.uint64(begin), np.uint64(end)):
        first, second = keys[k, 0], keys[k, 1]
        mixed = first * odd_first + second * odd_second
        if second >= LONG:
            mixed = _hash_text(first, second & ~LONG, fold, odd_first, odd_second)
        slot = mixed >> shift
        while True:
            at = slot * SLOT
            word = table[at + TWO]
            mine = _is_zero(word >> STAMP ^ stamp)
            other = (table[at] ^ first) | (table[at + ONE] ^ second)
            if other & (ZERO - mine) == ZERO:
                break
            size = second & ~LONG
            if (
                second >= LONG
                and second == table[at + ONE]
                and _same_text(table[at], first, size, fold)
            ):
                break
            slot = (slot + ONE) & last
        hit = mine & (ONE - _is_zero(word & COUNT))
        common += hit
        table[at + TWO] = (word - hit) | (SEEN & (ZERO - mine))
        ids[k] = np.int64(slot | (mine - ONE))
    return np.int64(common)


@njit(nogil=True, cache=True)
def _shift(words):
    """How far to shift a hash so that it numbers the slots of a table for so many words."""
    room = 8 if words <= FEW else 4 if words < MANY else 2
    return np.uint64(64 - max(_width(np.uint64(room * words)), 4))


@njit(nogil=True, cache=True)
def ids_batch(
    inputs,
    input_offsets,
    references,
    reference_offsets,
    odd,
    fold,
    input_ids,
    reference_ids,
    common,
    mark,
):
    """Number the words of each pair, -1 for a word that the other side lacks.

    common[i, 0] is how many words pair i shares, counted with multiplicity. Unless `mark`, which
    who only wants that can do without, no word of a reference is -1.
    """
    longest = 0
    for i in range(len(common)):
        longest = max(longest, reference_offsets[i + 1] - reference_offsets[i])
    whole = _shift(longest)
    table = np.zeros(4 << np.int64(np.uint64(64) - whole), np.uint64)
    for i in range(len(common)):
        begin, end = reference_offsets[i], reference_offsets[i + 1]
        stamp = np.uint64(i + 1)
        shift = max(_shift(end - begin), whole)  # fewer words may ask for more slots
        insert(references, begin, end, table, stamp, shift, odd, fold, reference_ids)
        start, stop = input_offsets[i], input_offsets[i + 1]
        common[i, 0] = look_up(inputs, start, stop, table, stamp, shift, odd, fold, input_ids)
        for k in range(np.uint64(begin), np.uint64(end if mark else begin)):
            slot = np.uint64(reference_ids[k])
            seen = (table[slot * SLOT + TWO] & SEEN) >> np.uint64(31)
            reference_ids[k] = np.int64(slot | (seen - ONE))
