"""Sums of counters and gauges, and increments added up, also over restarts."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_profiles.decoding.decoder import Decoder
from device_profiles.decoding.totals import INCREMENT_MAX, LATE, KeptTotals
from device_profiles.model.addresses import MqttAddress
from device_profiles.model.profile import IncrementsRule, Input, Profile, Source, SumRule
from domain.samples import Quality, Reading, Rejection, Sample

BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)
NAMES = ("a", "b", "made", "fine")
TEXT = {"en": "t"}


def profile_of(*rules: SumRule | IncrementsRule) -> Profile:
    inputs = tuple(Input(it, (Source(MqttAddress(it, "", time_field="/t")),)) for it in NAMES)
    return Profile("t/t", "t", "t", TEXT, "mqtt-json", (), (), "", {}, inputs, (), rules)


SUM = SumRule("total_count", ("a", "b"), 1.0, (1, 1))
POWER = SumRule("measurement.power", ("a", "b"), 1.0, (1, 1))
MADE = IncrementsRule("total_count", "made", 1.0, (1, 1))
FINE = IncrementsRule("good_count", "fine", 2.0, (1, 1))


def reading(name: str, value: Any, second: float, **changes: Any) -> Reading:
    at = BEGIN + timedelta(seconds=second)
    fields = {"source_time": at, "received": at, "quality": Quality.GOOD, **changes}
    return Reading("m", f"{name}#", value, **fields)


def decoded(decoder: Decoder, *readings: Reading) -> tuple[list[float | None], list[str]]:
    """Values of all samples, and the reasons of all rejections."""
    rows = [row for it in readings for row in decoder.decode(it)]
    values = [row.value for row in rows if isinstance(row, Sample)]
    return values, [row.reason for row in rows if isinstance(row, Rejection)]


def decoder_of(*rules: SumRule | IncrementsRule, kept: str = "{}") -> Decoder:
    decoder = Decoder(profile_of(*rules), "l", "m")
    decoder.totals.go_on_from(KeptTotals.of_text(kept))
    return decoder


def restarted(decoder: Decoder, *rules: SumRule | IncrementsRule) -> Decoder:
    return decoder_of(*rules, kept=decoder.totals.kept.model_dump_json())


def test_a_sum_is_unknown_as_long_as_one_of_its_inputs_is() -> None:
    decoder = decoder_of(SUM)
    assert decoded(decoder, reading("a", 5, 0)) == ([], [])
    assert decoded(decoder, reading("b", 7, 1), reading("a", 6, 2)) == ([12, 13], [])
    assert decoded(decoder, reading("b", None, 3, quality=Quality.BAD)) == ([None], [])
    assert decoded(decoder, reading("b", "x", 4)) == ([None], ["not a number"])
    assert decoded(decoder, reading("b", 9, 5)) == ([15], [])


def test_inputs_that_change_together_give_one_sum() -> None:
    decoder = decoder_of(SUM)
    rows = decoder.decode_all([reading("a", 5, 0), reading("b", 7, 0)])
    assert [row.value for row in rows if isinstance(row, Sample)] == [12]
    assert [row.raw for row in rows if isinstance(row, Sample)] == ["5 + 7"]


@pytest.mark.parametrize(
    ("values", "sums", "falls"),
    [
        ((100, 4, 101), [100, None, 101], 1),  # a wrong reading
        ((100, 4, 6, 9), [100, None, 106, 109], 1),  # reset to zero
        ((100, 60, 61), [100, None, 100], 1),  # an older total: what was counted since is unknown
        ((100, 99, 100, 101), [100, None, 100, 101], 1),
        ((100, 0, 0, 2), [100, None, 100, 102], 1),
        ((65_535, 3, 4), [65_535, None, 65_539], 1),
        ((100, 4, 3, 2), [100, None, 103, None], 2),
    ],
)
def test_a_counter_of_a_sum_that_falls(
    values: tuple[float, ...], sums: list[float | None], falls: int
) -> None:
    decoder = decoder_of(SUM)
    decoder.decode(reading("b", 0, 0))
    told, reasons = decoded(decoder, *(reading("a", it, n) for n, it in enumerate(values, 1)))
    assert told == [it for it in sums if it is not None]
    assert len(reasons) == falls
    again = decoder_of(SUM)
    again.decode(reading("b", 0, 0))
    for n, it in enumerate(values, 1):  # the same with an agent that restarts each time
        told_again, _ = decoded(again, reading("a", it, n))
        assert told_again == [it for it in sums[n - 1 : n] if it is not None]
        again = restarted(again, SUM)
        again.decode(reading("b", 0, n))


def test_a_sum_of_gauges_may_fall_and_is_known_anew_after_a_restart() -> None:
    decoder = decoder_of(POWER)
    values, reasons = decoded(
        decoder, reading("a", 3.5, 0), reading("b", -1, 0), reading("a", 1, 1), reading("a", 2, 0.5)
    )
    late = ["older than the value before it: what holds now is not known", LATE]
    assert (values, reasons) == ([2.5, 0, None], late)
    assert decoded(restarted(decoder, POWER), reading("a", 1, 2)) == ([], [])


def test_increments_are_added_up_over_restarts() -> None:
    decoder = decoder_of(MADE, FINE)
    assert decoded(decoder, reading("made", 3, 0), reading("made", 2, 1)) == ([3, 5], [])
    assert decoded(decoder, reading("fine", 2, 1)) == ([4], [])
    decoder = restarted(decoder, MADE, FINE)
    assert decoded(decoder, reading("made", 1, 2), reading("fine", 0, 2)) == ([6, 4], [])


@pytest.mark.parametrize(
    ("value", "changes", "reason"),
    [
        (-1, {}, "an increment below zero"),
        (INCREMENT_MAX * 2, {}, "an increment that is too large"),
        (math.nan, {}, "not a finite number"),
        ("3", {}, "not a number"),
        (True, {}, "a truth value, not a number"),
        (None, {}, "no value"),
        (3, {"is_news": False}, "a retained message: its increment is no news and not counted"),
    ],
)
def test_what_is_no_increment_is_told_and_changes_no_total(
    value: Any, changes: dict[str, Any], reason: str
) -> None:
    decoder = decoder_of(MADE)
    decoder.decode(reading("made", 3, 0))
    values, reasons = decoded(decoder, reading("made", value, 1, **changes))
    assert reasons == [reason]
    assert values in ([], [None])  # unknown, or as before
    assert decoded(decoder, reading("made", 1, 2)) == ([4], [])


def test_an_increment_counts_once_whatever_its_time() -> None:
    decoder = decoder_of(MADE)
    for second in (0, 60, 120, 180):
        decoder.decode(reading("made", 1, second))
    late = reading("made", 7, 90, received=BEGIN + timedelta(seconds=200))
    ahead = reading("made", 1, 9_000, received=BEGIN + timedelta(seconds=201))
    rows = [row for it in (late, ahead) for row in decoder.decode(it)]
    samples = [row for row in rows if isinstance(row, Sample)]
    assert [row.value for row in samples] == [11, 12]
    assert BEGIN + timedelta(seconds=180) <= samples[0].time < samples[1].time
    (after,) = restarted(decoder, MADE).decode(reading("made", 1, 30))
    assert isinstance(after, Sample)
    assert (after.value, after.time >= samples[1].time) == (13, True)


@pytest.mark.parametrize(
    "text", ["", "x", "[]", '{"sums": 3}', '{"increments": {"s": {"total": "x"}}}']
)
def test_what_cannot_be_read_of_totals_begins_anew(text: str) -> None:
    assert KeptTotals.of_text(text) == KeptTotals()


def test_a_sum_of_other_inputs_than_before_begins_anew() -> None:
    decoder = decoder_of(SUM)
    decoder.decode_all([reading("a", 100, 0), reading("b", 100, 0)])
    other = SumRule("total_count", ("b", "made"), 1.0, (1, 1))
    changed = restarted(decoder, other)
    rows = changed.decode_all([reading("b", 1, 5), reading("made", 1, 5)])
    assert [row.value for row in rows if isinstance(row, Sample)] == [2]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-300, 300), st.booleans()), max_size=20))
def test_the_total_is_all_that_was_said_and_never_falls(
    said: list[tuple[int, int, bool]],
) -> None:
    """Whatever the times, and wherever the agent restarts."""
    decoder, told = decoder_of(MADE), []
    for n, (amount, shift_s, is_restart) in enumerate(said):
        at = BEGIN + timedelta(seconds=30 * n + shift_s)
        rows = decoder.decode(reading("made", amount, 30 * n, source_time=at))
        told += [(row.time, row.value) for row in rows if isinstance(row, Sample)]
        if is_restart:
            decoder = restarted(decoder, MADE)
    assert [value for _, value in told] == [
        sum(it[0] for it in said[: n + 1]) for n in range(len(said))
    ]
    assert sorted(told) == told
