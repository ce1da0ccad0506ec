"""Bytes to keys: where the words of a text lie, and a 128-bit key that identifies each.

A key is exact up to 15 bytes: the bytes themselves and their number. A longer word is known by
its address and its number of bytes, and whoever compares two of them compares the bytes.
Blocks of 64 bytes are classified at once. Reading past a text is harmless within a page of
memory; near the end of one the bytes are copied first.
"""

from __future__ import annotations

import ctypes

import numpy as np
from llvmlite import binding, ir
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

WORD = ir.IntType(64)
BLOCK = ir.VectorType(ir.IntType(8), 64)

PAGE = 4096
IN_PAGE = PAGE - 1
BLOCK_READ = 66  # a block, and the two bytes behind it that may complete a character
WORD_READ = 16
PAD = 128
SLACK = 66  # room that `bounds` needs behind its last number
ZERO = np.uint64(0)
ONE = np.uint64(1)
TWO = np.uint64(2)
SHORT = np.uint64(15)  # bytes of a word that its key holds
ONES = np.uint64(2**64 - 1)
LONG = np.uint64(0xFF << 56)
NO_FOLD = np.uint64(0)
LOWER = np.uint64(0x2020202020202020)  # the bit that turns A-Z into a-z and is set in 0-9
# The bytes of a word of n bytes in the first and in the second half of its key.
FIRST = np.array([2 ** (8 * min(n, 8)) - 1 for n in range(16)], np.uint64)
SECOND = np.array([2 ** (8 * max(n - 8, 0)) - 1 for n in range(16)], np.uint64)


def _processor_has(feature: str) -> bool:
    """Whether kernels may use an instruction set; no if numba is told to compile for another."""
    ours = config.CPU_NAME is None and config.CPU_FEATURES is None and not config.DISABLE_JIT
    return ours and bool(binding.get_host_cpu_features().get(feature, False))


def _splat(builder, value, vector):  # pragma: no cover
    """A vector with the low bits of a value in each place."""
    nothing = ir.Constant(vector, ir.Undefined)
    index = ir.IntType(32)
    first = builder.insert_element(nothing, builder.trunc(value, vector.element), index(0))
    return builder.shuffle_vector(
        first, nothing, ir.Constant(ir.VectorType(index, vector.count), [0] * vector.count)
    )


@intrinsic
def _between_native(typing_context, address, low, high):
    """Which of the 64 bytes at `address` lie in low..high, as the bits of a mask."""

    def codegen(context, builder, signature, args):
        block = builder.load(builder.inttoptr(args[0], BLOCK.as_pointer()), align=1)
        distance = builder.sub(block, _splat(builder, args[1], BLOCK))
        width = _splat(builder, builder.sub(args[2], args[1]), BLOCK)
        flags = builder.icmp_unsigned("<=", distance, width)
        return builder.bitcast(flags, WORD)

    return types.uint64(types.int64, types.int64, types.int64), codegen


@intrinsic
def _load_native(typing_context, address):
    """The eight bytes at `address`."""

    def codegen(context, builder, signature, args):
        return builder.load(builder.inttoptr(args[0], WORD.as_pointer()), align=1)

    return types.uint64(types.int64), codegen


@intrinsic
def _lowest_native(typing_context, mask):
    """The position of the lowest set bit of a mask that is not 0."""

    def codegen(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), codegen


def _between_portable(address: int, low: int, high: int) -> np.uint64:
    block = ctypes.string_at(int(address), 64)
    return np.uint64(sum(1 << i for i, byte in enumerate(block) if low <= byte <= high))


def _load_portable(address: int) -> np.uint64:
    return np.uint64(ctypes.c_uint64.from_address(int(address)).value)


def _lowest_portable(mask: np.uint64) -> int:
    return (int(mask) & -int(mask)).bit_length() - 1


_between = _between_portable if config.DISABLE_JIT else _between_native
_load = _load_portable if config.DISABLE_JIT else _load_native
_lowest = _lowest_portable if config.DISABLE_JIT else _lowest_native


@njit(nogil=True, cache=True)
def _byte(address):
    """The byte at `address`, out of the aligned machine word around it, which no page divides."""
    return _load(address & ~7) >> np.uint64(8 * (address & 7)) & np.uint64(255)


@njit(nogil=True, cache=True)
def _folds(at):
    """Which bytes begin U+0130 or U+212A, the characters beyond ASCII that lower to a-z."""
    dotted = _between(at, 0xC4, 0xC4) & _between(at + 1, 0xB0, 0xB0)
    kelvin = _between(at, 0xE2, 0xE2) & _between(at + 1, 0x84, 0x84)
    return dotted | (kelvin & _between(at + 2, 0xAA, 0xAA))


@njit(nogil=True, cache=True)
def _wide_spaces(at):
    """Which bytes begin a white space character of two bytes, and which one of three."""
    second, third = at + 1, at + 2
    two = _between(at, 0xC2, 0xC2) & (_between(second, 0x85, 0x85) | _between(second, 0xA0, 0xA0))
    general = _between(second, 0x80, 0x80) & (
        _between(third, 0x80, 0x8A) | _between(third, 0xA8, 0xA9) | _between(third, 0xAF, 0xAF)
    )
    general |= _between(second, 0x81, 0x81) & _between(third, 0x9F, 0x9F)
    three = _between(at, 0xE1, 0xE1) & _between(second, 0x9A, 0x9A) & _between(third, 0x80, 0x80)
    three |= _between(at, 0xE2, 0xE2) & general
    three |= _between(at, 0xE3, 0xE3) & _between(second, 0x80, 0x80) & _between(third, 0x80, 0x80)
    return two, three


@intrinsic
def _put_edges_native(typing_context, edges, base, bounds, k):
    """Write `base` + the position of each set bit from `bounds[k]` on; return the next k.

    Writes up to SLACK numbers at once, most of them to be overwritten.
    """

    def codegen(context, builder, signature, args):
        flags = ir.VectorType(ir.IntType(1), 64)
        compress = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(BLOCK, [BLOCK, BLOCK, flags]),
            "llvm.x86.avx512.mask.compress.v64i8",
        )
        mask = builder.bitcast(args[0], flags)
        positions = ir.Constant(BLOCK, list(range(64)))
        packed = builder.call(compress, [positions, ir.Constant(BLOCK, None), mask])
        count = builder.ctpop(args[0])
        quarter = ir.VectorType(ir.IntType(32), 16)
        start = _splat(builder, args[1], quarter)
        data = context.make_array(signature.args[2])(context, builder, args[2]).data

        def put(part):
            lanes = ir.Constant(quarter, list(range(16 * part, 16 * part + 16)))
            few = builder.shuffle_vector(packed, ir.Constant(BLOCK, ir.Undefined), lanes)
            at = builder.gep(data, [builder.add(args[3], ir.Constant(WORD, 16 * part))])
            value = builder.add(builder.zext(few, quarter), start)
            builder.store(value, builder.bitcast(at, quarter.as_pointer()), align=4)

        put(0)
        put(1)
        with builder.if_then(builder.icmp_unsigned(">", count, ir.Constant(WORD, 32))):
            put(2)
            put(3)
        return builder.add(args[3], count)

    return types.uint64(edges, base, bounds, k), codegen


@njit(nogil=True, cache=True)
def _put_edges_portable(edges, base, bounds, k):
    """The same, bit by bit."""
    while edges:
        bounds[k] = base + _lowest(edges)
        edges &= edges - ONE
        k += ONE
    return k


_put_edges = _put_edges_native if _processor_has("avx512vbmi2") else _put_edges_portable


@njit(nogil=True, cache=True)
def latin_bounds(address, length, pad, pad_at, bounds):
    """Begin and end of each run of A-Z, a-z, 0-9; return their number.

    Returns -1 if the text holds U+0130 or U+212A: it must be lowered first.
    """
    k = ZERO
    carry = ZERO
    refused = ZERO
    for base in range(0, length, 64):
        left = length - base
        at = address + base
        if left < BLOCK_READ and (at & IN_PAGE) > PAGE - BLOCK_READ:
            for i in range(left):
                pad[i] = _byte(at + i)
            at = pad_at
        inside = ONES if left >= 64 else (ONE << np.uint64(left)) - ONE
        if _between(at, 0x80, 0xFF) & inside:
            refused |= _folds(at) & inside
        mask = _between(at, 0x30, 0x39) | _between(at, 0x41, 0x5A) | _between(at, 0x61, 0x7A)
        mask &= inside
        k = _put_edges(mask ^ (mask << ONE | carry), base, bounds, k)
        carry = mask >> np.uint64(63)
    bounds[k] = length
    return np.int64(k + carry) if refused == ZERO else -1


@njit(nogil=True, cache=True)
def split_bounds(address, length, pad, pad_at, bounds):
    """Begin and end of each word of str.split; return their number."""
    k = ZERO
    carry = np.uint64(0)
    spill = np.uint64(0)
    for base in range(0, length, 64):
        left = length - base
        at = address + base
        if left < BLOCK_READ and (at & IN_PAGE) > PAGE - BLOCK_READ:
            for i in range(left):
                pad[i] = _byte(at + i)
            at = pad_at
        inside = ONES if left >= 64 else (ONE << np.uint64(left)) - ONE
        spaces = _between(at, 0x09, 0x0D) | _between(at, 0x1C, 0x20) | spill
        spill = np.uint64(0)
        if _between(at, 0x80, 0xFF) & inside:
            two, three = _wide_spaces(at)
            both = two | three
            spaces |= both | (both << ONE) | (three << np.uint64(2))
            spill = (both >> np.uint64(63)) | (three >> np.uint64(62))
        mask = ~spaces & inside
        k = _put_edges(mask ^ (mask << ONE | carry), base, bounds, k)
        carry = mask >> np.uint64(63)
    bounds[k] = length
    return np.int64(k + carry)


@njit(nogil=True, cache=True)
def _put_keys(address, bounds, k, fold, keys, word):
    """Write the key of each word between `bounds[:k]`, from `keys[word]` on; return the next."""
    row = np.uint64(word)
    for j in range(np.uint64(0), np.uint64(k), TWO):
        begin = np.uint64(bounds[j])
        size = np.uint64(bounds[j + ONE]) - begin
        at = address + np.int64(begin)
        if size > SHORT:
            keys[row, 0] = np.uint64(at)
            keys[row, 1] = LONG | size
        else:
            if (at & IN_PAGE) <= PAGE - WORD_READ:
                first = _load(at)
                second = _load(at + 8)
            else:
                first = second = ZERO
                for i in range(np.int64(size) - 1, -1, -1):
                    second = second << np.uint64(8) | first >> np.uint64(56)
                    first = first << np.uint64(8) | _byte(at + i)
            keys[row, 0] = (first | fold) & FIRST[size]
            keys[row, 1] = ((second | fold) & SECOND[size]) | (size << np.uint64(56))
        row += ONE
    return np.int64(row)


@njit(nogil=True, cache=True)
def latin_words_batch(addresses, lengths, bounds, keys, offsets):
    """Keys of the lower-cased runs of letters and digits; the words of text i lie from offsets[i].

    Returns False, with nothing of use written, if a text must be lowered first.
    """
    pad = np.zeros(PAD, np.uint8)
    pad_at = np.int64(pad.ctypes.data)
    offsets[0] = 0
    for i in range(len(addresses)):
        k = latin_bounds(addresses[i], lengths[i], pad, pad_at, bounds)
        if k < 0:
            return False
        offsets[i + 1] = _put_keys(addresses[i], bounds, k, LOWER, keys, offsets[i])
    return True


@njit(nogil=True, cache=True)
def split_words_batch(addresses, lengths, bounds, keys, offsets):
    """Keys of the words of str.split; the words of text i lie from offsets[i]."""
    pad = np.zeros(PAD, np.uint8)
    pad_at = np.int64(pad.ctypes.data)
    offsets[0] = 0
    for i in range(len(addresses)):
        k = split_bounds(addresses[i], lengths[i], pad, pad_at, bounds)
        offsets[i + 1] = _put_keys(addresses[i], bounds, k, NO_FOLD, keys, offsets[i])
    return True
