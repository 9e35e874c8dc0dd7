"""Messages read into columns say what is read metric by metric, or are left to that."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sparkplug_messages import START_MS, metric, payload

from domain.samples import Quality
from edge.sources.sparkplug.births import Birth, UnknownAliasError
from edge.sources.sparkplug.datatypes import NUMBERS

KINDS = ("Int8", "Int32", "UInt16", "UInt64", "Double", "Float", "Boolean", "String", "DataSet")
BORN = [
    {"name": kind, "alias": place, "datatype": NUMBERS[kind]} for place, kind in enumerate(KINDS)
]
BIRTH = Birth(payload(*BORN, metric("Unwanted", 1, "Int32", alias=99)), KINDS)

SAYS: dict[str, st.SearchStrategy[Any]] = {
    "int_value": st.sampled_from([0, 1, 127, 200, 70_000, (1 << 32) - 1]),
    "long_value": st.sampled_from([0, 5, 1 << 31, (1 << 64) - 2]),
    "float_value": st.sampled_from([0.5, float("inf")]),
    "double_value": st.sampled_from([-0.0, 2.5, float("nan")]),
    "boolean_value": st.booleans(),
    "string_value": st.sampled_from(["", "état"]),
    "is_null": st.booleans(),
}
OFTEN = st.sampled_from([{"alias": 1, "int_value": 7}, {"alias": 4, "double_value": 1.5}])
ABOUT: dict[str, st.SearchStrategy[Any]] = {
    "alias": st.sampled_from([*range(len(KINDS)), 98, 99]),
    "name": st.sampled_from([*KINDS, "Unwanted", "Nowhere", ""]),
    "timestamp": st.sampled_from([START_MS, START_MS + 5, 0, 1 << 60]),
    "datatype": st.sampled_from([NUMBERS["Int32"], NUMBERS["Double"], 0]),
    "is_historical": st.booleans(),
    "is_transient": st.booleans(),
}


@st.composite
def metrics(draw: st.DrawFn) -> dict[str, Any]:
    """One with an alias and a value, and now and then with more or less."""
    value = draw(st.sampled_from([*SAYS]))
    fields = {"alias": draw(ABOUT["alias"]), value: draw(SAYS[value])}
    for name in draw(st.sets(st.sampled_from([*ABOUT]), max_size=2)):
        fields[name] = draw(ABOUT[name])
    if draw(st.integers(0, 9)) == 0:
        del fields[draw(st.sampled_from(sorted(fields)))]
    return fields


@settings(deadline=None, max_examples=300)  # a loaded machine is slow, not wrong
@given(st.lists(metrics() | OFTEN, max_size=4), st.sampled_from([START_MS, 0, 1 << 50]))
@example([{"alias": 0, "name": "DataSet"}], START_MS)
@example([{"alias": 8, "datatype": 0}], START_MS)
def test_it_is_what_is_read_metric_by_metric(some: list[dict[str, Any]], sent_ms: int) -> None:
    message = payload(*some, timestamp=sent_ms)
    plain = BIRTH.read_plain(message)
    if plain is None:
        return
    values, unknown = BIRTH.read(message)
    assert repr(plain.one_by_one()) == repr(values)  # also a NaN and a negative zero
    assert unknown == []
    assert all(it.quality is Quality.GOOD and not it.refusal for it in values)


@pytest.mark.parametrize(
    "says",
    [
        {"alias": 1, "int_value": 7},
        {"alias": 1, "int_value": 7, "timestamp": START_MS + 9},
        {"name": "Int32", "int_value": (1 << 32) - 1, "datatype": NUMBERS["Int32"]},
        {"name": "Int32", "alias": 1, "int_value": 7},
        {"alias": 4, "double_value": 1.5},
        {"alias": 6, "boolean_value": True},
        {"alias": 7, "string_value": "x"},
    ],
)
def test_what_is_common_is_plain(says: dict[str, Any]) -> None:
    told = payload(says, {"alias": 99, "int_value": 1}, timestamp=START_MS)
    plain = BIRTH.read_plain(told)
    assert plain is not None
    assert plain.one_by_one() == BIRTH.read(told)[0]
    assert len(plain.names) == 1


@pytest.mark.parametrize("says", [{"alias": 98, "int_value": 1}, {"int_value": 1}, {"alias": 1}])
def test_what_is_not_is_left_to_the_other_reading(says: dict[str, Any]) -> None:
    assert BIRTH.read_plain(payload(says)) is None
    if "int_value" in says:
        with pytest.raises(UnknownAliasError):
            BIRTH.read(payload(says))
