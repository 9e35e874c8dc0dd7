"""The decoder: PackML's combination, counters, what is refused, and what never happens."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from packml_readings import (
    ADDRESS,
    STATE_ID,
    STATE_TEXT,
    at,
    decode_all,
    decoder,
    last_state,
    reading,
    reasons,
    running,
    samples,
)

from device_profiles.decoding.decoder import Decoder
from device_profiles.files.catalogue import load
from domain.frames import HISTORY
from domain.instants import settled
from domain.samples import Quality, Reading, Rejection, Sample
from store.telemetry.frames import distinct

NUMBERS = {
    "Undefined": 0, "Clearing": 1, "Stopped": 2, "Starting": 3, "Idle": 4, "Suspended": 5,
    "Execute": 6, "Stopping": 7, "Aborting": 8, "Aborted": 9, "Holding": 10, "Held": 11,
    "Unholding": 12, "Suspending": 13, "Unsuspending": 14, "Resetting": 15, "Completing": 16,
    "Complete": 17,
}  # fmt: skip
# ISA-TR88.00.02 states in mode Produce without Blocked or Starved, as the customer's table has it.
EXPECTED = {
    "unknown": ["Undefined"],
    "producing": ["Execute"],
    "stopped": ["Suspended", "Suspending", "Unsuspending", "Held", "Holding", "Unholding",
                "Stopped", "Stopping", "Clearing"],
    "fault": ["Aborted", "Aborting"],
    "idle": ["Idle", "Starting", "Resetting", "Completing", "Complete"],
}  # fmt: skip
BASE, MACHINE = ("Aborting", "Aborted"), ("Clearing", "Stopped", "Stopping")


def nested(state: str, seconds: float = 0) -> list[Reading]:
    """A state as the three nested state machines of OPC 30050 tell it."""
    number = NUMBERS[state]
    if state in BASE:
        levels = [(number, Quality.GOOD), (None, Quality.BAD), (None, Quality.BAD)]
    elif state in MACHINE:
        levels = [(19, Quality.GOOD), (number, Quality.GOOD), (None, Quality.BAD)]
    else:
        levels = [(19, Quality.GOOD), (18, Quality.GOOD), (number, Quality.GOOD)]
    names = ("base_state", "machine_state", "execute_state")
    return [
        reading(name, value, seconds, quality)
        for name, (value, quality) in zip(names, levels, strict=True)
    ]


def flat(state: str) -> list[Reading]:
    """The same as a server tells it that knows one flat state machine."""
    return [reading("base_state", NUMBERS[state])]


CASES = [(state, names) for state, group in EXPECTED.items() for names in group]


@pytest.mark.parametrize(("expected", "state"), CASES)
@pytest.mark.parametrize("levels", [nested, flat])
def test_every_packml_state_in_produce(expected: str, state: str, levels: Any) -> None:
    out = decode_all(decoder(), [reading("mode", 1), *levels(state)])
    assert last_state(out) == expected


def test_the_table_of_states_is_complete() -> None:
    assert sorted(NUMBERS[state] for _, state in CASES) == list(range(18))


@pytest.mark.parametrize("state", sorted(NUMBERS))
@pytest.mark.parametrize(
    ("mode", "expected"), [(0, "unknown"), (2, "maintenance"), (3, "setup"), (4, "unknown")]
)
def test_other_modes_decide_before_the_state(state: str, mode: int, expected: str) -> None:
    out = decode_all(decoder(), [reading("mode", mode), *nested(state)])
    assert last_state(out) == ("unknown" if state == "Undefined" else expected)


@pytest.mark.parametrize("state", ["Suspended", "Suspending", "Unsuspending"])
@pytest.mark.parametrize(
    ("starved", "blocked", "expected"),
    [(True, False, "starved"), (False, True, "blocked"), (False, False, "stopped")],
)
def test_the_interlock_flags_tell_why_it_is_suspended(
    state: str, starved: bool, blocked: bool, expected: str
) -> None:
    flags = [reading("starved", starved), reading("blocked", blocked)]
    out = decode_all(decoder(), [*flags, reading("mode", 1), *nested(state)])
    assert last_state(out) == expected
    out = decode_all(decoder(), [*flags, reading("mode", 1), *nested("Execute")])
    assert last_state(out) == "producing"  # a flag alone stops nothing


def test_a_machine_without_interlock_flags_is_understood() -> None:
    out = decode_all(decoder(), [reading("mode", 1), *nested("Suspended")])
    assert last_state(out) == "stopped"


def test_no_state_before_all_that_decides_is_known() -> None:
    dec = decoder()
    assert samples(decode_all(dec, nested("Execute")), "state") == []
    assert last_state(dec.decode(reading("mode", 1))) == "producing"


def test_a_state_stands_at_the_newest_time_of_its_inputs() -> None:
    out = decode_all(decoder(), [*running(), reading("execute_state", 6, 7.5)])
    (state,) = samples(out, "state")
    assert (state.time, state.received, state.value) == (at(7.5), at(7.7), 1.0)
    assert state.quality is Quality.GOOD
    assert state.raw is not None
    assert '"execute_state": "6"' in state.raw


def test_bad_quality_makes_the_state_unknown_at_once() -> None:
    dec = decoder()
    decode_all(dec, [*running(), reading("execute_state", 6)])
    out = dec.decode(reading("execute_state", 6, 3, Quality.BAD))
    (state,) = samples(out, "state")
    assert (state.text, state.quality, state.time) == ("unknown", Quality.BAD, at(3))
    assert reasons(out) == []  # the sample tells it
    assert last_state(dec.decode(reading("execute_state", 6, 4))) == "producing"


def test_a_bad_input_that_does_not_decide_changes_nothing() -> None:
    dec = decoder()
    decode_all(dec, [reading("mode", 1), *nested("Aborted")])
    out = dec.decode(reading("starved", None, 3, Quality.BAD))
    assert last_state(out) == "fault"


def test_an_unknown_code_is_rejected_and_unknown() -> None:
    dec = decoder()
    decode_all(dec, [*running(), reading("execute_state", 6)])
    out = dec.decode(reading("execute_state", 42, 3))
    assert last_state(out) == "unknown"
    (rejection,) = [item for item in out if isinstance(item, Rejection)]
    assert (rejection.reason, rejection.raw) == ("unknown code '42'", "42")
    assert (rejection.line, rejection.machine, rejection.time) == ("filler-1", "filler", at(3))


def test_a_number_is_preferred_to_the_states_text() -> None:
    dec = decoder()
    decode_all(dec, [*running(), reading("execute_state", 6)])
    text = reading("execute_state", "Ausführen", 1, address=STATE_TEXT["execute_state"])
    assert dec.decode(text) == []
    assert last_state(dec.decode(reading("execute_state", 11, 2))) == "stopped"


def test_the_states_id_counts_before_its_text_in_whatever_language() -> None:
    ids = {"base_state": 71, "machine_state": 75, "execute_state": 34}
    texts = {"base_state": "Gelöscht", "machine_state": "Läuft", "execute_state": "Gehalten"}
    dec = decoder()
    readings = [reading("mode", 1)]
    for name, number in ids.items():
        node = f"nsu=http://opcfoundation.org/UA/PackML/;i={number}"
        readings.append(reading(name, node, address=STATE_ID[name]))
        readings.append(reading(name, texts[name], address=STATE_TEXT[name]))
    out = dec.decode_all(readings)
    assert last_state(out) == "stopped"
    assert last_state(dec.decode(reading("execute_state", 6, 2))) == "producing"


def test_the_states_text_counts_where_the_number_is_missing() -> None:
    texts = {"base_state": "Cleared", "machine_state": "Running", "execute_state": "Held"}
    readings = [reading(name, text, address=STATE_TEXT[name]) for name, text in texts.items()]
    assert last_state(decode_all(decoder(), [reading("mode", 1), *readings])) == "stopped"


def test_a_late_value_never_becomes_the_latest() -> None:
    """thingsboard/thingsboard#1769, #3119: the latest is by source time, not by arrival."""
    dec = decoder()
    decode_all(dec, [*running(), reading("execute_state", 6, 1), reading("execute_state", 11, 9)])
    out = dec.decode(reading("execute_state", 6, 5, received_s=12))
    assert samples(out, "state") == []
    assert reasons(out) == ["older than a value that was already combined"]
    late_count = decode_all(dec, [reading("processed", 50, 9), reading("processed", 40, 5)])
    assert [(s.time, s.value) for s in samples(late_count, "total_count")] == [
        (at(9), 50.0),
        (at(5), 40.0),
    ]


def test_a_value_without_a_time_of_its_own_makes_no_later_one_late() -> None:
    """The agent's clock may be minutes ahead of the machine's."""
    dec = decoder()
    decode_all(dec, [*running(), reading("execute_state", 6, 1)])
    lost = dec.decode(reading("execute_state", None, None, Quality.BAD, received_s=300))
    back = dec.decode(reading("execute_state", 6, 4, received_s=301))
    assert (last_state(lost), samples(lost, "state")[0].time) == ("unknown", at(300))
    assert last_state(lost + back) == "producing"


def test_two_values_at_one_microsecond_keep_their_order() -> None:
    dec = decoder()
    out = decode_all(dec, [reading("processed", n, 1) for n in (12, 11, 10)])
    given = [(sample.time - at(1), sample.value) for sample in samples(out, "total_count")]
    assert given == [(timedelta(microseconds=n), 12.0 - n) for n in range(3)]
    again = dec.decode(reading("processed", 10, 1))  # as after a reconnect
    assert [s.time - at(1) for s in samples(again, "total_count")] == [timedelta(microseconds=2)]
    (after,) = samples(dec.decode(reading("processed", 13, 1.000001)), "total_count")
    assert after.time == at(1) + timedelta(microseconds=3)


def test_states_of_one_instant_of_the_machines_clock_hold_in_the_order_of_their_source() -> None:
    """A server of coarse stamps tells one change after the other; then the agent restarts."""
    dec = decoder()
    out = dec.decode_all([reading("mode", 1), *nested("Idle")])
    for state in ("Execute", "Held", "Execute", "Aborted"):
        out += dec.decode_all(nested(state, 5))
    told = [(it.text, it.time - at(5)) for it in samples(out, "state")[1:]]
    expected = ["producing", "stopped", "producing", "fault"]
    assert told == [(text, timedelta(microseconds=n)) for n, text in enumerate(expected)]
    out += decoder().decode_all([reading("mode", 1), *nested("Aborted", 5)])
    rows = [(it.machine, it.signal, it.time, it.value, it.text, it.quality)
            for it in samples(out, "state")]  # fmt: skip
    frame = distinct(pl.DataFrame(rows, schema=HISTORY, orient="row"))
    found = settled("state", frame, frame["time"].cast(pl.Int64).to_numpy())
    assert found.samples["text"][-1] == "fault"
    assert not len(found.contradictions), "that it is told twice is no doubt"


def test_what_changes_at_one_instant_is_one_change() -> None:
    """Three state machines and the mode change together: no state lasts a microsecond."""
    dec = decoder()
    dec.decode_all([reading("mode", 1), *nested("Execute")])
    out = dec.decode_all([reading("mode", 2, 5), *nested("Aborted", 5)])
    out += dec.decode_all([reading("mode", 1, 9), *nested("Held", 9)])
    told = [(sample.text, sample.time) for sample in samples(out, "state")]
    assert told == [("maintenance", at(5)), ("stopped", at(9))]
    assert reasons(out) == []


def test_successive_changes_that_arrive_together_all_stay() -> None:
    dec = decoder()
    dec.decode_all([reading("mode", 1), *nested("Idle")])
    steps = [("Execute", 1.0), ("Held", 1.000001), ("Execute", 1.5), ("Aborted", 2.0)]
    out = dec.decode_all([item for state, at_s in steps for item in nested(state, at_s)])
    told = [(sample.text, sample.time) for sample in samples(out, "state")]
    expected = ["producing", "stopped", "producing", "fault"]
    assert told == [(text, at(at_s)) for text, (_, at_s) in zip(expected, steps, strict=True)]


def test_of_one_instant_the_last_value_holds_and_every_count_stays() -> None:
    """A counter may have been reset between two values of one instant."""
    values = [("current_speed", 60.0), ("processed", 99), ("current_speed", 90.0)]
    counts = [("processed", 0), ("processed", 2)]
    out = decoder().decode_all([reading(name, value, 1) for name, value in values + counts])
    assert [(it.value, it.time) for it in samples(out, "speed")] == [(1.5, at(1))]
    assert [it.value for it in samples(out, "total_count")] == [99.0, 0.0, 2.0]


def test_each_reading_of_an_instant_is_rejected_for_its_own_reason() -> None:
    out = decoder().decode_all(
        [reading("mode", 9, 1), reading("execute_state", 42, 1), reading("processed", None, 1)]
    )
    rejected = [(it.address, it.reason) for it in out if isinstance(it, Rejection)]
    assert rejected == [
        (ADDRESS["mode"], "unknown code '9'"),
        (ADDRESS["execute_state"], "unknown code '42'"),
        (ADDRESS["processed"], "no value"),
    ]


def test_without_a_source_time_the_value_stands_at_receipt_and_is_uncertain() -> None:
    (sample,) = samples(
        decoder().decode(reading("processed", 5, None, received_s=4)), "total_count"
    )
    assert (sample.time, sample.quality) == (at(4), Quality.UNCERTAIN)


def test_what_is_told_to_stand_unchanged_confirms_counters_alone() -> None:
    """thingsboard-gateway#2119: an old value sent again must not become a new state."""
    dec = decoder()
    decode_all(dec, [*running(), reading("execute_state", 6), reading("processed", 7)])
    again = [reading("processed", 7, 5), reading("execute_state", 6, 5), reading("mode", 1, 5)]
    given = dec.decode_all([replace(one, unchanged=True) for one in again])
    assert [(it.signal, it.value, it.time) for it in given] == [("total_count", 7.0, at(5))]


def test_structures_are_read_by_attribute_or_key() -> None:
    for item in ({"AccCount": 7}, SimpleNamespace(AccCount=7)):
        (sample,) = samples(decoder().decode(reading("processed", [item])), "total_count")
        assert (sample.value, sample.raw) == (7.0, None)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([], "the list has no item 0"),
        (None, "no value"),
        ([None], "no value"),
        ([{}], "no field 'AccCount'"),
        ([{"AccCount": None}], "no value"),
        ([{"AccCount": "7"}], "not a number"),
        ([{"AccCount": True}], "a truth value, not a number"),
        ([{"AccCount": math.nan}], "not a finite number"),
        ([{"AccCount": -math.inf}], "not a finite number"),
        ([{"AccCount": 10**400}], "not a finite number"),
        ("text", "not a list that could have an item 0"),
    ],
)
def test_a_count_that_is_none_is_rejected_with_its_reason(value: Any, reason: str) -> None:
    out = decoder().decode(reading("processed", value))
    (sample,) = samples(out, "total_count")
    assert (sample.value, sample.quality) == (None, Quality.BAD)
    assert reasons(out) == [reason]


def test_a_count_of_bad_quality_says_that_it_says_nothing() -> None:
    """Otherwise it would be taken for a counter that stands still."""
    out = decoder().decode(reading("processed", 5, 0, Quality.BAD))
    (sample,) = samples(out, "total_count")
    assert (sample.value, sample.quality, reasons(out)) == (None, Quality.BAD, [])


def test_a_gauge_or_text_of_bad_quality_ends_what_held() -> None:
    for name, signal in (("current_speed", "speed"), ("stop_reason", "stop_reason")):
        (sample,) = samples(decoder().decode(reading(name, None, 0, Quality.BAD)), signal)
        assert (sample.value, sample.text, sample.quality) == (None, None, Quality.BAD)


def test_a_text_that_utf_8_cannot_carry_is_mended() -> None:
    out = decode_all(
        decoder(), [reading("stop_reason", {"Message": "a\ud800"}), reading("mode", "\udfff")]
    )
    assert samples(out, "stop_reason")[0].text == "a?"
    assert reasons(out) == ["unknown code '?'"]


def test_units_are_converted_and_the_raw_value_is_kept() -> None:
    (sample,) = samples(decoder().decode(reading("current_speed", 90.0)), "speed")
    assert (sample.value, sample.raw) == (1.5, "90.0")


def test_an_address_that_is_not_the_profiles_is_rejected() -> None:
    out = decoder().decode(Reading("filler", "elsewhere", 1, at(0), at(0), Quality.GOOD))
    assert reasons(out) == ["no signal of the profile uses this address"]


def test_the_decoder_makes_no_counter_of_a_difference() -> None:
    """Processed − defective falls with a later reject, and a fall would be read as a reset that
    counts all items again (cf. influxdata/flux#4098)."""
    out = decode_all(decoder(), [reading("processed", 100, 1), reading("defective", 4, 1)])
    told = {item.signal: item.value for item in out if isinstance(item, Sample)}
    assert told == {"total_count": 100.0, "reject_count": 4.0}


def test_the_meters_own_time_is_preferred_to_the_topic_without() -> None:
    dec = Decoder(load("shelly/pro3em-mqtt"), "filler-1", "meter")
    timed, bare = (it.key for it in dec.addresses if it.key.endswith("total_act"))

    def energy(address: str, value: float, source: float | None, received: float) -> list[Any]:
        time = None if source is None else at(source)
        return dec.decode(Reading("meter", address, value, time, at(received), Quality.GOOD))

    assert samples(energy(timed, 1500.0, 1, 2), "energy")[0].value == 1.5
    assert energy(bare, 1500.0, None, 2.1) == []  # the same value by another clock
    (later,) = energy(bare, 1800.0, None, 1000)  # events/rpc was switched off meanwhile
    assert (later.value, later.time, later.quality) == (1.8, at(1000), Quality.UNCERTAIN)


def test_a_generic_machine_may_tell_states_by_name() -> None:
    dec = Decoder(load("generic/opcua-counters", {"state": "urn:v:State"}), "l", "m")
    key = dec.addresses[0].key
    for raw, state in (("producing", "producing"), ("FAULT", "fault"), ("running", "unknown")):
        out = dec.decode(Reading("m", key, raw, at(0), at(0), Quality.GOOD))
        assert last_state(out) == state
    assert reasons(out) == ["unknown state 'running'"]


@pytest.mark.parametrize("value", [None, 1.5, [True], {"on": True}])
def test_an_input_of_a_combined_state_confirms_only_if_it_can_be_read(value: object) -> None:
    dec = decoder()
    dec.decode(reading("starved", value))
    assert dec.last_usable is None
    told = reading("starved", False, 1)
    dec.decode(told)
    assert dec.last_usable == told.received
