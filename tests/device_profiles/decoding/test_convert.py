"""One reading, one rule: a sample's content, or why there is none, or both."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from device_profiles.decoding.convert import (
    BAD_QUALITY,
    Content,
    Observed,
    Outcome,
    code_outcome,
    nothing,
    number_outcome,
    observe,
)
from device_profiles.decoding.source_time import SourceTimes
from device_profiles.model.addresses import MqttAddress
from device_profiles.model.profile import CodeRule, NumberRule, Source
from domain.samples import TEXT_LENGTH_MAX, Quality, Reading
from domain.states import MachineMode, MachineState

AT = datetime(2026, 3, 2, tzinfo=UTC)
LATER = AT + timedelta(seconds=1)
SOURCE = Source(MqttAddress("a", "/b"))
STATE = CodeRule("state", "s", {"1": "producing", "2": "fault"})
UNKNOWN = Content(float(MachineState.UNKNOWN.code), "unknown", Quality.GOOD)


def reading(value: Any, quality: Quality = Quality.GOOD, at: datetime | None = AT) -> Reading:
    return Reading("m", "a", value, at, LATER, quality)


def seen(given: Reading, source: Source) -> Observed:
    return observe(given, source, SourceTimes().judge(given))


def observed(value: Any, quality: Quality = Quality.GOOD) -> Observed:
    return seen(reading(value, quality), SOURCE)


@pytest.mark.parametrize(
    ("value", "mark", "number"),
    [
        ("317.3988", ".", 317.3988),
        (" 00317,5 ", ",", 317.5),
        ("-1.5e3", ".", -1500.0),
        (7, ".", 7.0),
        ("317,4", ".", None),
        ("1.234,5", ",", None),
        ("3N7.3988", ".", None),
        ("317.4 kWh", ".", None),
        ("", ".", None),
        ("٣", ".", None),
        ("nan", ".", None),
        ("9" * 400, ".", None),
        (True, ".", None),
    ],
)
def test_a_number_may_come_as_a_text_where_the_profile_says_so(
    value: Any, mark: str, number: float | None
) -> None:
    rule = NumberRule("energy", "e", 1.0, 0.0, (1, 1))
    outcome = number_outcome(rule, seen(reading(value), replace(SOURCE, decimal_mark=mark)))
    assert (outcome.content and outcome.content.value) == number
    assert (outcome.reason is None) == (number is not None)
    if isinstance(value, str):
        assert number_outcome(rule, observed(value)).reason == "not a number"


def test_a_reading_without_a_time_of_its_own_is_uncertain_at_best() -> None:
    timed, untimed = observed(1), seen(reading(1, at=None), SOURCE)
    assert (timed.time, timed.timed, timed.quality) == (AT, True, Quality.GOOD)
    assert (untimed.time, untimed.timed, untimed.quality) == (LATER, False, Quality.UNCERTAIN)
    assert seen(reading(1, Quality.BAD, None), SOURCE).quality == Quality.BAD


def test_a_table_turns_codes_into_symbols() -> None:
    source = replace(SOURCE, table={"17": "jam"})
    assert seen(reading(17.0), source).value == "jam"
    assert seen(reading(18), source).value.reason == "unknown code '18'"
    assert seen(reading(18), source).raw == "18"
    assert seen(reading(17, Quality.BAD), source).value == BAD_QUALITY


def test_a_code_that_the_profile_lacks_makes_the_state_unknown_and_is_told() -> None:
    assert code_outcome(STATE, observed(2)).content == Content(
        float(MachineState.FAULT.code), "fault", Quality.GOOD
    )
    assert code_outcome(STATE, observed(3)) == Outcome(UNKNOWN, "unknown code '3'")
    names = replace(STATE, codes=None)
    assert code_outcome(names, observed("Fault")).reason is None
    assert code_outcome(names, observed("melting")) == Outcome(UNKNOWN, "unknown state 'melting'")


def test_a_code_that_the_profile_lacks_makes_the_mode_unknown_and_is_told() -> None:
    mode = CodeRule("mode", "m", {"1": "production"})
    unknown = Content(float(MachineMode.UNKNOWN.code), "unknown", Quality.GOOD)
    assert code_outcome(mode, observed(3)) == Outcome(unknown, "unknown code '3'")


def test_bad_quality_ends_what_held_and_needs_no_rejection() -> None:
    found = code_outcome(STATE, observed(2, Quality.BAD))
    assert found == Outcome(replace(UNKNOWN, quality=Quality.BAD), None)


def test_a_text_that_is_too_long_is_none_and_ends_what_held() -> None:
    order = CodeRule("order", "o", None)
    longest = "x" * TEXT_LENGTH_MAX
    assert code_outcome(order, observed(longest)) == Outcome(Content(None, longest, Quality.GOOD))
    found = code_outcome(order, observed(longest + "x"))
    assert found == Outcome(Content(None, None, Quality.BAD), "a text that is too long")


def test_a_code_of_any_length_is_told_in_short() -> None:
    reason = code_outcome(STATE, observed("y" * 100_000)).reason
    assert reason is not None
    assert len(reason) < 100


def test_a_text_ends_with_an_empty_one() -> None:
    rule = CodeRule("order", "o", None)
    assert code_outcome(rule, observed("4711")).content == Content(None, "4711", Quality.GOOD)
    assert code_outcome(rule, observed(None)) == Outcome(Content(None, None, Quality.BAD), None)
    assert code_outcome(rule, observed([1])).reason == "neither a code nor a text"


NOTHING = Content(None, None, Quality.BAD)


@pytest.mark.parametrize(
    ("signal", "value", "outcome"),
    [
        ("energy", 3000, Outcome(Content(3.5, None, Quality.GOOD))),
        ("energy", "x", Outcome(NOTHING, "not a number")),
        ("energy", True, Outcome(NOTHING, "a truth value, not a number")),
        ("power", True, Outcome(Content(0.501, None, Quality.GOOD))),
        ("power", 1e308 * 10, Outcome(NOTHING, "not a finite number")),
    ],
)
def test_a_number_comes_in_the_signals_unit(signal: str, value: Any, outcome: Outcome) -> None:
    rule = NumberRule(signal, "n", 1.0, 0.5, (1, 1000))
    assert number_outcome(rule, observed(value)) == outcome


def test_what_cannot_be_used_says_so() -> None:
    assert nothing("total_count", Quality.GOOD) == nothing("speed", Quality.GOOD) == NOTHING


def test_a_bit_of_a_status_word_is_a_value_and_the_word_is_kept() -> None:
    source = Source(MqttAddress("a", "/b"), (), {"true": "producing", "false": "idle"}, bit=2)
    found = seen(reading(0b0110), source)
    assert (found.value, found.raw) == ("producing", "6")
    assert seen(reading(0b0010), source).value == "idle"
    assert seen(reading(6, Quality.BAD), source).value is BAD_QUALITY


def test_a_source_that_says_the_opposite_is_inverted() -> None:
    stopped = Source(MqttAddress("a", "/b"), invert=True)
    assert seen(reading(True), stopped).value is False
    assert seen(reading(0), replace(stopped, bit=0)).value is True
