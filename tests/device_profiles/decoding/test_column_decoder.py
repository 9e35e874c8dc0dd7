"""The short way of plain numbers tells what the general way tells, bit for bit.

The oracle is `Decoder` over the same readings, one object each. Hand-overs are drawn with values of
all kinds, times in disorder, clocks that are wrong, other qualities, and addresses that come twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from decoder_tells import state_of, told
from hypothesis import given, settings
from hypothesis import strategies as st

from device_profiles.decoding.column_decoder import ColumnDecoder
from device_profiles.decoding.decoder import Decoder
from device_profiles.decoding.plain_numbers import plain_rules
from device_profiles.files.catalogue import parse
from device_profiles.files.resolve import resolve
from domain.columns import ReadingColumns, SampleColumns
from domain.samples import Quality, Reading, Sample
from domain.time import micros

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
TEXT = """
name: test/columns
vendor: test
model: test
protocol: sparkplug-b
title: {en: Test, zh-Hant: 試, zh-Hans: 试}
documentation: ["https://example.org/"]
inputs:
  good: {sources: [{metric: Good}]}
  total: {sources: [{metric: Total}]}
  speed: {sources: [{metric: Speed}]}
  energy: {sources: [{metric: Energy}]}
  twice: {sources: [{metric: Twice}]}
  state: {sources: [{metric: State}]}
  door: {sources: [{metric: Door}]}
  power: {sources: [{metric: Power}, {metric: Power2}]}
  bit: {sources: [{metric: Bit, bit: 1}]}
signals:
  good_count: {input: good}
  total_count: {input: total}
  speed: {input: speed, unit: items/min, factor: 0.1, offset: 3}
  energy: {input: energy, unit: Wh}
  measurement.one: {input: twice}
  measurement.two: {input: twice}
  measurement.bit: {input: bit}
  power: {input: power, unit: kW}
  state:
    when:
      - {if: {door: open}, then: stopped}
      - {if: {state: [1]}, then: producing}
    otherwise: idle
"""
ADDRESSES = ("Good", "Total", "Speed", "Energy", "Twice", "State", "Door", "Power", "Power2", "Bit")
PLAIN = ADDRESSES[:4]


PROFILE = resolve(parse(TEXT, "test"), {})
NUMBERS = st.sampled_from([0, 1, 2, 0.0, -0.0, 1.0, 2.5, 1e300, 3])
VALUES = NUMBERS | st.sampled_from(
    [True, None, "open", "7", float("nan"), float("inf"), 2**53 + 1, 10**400, 1.7e308, [1]]
)
TIMES = st.integers(-3, 6) | st.sampled_from([-10_000, -130, 20, 8_000, -(2**29)])
ROW = st.tuples(
    st.sampled_from(ADDRESSES) | st.sampled_from([*PLAIN, "Nowhere"]),
    VALUES | NUMBERS,
    TIMES | st.integers(0, 3),  # source time, seconds from the receipt
    st.sampled_from(["plain"] * 12 + ["bad", "uncertain", "no time", "unchanged"]),
)
HAND_OVERS = st.lists(
    st.tuples(
        st.integers(1, 9) | st.sampled_from([0, 90, -30]),  # seconds since the one before
        st.lists(ROW, max_size=9),
        st.sampled_from(["plain", "as objects", "ordered", "steady", "steady", "steady"]),
    ),
    max_size=12,
)


def other(reading: Reading, how: str) -> Reading:
    bad = how == "bad"
    return Reading(
        reading.machine,
        reading.address,
        reading.value,
        None if how == "no time" else reading.source_time,
        reading.received,
        {"bad": Quality.BAD, "uncertain": Quality.UNCERTAIN}.get(how, Quality.GOOD),
        unchanged=how == "unchanged",
        not_before=reading.not_before,
        status="BadSensor" if bad else "",
    )


def columns_of(received: datetime, rows: Sequence[Any], how: str) -> ReadingColumns:
    if how == "steady":  # as a machine in good order tells them
        rows = [(it, number, 0, "plain") for number, it in enumerate(PLAIN, received.second)]
    times = [micros(received + timedelta(seconds=it[2])) for it in rows]
    not_before = received - timedelta(seconds=2) if how == "ordered" else None
    plain = ReadingColumns(
        "m", [it[0] for it in rows], [it[1] for it in rows], times, received, not_before
    )
    others = {
        row: other(plain.reading(row), it[3]) for row, it in enumerate(rows) if it[3] != "plain"
    }
    times = [
        micros(received) if rows[row][3] == "no time" else time for row, time in enumerate(times)
    ]
    return ReadingColumns("m", plain.addresses, plain.values, times, received, not_before, others)


@settings(deadline=None, max_examples=120)  # a loaded machine is slow, not wrong
@given(HAND_OVERS, st.sampled_from([True, None, False]))
def test_both_ways_tell_the_same(hand_overs: list[Any], is_right: bool | None) -> None:
    ours = ColumnDecoder(PROFILE, "l", "m", is_clock_right=is_right)
    oracle = Decoder(PROFILE, "l", "m", is_clock_right=is_right)
    received = START
    for number, (passed_s, rows, how) in enumerate(hand_overs):
        received += timedelta(seconds=passed_s)
        columns = columns_of(received, rows, how)
        expected = told(oracle.decode_all(columns.readings()))
        if how == "as objects":
            assert told(ours.decode_all(columns.readings())) == expected
        else:
            assert told(ours.decode_columns(columns)) == expected
        if number % 4 == 3:
            assert state_of(ours) == state_of(oracle)
    assert state_of(ours) == state_of(oracle)


def steady(decoder: ColumnDecoder, seconds: int) -> list[Any]:
    """What is made of a hand-over in which all is in order."""
    return list(
        decoder.decode_columns(columns_of(START + timedelta(seconds=seconds), [], "steady"))
    )


def test_what_is_in_order_goes_the_short_way() -> None:
    """From the second value on; one that is not goes the general way, and back."""
    decoder = ColumnDecoder(PROFILE, "l", "m")
    assert all(isinstance(it, Sample) for it in steady(decoder, 0))
    (first,) = steady(decoder, 1)
    assert isinstance(first, SampleColumns)
    assert (len(first), first.raws) == (4, {2: "3", 3: "4"})
    late = columns_of(START + timedelta(seconds=2), [("Good", 5, -1, "plain")], "plain")
    assert [type(it) for it in decoder.decode_columns(late)] == [Sample]
    assert [type(it) for it in steady(decoder, 3)] == [SampleColumns]


def test_which_addresses_are_plain() -> None:
    assert set(plain_rules(PROFILE)) == set(PLAIN)


def test_a_state_among_numbers_of_one_instant_is_one_change() -> None:
    """Door and state change at once, with a number between them."""
    decoder = ColumnDecoder(PROFILE, "l", "m")
    for second, door in ((0, "open"), (1, "open"), (2, "closed")):
        rows = [("State", second, 0), ("Good", second, 0), ("Door", door, 0), ("Total", second, 0)]
        columns = columns_of(
            START + timedelta(seconds=second), [(*it, "plain") for it in rows], "plain"
        )
        last = told(decoder.decode_columns(columns))[0]
    assert [it[0].text for it in last["state"]] == ["idle"]
