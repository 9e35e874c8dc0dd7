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
_unpack_variant = ua_binary.variant_from_binary
_TYPE, _HAS_DIMENSIONS = 0b00111111, 0b01000000  # of a Variant's first byte


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
    setattr(ua_binary, "variant_from_binary", _variant_that_fits)  # noqa: B010  # as above


def _array_that_fits(vtype: ua.VariantType, data: Buffer) -> list[Any] | None:
    array_length(data)
    return _unpack_array(vtype, data)


def _variant_that_fits(data: Buffer) -> ua.Variant:
    (encoding,) = data.copy(1).read(1)
    if not encoding & _HAS_DIMENSIONS:
        return _unpack_variant(data)
    data.read(1)
    kind: Any = ua.datatype_to_varianttype(encoding & _TYPE)
    values = _array_that_fits(kind, data) or []
    dimensions = _array_that_fits(ua.VariantType.Int32, data) or []
    if min(dimensions, default=0) < 0 or math.prod(dimensions) != len(values):
        raise UaError(f"an array of {len(values)} elements with the dimensions {dimensions[:10]}")
    for length in reversed(dimensions[1:] if values else []):  # the last one changes first
        values = [values[at : at + length] for at in range(0, len(values), length)]
    return ua.Variant(values, kind, dimensions, is_array=True)
