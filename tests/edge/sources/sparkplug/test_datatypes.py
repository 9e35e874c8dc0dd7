"""What a metric's value is by its datatype, with the right sign."""

from __future__ import annotations

from typing import Any

import pytest
from sparkplug_messages import metric, payload

from device_profiles.model.values import Unusable
from edge.sources.sparkplug.datatypes import NUMBERS, name_of, refusal, value_of
from edge.sources.sparkplug.definition import payload_of


def read(datatype: str, **fields: Any) -> Any:
    return value_of(payload(fields).metrics[0], NUMBERS[datatype])


@pytest.mark.parametrize(
    ("datatype", "field", "raw", "value"),
    [
        ("Int8", "int_value", 0xFF, -1),  # in its own width
        ("Int8", "int_value", 0xFFFF_FFFF, -1),  # in that of the field
        ("Int8", "int_value", 0x80, -128),
        ("Int8", "int_value", 127, 127),
        ("Int16", "int_value", 0x8000, -(2**15)),
        ("Int16", "int_value", 0xFFFF_8000, -(2**15)),
        ("Int32", "int_value", 0x8000_0000, -(2**31)),
        ("Int32", "int_value", 2**31 - 1, 2**31 - 1),
        ("Int32", "long_value", 2**64 - 5, -5),
        ("Int32", "long_value", 2**32 - 5, -5),
        ("Int64", "long_value", 2**63, -(2**63)),
        ("Int64", "long_value", 2**63 - 1, 2**63 - 1),
        ("Int64", "int_value", 7, 7),
        ("UInt8", "int_value", 255, 255),
        ("UInt16", "int_value", 2**16 - 1, 2**16 - 1),
        ("UInt32", "int_value", 2**32 - 1, 2**32 - 1),
        ("UInt32", "long_value", 2**32 - 1, 2**32 - 1),
        ("UInt64", "long_value", 2**64 - 1, 2**64 - 1),
        ("DateTime", "long_value", 1_763_712_000_000, 1_763_712_000_000),
        ("Float", "float_value", 0.5, 0.5),
        ("Double", "double_value", 0.1, 0.1),
        ("Boolean", "boolean_value", True, True),
        ("String", "string_value", "灌裝", "灌裝"),
        ("Text", "string_value", "", ""),
        ("UUID", "string_value", "a-b", "a-b"),
    ],
)
def test_a_value_by_its_datatype(datatype: str, field: str, raw: Any, value: Any) -> None:
    found = read(datatype, **{field: raw})
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("datatype", "field", "raw", "why"),
    [
        ("Int8", "int_value", 0x100, "the number is no Int8"),
        ("Int8", "int_value", 0xFFFF_FF7F, "the number is no Int8"),
        ("Int16", "long_value", 2**32 - 1, "the number is no Int16"),
        ("UInt8", "int_value", 256, "the number is no UInt8"),
        ("UInt32", "long_value", 2**32, "the number is no UInt32"),
        ("Int32", "string_value", "7", "string_value cannot hold a value of Int32"),
        ("Double", "int_value", 7, "int_value cannot hold a value of Double"),
        ("Boolean", "int_value", 1, "int_value cannot hold a value of Boolean"),
        ("String", "bytes_value", b"x", "bytes_value cannot hold a value of String"),
    ],
)
def test_a_value_that_its_datatype_cannot_have(
    datatype: str, field: str, raw: Any, why: str
) -> None:
    assert read(datatype, **{field: raw}) == Unusable(why)


def test_null_and_nothing() -> None:
    assert read("Int32", is_null=True) is None
    assert read("Int32", is_null=True, int_value=5) is None
    assert read("Int32") == Unusable("the metric has no value and is not null")


def test_a_text_that_is_no_text() -> None:
    data = payload(metric("x", "ab", "String")).SerializeToString().replace(b"ab", b"\xff\xfe")
    read_again = payload_of(data).metrics[0]
    assert value_of(read_again, NUMBERS["String"]) == Unusable("the text is no UTF-8")


def test_only_single_values_are_read() -> None:
    refused = [it for it, number in NUMBERS.items() if refusal(number)]
    assert refused[:6] == ["DataSet", "Bytes", "File", "Template", "PropertySet", "PropertySetList"]
    assert len(refused) == 6 + 13
    assert refusal(NUMBERS["Template"]) == "metrics of Template are not read: only single values"
    assert refusal(0) == "metrics of datatype 0 are not read: only single values"
    assert (name_of(34), name_of(35)) == ("DateTimeArray", "datatype 35")
