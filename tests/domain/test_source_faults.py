"""Faults go through their text unharmed; what is no fault, or too much, does not come back."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.source_faults import (
    FAULTS_MAX,
    TEXT_MAX,
    THERE_MAX,
    FaultCode,
    SourceFault,
    from_text,
    to_text,
)

AT = datetime(2026, 3, 2, 7, tzinfo=UTC)
FULL = SourceFault(
    FaultCode.ADDRESS_NOT_SERVED,
    AT,
    "urn:v:Counters/Totl",
    "no such node",
    "BadNoMatch",
    ("Total",),
    3,
    -1.5,
)


def test_every_code_and_every_detail_comes_back() -> None:
    for code in FaultCode:
        faults = (FULL, SourceFault(code))
        assert from_text(to_text(faults)) == faults
    assert from_text(to_text([])) == ()


FOREIGN = [
    None,
    "",
    "no JSON",
    "{}",
    "[1, null, []]",
    '[{"code": "unheard_of"}]',
    '[{"code": ["silent"]}]',
    '[{"code": null}]',
    "[" * 100_000,
    json.dumps([{"code": "silent", "detail": "x" * 50_000}]),
]


@pytest.mark.parametrize("text", FOREIGN)
def test_what_is_no_fault_is_none(text: str | None) -> None:
    assert from_text(text) == ()


WRONG_DETAILS = [
    {"since": -1},
    {"since": 10**20},
    {"since": True},
    {"since": "yesterday"},
    {"count": -3},
    {"count": 1e300},
    {"amount_s": "x"},
    {"amount_s": [1]},
    {"detail": {"a": 1}},
    {"there": "abc"},
    {"there": [1, None, ""]},
    {"colour": "red"},
]


@pytest.mark.parametrize("details", WRONG_DETAILS, ids=str)
def test_a_detail_that_is_none_is_left_out(details: dict[str, object]) -> None:
    told = json.dumps([{"code": "silent", **details}])
    assert from_text(told) == (SourceFault(FaultCode.SILENT),)


def test_numbers_without_end_are_none() -> None:
    for number in ("Infinity", "-Infinity", "NaN", "1e999"):
        text = f'[{{"code": "clock_ahead", "amount_s": {number}}}]'
        assert from_text(text) == (SourceFault(FaultCode.CLOCK_AHEAD),)


def test_texts_are_short_and_in_one_line() -> None:
    told = json.dumps(
        [{"code": "silent", "detail": "a\n\x00\u202eb" + "c" * 1000, "there": ["n\t"] * 50}] * 100
    )
    found = from_text(told[:-1] + "]" if len(told) < 40_000 else "[]")
    assert found == ()  # more than a report ever is
    one = from_text(json.dumps([{"code": "silent", "detail": "a\n\x00\u202eb" + "c" * 1000}]))[0]
    assert one.detail.startswith("a   bc")
    assert len(one.detail) == TEXT_MAX
    many = from_text(to_text([SourceFault(FaultCode.SILENT, there=("n\t",) * 50)] * 100))
    assert len(many) == FAULTS_MAX
    assert many[0].there == ("n",) * THERE_MAX


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    from_text(text)
    from_text(json.dumps([{"code": "silent", "detail": text, "there": [text]}]))
    to_text([SourceFault(FaultCode.SILENT, detail=text)])
