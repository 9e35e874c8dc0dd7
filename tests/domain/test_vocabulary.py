"""The closed lists, time and the sentences of errors."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InputError
from domain.signals import SIGNALS, SignalKind, signal_named
from domain.states import MachineMode, MachineState, Plan, TimeClass
from domain.time import Window, instant, micros, parse_instant

HONG_KONG = ZoneInfo("Asia/Hong_Kong")


def test_codes_are_permanent() -> None:
    """They are stored and sealed: a new member goes to the end, an old one never moves."""
    assert MachineState.names() == (
        "unknown",
        "producing",
        "idle",
        "starved",
        "blocked",
        "setup",
        "stopped",
        "fault",
        "maintenance",
        "off",
    )
    assert MachineMode.names() == ("unknown", "produce", "maintenance", "manual")
    assert Plan.names() == ("not_planned", "busy", "planned_down")
    assert TimeClass.UNKNOWN.code == 7


def test_an_unknown_signal_is_told_with_the_closed_list() -> None:
    with pytest.raises(InputError, match="unknown signal 'god_count'") as error:
        signal_named("god_count")
    assert all(name in str(error.value) for name in SIGNALS)


def test_process_values_are_an_open_family() -> None:
    assert signal_named("measurement.fill_weight_g").kind is SignalKind.GAUGE
    assert signal_named("measurement.fill-weight").kind is SignalKind.GAUGE
    with pytest.raises(InputError):
        signal_named("measurement.")


@given(st.integers(-6 * 10**16, 2 * 10**17))
def test_microseconds_are_exact_both_ways(us: int) -> None:
    assert micros(instant(us)) == us


def test_a_time_without_offset_is_in_the_plants_zone() -> None:
    expected = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    assert parse_instant("2026-03-02T07:00", HONG_KONG) == expected
    assert parse_instant("2026-03-01T23:00:00Z", HONG_KONG) == expected
    assert parse_instant("2026-03-02", HONG_KONG) == datetime(2026, 3, 1, 16, tzinfo=UTC)


def test_what_is_no_time_is_told() -> None:
    with pytest.raises(InputError, match="'soon' is not a time"):
        parse_instant("soon", HONG_KONG)


@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-31T23:59", "9999-12-31T23:59:59-14:00"])
def test_a_time_from_which_no_day_can_be_counted_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"not a time of any plant\. Give a year from 1900"):
        parse_instant(text, HONG_KONG)


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    """emanuelsc3s/SysOEE#38: swapped times were read as a stop of 22.5 hours."""
    now = datetime(2026, 3, 2, tzinfo=UTC)
    with pytest.raises(InputError, match="not after its start"):
        Window(now, now)


def test_an_error_is_a_sentence_with_what_where_and_what_to_do() -> None:
    error = InputError(
        "unknown key 'calender'", where="plant.yaml, line 3", todo="Did you mean calendar?"
    )
    assert str(error) == "plant.yaml, line 3: unknown key 'calender'. Did you mean calendar?"
