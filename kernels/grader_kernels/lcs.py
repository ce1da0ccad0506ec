"""Ids to lengths of longest common subsequences: bit-parallel, in strips of columns.

One bit per word of the shorter side (Hyyrö 2004: V = (V + (V & M)) | (V & ~M)). A strip is as
wide as one integer of 64 to 512 bits; longer texts take several strips, each handing one carry
bit per word of the longer side to the next, so memory grows with the length of the texts only.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.extending import intrinsic

ONE = np.uint64(1)
SIX = np.uint64(6)
COLUMN = np.uint64(63)
WIDEST = 8  # machine words of a strip
PORTABLE = config.DISABLE_JIT


def _strip_native(words):  # pragma: no cover
    """The loop over one strip of `words` machine words.

    Bit 0 takes the carry of the strip before, the top bit gives the carry to the next one.
    """
    bits = 64 * words
    wide = ir.IntType(bits)
    columns = 2 ** (bits - 1) - 2

    @intrinsic
    def strip(typing_context, text, start, n, row_of, rows, carry):
        """Run the text over the strip; return how many columns matched."""

        def codegen(context, builder, signature, args):
            def data(i):
                return context.make_array(signature.args[i])(context, builder, args[i]).data

            texts, row_ofs, carries = builder.gep(data(0), [args[1]]), data(3), data(5)
            matches = builder.bitcast(data(4), wide.as_pointer())
            one, full = ir.Constant(wide, 1), ir.Constant(wide, columns)
            entry = builder.block
            loop = builder.append_basic_block("strip.loop")
            body = builder.append_basic_block("strip.body")
            done = builder.append_basic_block("strip.done")
            builder.branch(loop)
            builder.position_at_end(loop)
            k = builder.phi(ir.IntType(64))
            state = builder.phi(wide)
            k.add_incoming(ir.Constant(ir.IntType(64), 0), entry)
            state.add_incoming(full, entry)
            builder.cbranch(builder.icmp_signed("<", k, args[2]), body, done)
            builder.position_at_end(body)
            word = builder.zext(builder.load(builder.gep(texts, [k])), ir.IntType(64))
            row = builder.zext(builder.load(builder.gep(row_ofs, [word])), ir.IntType(64))
            match = builder.load(builder.gep(matches, [row]), align=8)
            carry_at = builder.gep(carries, [k])
            carried = builder.zext(builder.load(carry_at), wide)
            hit = builder.and_(state, match)
            total = builder.add(builder.or_(state, carried), builder.or_(hit, one))
            top = builder.lshr(total, ir.Constant(wide, bits - 1))
            builder.store(builder.trunc(top, ir.IntType(8)), carry_at)
            kept = builder.and_(builder.or_(total, builder.xor(state, hit)), full)
            state.add_incoming(kept, body)
            k.add_incoming(builder.add(k, ir.Constant(ir.IntType(64), 1)), body)
            builder.branch(loop)
            builder.position_at_end(done)
            return builder.trunc(builder.ctpop(builder.xor(state, full)), ir.IntType(64))

        return types.int64(text, start, n, row_of, rows, carry), codegen

    return strip


def _strip_portable(words):
    """The same loop with Python's integers."""
    bits = 64 * words
    columns = 2 ** (bits - 1) - 2

    def strip(text, start, n, row_of, rows, carry):
        state = columns
        for k in range(n):
            row = int(row_of[text[start + k]]) * words
            match = int.from_bytes(rows[row : row + words].tobytes(), "little")
            hit = state & match
            total = (state | int(carry[k])) + (hit | 1)
            carry[k] = total >> (bits - 1)
            state = (total | (state ^ hit)) & columns
        return (state ^ columns).bit_count()

    return strip


_strip_1 = _strip_portable(1) if PORTABLE else _strip_native(1)
_strip_2 = _strip_portable(2) if PORTABLE else _strip_native(2)
_strip_4 = _strip_portable(4) if PORTABLE else _strip_native(4)
_strip_8 = _strip_portable(8) if PORTABLE else _strip_native(8)


@njit(nogil=True, cache=True)
def _keep_known(ids, begin, end, out):
    """Copy the ids of words that both sides have; return how many."""
    kept = np.uint64(0)
    for k in range(np.uint64(begin), np.uint64(end)):
        out[kept] = ids[k]
        kept += np.uint64(ids[k] >= 0)
    return np.int64(kept)


@njit(nogil=True, cache=True)
def strip_words(columns):
    """How many machine words wide the strips for so many columns are."""
    words = 1
    while words < WIDEST and columns > 64 * words - 2:
        words *= 2
    return words


@njit(nogil=True, cache=True)
def strips(text, start, stop, pattern, begin, end, words, row_of, rows, carry):
    """How many of the columns pattern[begin:end] match text[start:stop].

    `carry` holds what the columns before `begin` hand on, zeros if there are none. `row_of` is zero
    before and after.
    """
    width = 64 * words - 2
    n = stop - start
    for w in range(words):
        rows[w] = 0
    length = 0
    while begin < end:
        last = min(begin + width, end)
        used = 0
        for column in range(begin, last):
            row = np.int64(row_of[pattern[column]])
            if row == 0:
                used += 1
                row = used
                row_of[pattern[column]] = row
                for w in range(row * words, row * words + words):
                    rows[w] = 0
            bit = np.uint64(column - begin + 1)
            rows[row * words + np.int64(bit >> SIX)] |= ONE << (bit & COLUMN)
        if words == 1:
            length += _strip_1(text, start, n, row_of, rows, carry)
        elif words == 2:
            length += _strip_2(text, start, n, row_of, rows, carry)
        elif words == 4:
            length += _strip_4(text, start, n, row_of, rows, carry)
        else:
            length += _strip_8(text, start, n, row_of, rows, carry)
        for column in range(begin, last):
            row_of[pattern[column]] = 0
        begin = last
    return length


@njit(nogil=True, cache=True)
def lcs(text, start, stop, pattern, begin, end, row_of, rows, carry):
    """Length of the longest common subsequence of text[start:stop] and pattern[begin:end].

    `row_of` is zero before and after.
    """
    for k in range(stop - start):
        carry[k] = 0
    words = strip_words(end - begin)
    return strips(text, start, stop, pattern, begin, end, words, row_of, rows, carry)


@njit(nogil=True, cache=True)
def trimmed(one, n, other, m):
    """How many words both begin with, and how many of the rest both end with."""
    shorter = min(n, m)
    head = 0
    while head < shorter and one[head] == other[head]:
        head += 1
    tail = 0
    while tail < shorter - head and one[n - 1 - tail] == other[m - 1 - tail]:
        tail += 1
    return head, tail


@njit(nogil=True, cache=True)
def lcs_batch(input_ids, input_offsets, reference_ids, reference_offsets, most, lengths):
    """Length of the longest common subsequence of each pair; ids are -1 or small numbers.

    -1 for a pair whose table, without the ends that are the same, has more than `most` cells.
    """
    largest = 0
    for k in range(reference_offsets[len(lengths)]):
        largest = max(largest, reference_ids[k])
    for k in range(input_offsets[len(lengths)]):
        largest = max(largest, input_ids[k])
    longest = 1
    for i in range(len(lengths)):
        longest = max(longest, input_offsets[i + 1] - input_offsets[i])
        longest = max(longest, reference_offsets[i + 1] - reference_offsets[i])
    row_of = np.zeros(largest + 1, np.int32)
    rows = np.empty((64 * WIDEST) * WIDEST, np.uint64)
    carry = np.empty(longest, np.uint8)
    one = np.empty(longest + 1, np.int32)
    other = np.empty(longest + 1, np.int32)
    for i in range(len(lengths)):
        n = _keep_known(input_ids, input_offsets[i], input_offsets[i + 1], one)
        m = _keep_known(reference_ids, reference_offsets[i], reference_offsets[i + 1], other)
        head, tail = trimmed(one, n, other, m)
        if (n - head - tail) * (m - head - tail) > most:
            lengths[i] = -1
            continue
        if n < m:
            rest = lcs(other, head, m - tail, one, head, n - tail, row_of, rows, carry)
        else:
            rest = lcs(one, head, n - tail, other, head, m - tail, row_of, rows, carry)
        lengths[i] = head + tail + rest
