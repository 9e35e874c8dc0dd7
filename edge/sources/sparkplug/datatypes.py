"""The datatypes of Sparkplug B and what a metric's value is by its datatype. Pure.

A datatype is told in the birth certificate; a value comes without it. Whole numbers travel in
unsigned fields, negative ones as two's complement of the field or of their own width
(Sparkplug 3.0, chapter 6, "Data Types"). A value that its datatype cannot have is refused: nothing
is guessed.
"""

from __future__ import annotations

from typing import Any

from device_profiles.model.values import Unusable

_NAMES = (
    *("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64"),
    *("Float", "Double", "Boolean", "String", "DateTime", "Text", "UUID"),
    *("DataSet", "Bytes", "File", "Template", "PropertySet", "PropertySetList"),
    *("Int8Array", "Int16Array", "Int32Array", "Int64Array"),
    *("UInt8Array", "UInt16Array", "UInt32Array", "UInt64Array"),
    *("FloatArray", "DoubleArray", "BooleanArray", "StringArray", "DateTimeArray"),
)
NUMBERS = {name: number for number, name in enumerate(_NAMES, 1)}
_SIGNED_BITS = {1: 8, 2: 16, 3: 32, 4: 64}
_UNSIGNED_BITS = {5: 8, 6: 16, 7: 32, 8: 64, 13: 64}  # a DateTime counts milliseconds
_WHOLE_FIELDS = {"int_value": 32, "long_value": 64}
_FRACTIONS = (9, 10)
_FRACTION_FIELDS = ("float_value", "double_value")
_BOOLEAN = 11
_TEXTS = (12, 14, 15)
# By datatype, the fields that can hold its value: with their bits where that is a whole number.
VALUE_FIELDS: dict[int, dict[str, int]] = {
    **dict.fromkeys((*_SIGNED_BITS, *_UNSIGNED_BITS), _WHOLE_FIELDS),
    **{it: dict.fromkeys(_FRACTION_FIELDS, 0) for it in _FRACTIONS},
    **{it: {"string_value": 0} for it in _TEXTS},
    _BOOLEAN: {"boolean_value": 0},
}


def name_of(datatype: int) -> str:
    """As the specification calls it."""
    return _NAMES[datatype - 1] if 1 <= datatype <= len(_NAMES) else f"datatype {datatype}"


def refusal(datatype: int) -> str | None:
    """Why metrics of this datatype are not read; None: they are."""
    is_read = (
        datatype in _SIGNED_BITS
        or datatype in _UNSIGNED_BITS
        or datatype in _FRACTIONS
        or datatype in _TEXTS
        or datatype == _BOOLEAN
    )
    return None if is_read else f"metrics of {name_of(datatype)} are not read: only single values"


def as_it_is(datatype: int) -> int:
    """Below this a whole number is as its field says it; 0: `whole` must look at it."""
    if datatype in _SIGNED_BITS:
        return 1 << (_SIGNED_BITS[datatype] - 1)
    return 1 << _UNSIGNED_BITS[datatype] if datatype in _UNSIGNED_BITS else 0


def value_of(metric: Any, datatype: int) -> int | float | bool | str | Unusable | None:
    """The value of a `definition` Metric; None: it is null."""
    if metric.is_null:
        return None
    field = metric.WhichOneof("value")
    if field is None:
        return Unusable("the metric has no value and is not null")
    raw = getattr(metric, field)
    if datatype in _FRACTIONS:
        fits = field in _FRACTION_FIELDS
    elif datatype == _BOOLEAN:
        fits = field == "boolean_value"
    elif datatype in _TEXTS:
        fits = field == "string_value"
        if fits and isinstance(raw, bytes):
            return Unusable("the text is no UTF-8")
    elif field in _WHOLE_FIELDS:
        return whole(raw, datatype, _WHOLE_FIELDS[field])
    else:
        fits = False
    if not fits:
        return Unusable(f"{field} cannot hold a value of {name_of(datatype)}")
    value: int | float | bool | str = raw
    return value


def whole(raw: int, datatype: int, width: int) -> int | Unusable:
    """The number that a field of so many bits holds."""
    bits = _UNSIGNED_BITS.get(datatype)
    if bits is not None:
        if raw < 1 << bits:
            return raw
        return Unusable(f"the number is no {name_of(datatype)}")
    bits = _SIGNED_BITS.get(datatype)
    if bits is None:
        return Unusable(f"a whole number cannot be a value of {name_of(datatype)}")
    half = 1 << (bits - 1)
    if raw < half:
        return raw
    if raw < half << 1:  # two's complement of its own width
        return raw - (half << 1)
    if raw >= (1 << width) - half:  # of the field's
        return raw - (1 << width)
    return Unusable(f"the number is no {name_of(datatype)}")
