"""How much of a server's bytes become in memory: never many times what came.

Six bytes can say that they are an array of two billion values of the type Null, which take no
bytes, and asyncua would make them all. No element of a legal array takes less than a byte
(OPC 10000-6, 5.2.5), so one of more elements than bytes are left is refused; so is an array whose
dimensions do not give its length (5.2.2.16). What is refused is an error of decoding, for whoever
asked, as any other bytes that cannot be read.
"""

from __future__ import annotations

import math
from typing import Any

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua import ua_binary
from asyncua.ua.uaerrors import UaError

_unpack_array = ua_binary.unpack_uatype_array
_reshape = ua_binary._reshape


def array_length(data: Buffer) -> int:
    """What the array says that comes next in the buffer, unread; of a null array 0. Raises UaError
    where that is more than can be."""
    length = max(0, int(ua_binary.Primitives.Int32.unpack(data.copy(4))))
    if length > len(data):
        raise UaError(f"an array of {length} elements in {len(data)} bytes")
    return length


def limit_decoding() -> None:
    """Makes asyncua keep to it, in this process; once is enough."""
    setattr(ua_binary, "unpack_uatype_array", _array_that_fits)  # noqa: B010  # a function, for mypy
    setattr(ua_binary, "_reshape", _reshape_that_fits)  # noqa: B010


def _array_that_fits(vtype: ua.VariantType, data: Buffer) -> list[Any] | None:
    array_length(data)
    return _unpack_array(vtype, data)


def _reshape_that_fits(flat: list[Any], dimensions: list[int]) -> list[Any]:
    if math.prod(dimensions) != len(flat):
        raise UaError(f"an array of {len(flat)} elements with the dimensions {dimensions[:10]}")
    return _reshape(flat, dimensions)
