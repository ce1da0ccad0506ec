"""Python strings to memory: where the UTF-8 bytes of each text lie, without a copy.

The only kernel that touches Python objects, hence the only one that keeps the GIL.
"""

from __future__ import annotations

import ctypes

from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

WORD = ir.IntType(64)
POINTER = ir.IntType(8).as_pointer()


@intrinsic
def _utf8_native(typing_context, texts, index):
    """(address, bytes) of the UTF-8 form of `texts[index]`; address 0 if it has none.

    `texts` is the id of a list. Python keeps the bytes inside the str, so they live as long as it.
    """

    def codegen(context, builder, signature, args):
        module = builder.module
        get = cgutils.get_or_insert_function(
            module, ir.FunctionType(POINTER, [POINTER, WORD]), "PyList_GetItem"
        )
        utf8 = cgutils.get_or_insert_function(
            module,
            ir.FunctionType(POINTER, [POINTER, WORD.as_pointer()]),
            "PyUnicode_AsUTF8AndSize",
        )
        clear = cgutils.get_or_insert_function(
            module, ir.FunctionType(ir.VoidType(), []), "PyErr_Clear"
        )
        size = cgutils.alloca_once_value(builder, ir.Constant(WORD, 0))
        text = builder.call(get, [builder.inttoptr(args[0], POINTER), args[1]])
        address = builder.ptrtoint(builder.call(utf8, [text, size]), WORD)
        with builder.if_then(builder.icmp_unsigned("==", address, ir.Constant(WORD, 0))):
            builder.call(clear, [])
            builder.store(ir.Constant(WORD, 0), size)
        return context.make_tuple(builder, signature.return_type, [address, builder.load(size)])

    return types.UniTuple(types.int64, 2)(types.int64, types.int64), codegen


def _utf8_portable(texts: int, index: int) -> tuple[int, int]:
    """The same through ctypes."""
    convert = ctypes.pythonapi.PyUnicode_AsUTF8AndSize
    convert.restype = ctypes.c_void_p
    convert.argtypes = [ctypes.py_object, ctypes.POINTER(ctypes.c_ssize_t)]
    size = ctypes.c_ssize_t()
    try:
        address = convert(ctypes.cast(texts, ctypes.py_object).value[index], ctypes.byref(size))
    except (UnicodeEncodeError, TypeError):
        return 0, 0
    return address, size.value


_utf8 = _utf8_portable if config.DISABLE_JIT else _utf8_native


@njit(cache=True)
def gather(texts, addresses, lengths):
    """Fill `addresses` and `lengths` from the list with id `texts`; return how many have no UTF-8.

    A text without UTF-8 holds lone surrogates, or is no str: address 0, length 0.
    """
    missing = 0
    for i in range(len(addresses)):
        address, length = _utf8(texts, i)
        addresses[i] = address
        lengths[i] = length
        missing += address == 0
    return missing
