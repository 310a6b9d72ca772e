"""Asking the processor for a row before it is needed: rows in random order are otherwise waited for one by one."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


def _prefetch(_context: Any, array: Any, row: Any, column: Any) -> Any:
    """Bring array[row, column] and its neighbours in the same 64 bytes into the cache; it changes nothing."""
    return types.void(array, row, column), _instruction


def _instruction(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """LLVM's prefetch: for reading (0), to be used soon (3), as data (1)."""
    kind, (array, *place) = signature.args[0], arguments
    held = context.make_array(kind)(context, builder, array)
    address = cgutils.get_item_pointer(context, builder, kind, held, place)  # type: ignore[no-untyped-call]
    byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
    ask = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
    called = builder.module.declare_intrinsic("llvm.prefetch", [byte], ask)
    builder.call(called, [builder.bitcast(address, byte), number(0), number(3), number(1)])
    return context.get_dummy_value()


prefetch: Any = intrinsic(_prefetch)
"""prefetch(array, row, column) in compiled code, which numba calls without the context."""
