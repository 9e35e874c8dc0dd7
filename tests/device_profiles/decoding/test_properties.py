"""The decoder under whatever readings come: it never raises, never guesses, never goes back."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from packml_readings import (
    PROFILE,
    STATE_ID,
    STATE_TEXT,
    at,
    decode_all,
    decoder,
    last_state,
    reading,
    samples,
)

from device_profiles.decoding.source_time import TOLERANCE
from domain.samples import Quality, Reading, Rejection, Sample
from domain.states import MachineState

# Whatever comes

RAW: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.binary(max_size=4)
    | st.integers(0, 20)
    | st.builds(SimpleNamespace, AccCount=st.integers(), Message=st.text(max_size=4)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["AccCount", "Message", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
READINGS = st.builds(
    Reading,
    machine=st.just("filler"),
    address=st.sampled_from([address.key for address in PROFILE.addresses]),
    value=RAW,
    source_time=st.none() | st.integers(0, 50).map(lambda n: at(n / 10)),
    received=st.integers(0, 50).map(lambda n: at(n / 10)),
    quality=st.sampled_from(Quality),
)


@settings(deadline=None)  # a loaded machine is slow, not wrong
@given(st.lists(READINGS, max_size=30))
def test_nothing_raises_and_everything_that_comes_out_is_sound(readings: list[Reading]) -> None:
    dec = decoder()
    for one in readings:
        for item in dec.decode(one):
            if isinstance(item, Rejection):
                assert item.reason
                item.raw.encode()
                continue
            (item.text or "").encode()
            assert item.value is None or math.isfinite(item.value)
            assert item.value is not None or item.text is not None or item.quality is Quality.BAD
            if item.signal == "state":
                assert item.text is not None
                assert item.value == MachineState(item.text).code
                assert item.text != "producing" or item.quality is not Quality.BAD


@settings(deadline=None)  # a loaded machine is slow, not wrong
@given(st.lists(READINGS, max_size=30), st.integers(0, 20))
def test_after_a_bad_or_unknown_state_it_is_not_producing(
    readings: list[Reading], code: int
) -> None:
    dec = decoder()
    decode_all(dec, readings)
    last = [
        reading(name, code if code > 19 else None, 99, Quality.BAD if code <= 19 else Quality.GOOD)
        for name in ("base_state", "machine_state", "execute_state")
    ] + [
        reading(name, None, 99, Quality.BAD, address=address)
        for addresses in (STATE_ID, STATE_TEXT)
        for name, address in addresses.items()
    ]
    out = decode_all(dec, last)
    assert last_state(out) in (None, "unknown", "maintenance", "setup")


@settings(deadline=None)  # a loaded machine is slow, not wrong
@given(st.lists(READINGS, max_size=30))
def test_a_combined_state_never_goes_back_in_time(readings: list[Reading]) -> None:
    told = samples(decode_all(decoder(), readings), "state")
    times = [sample.time for sample in told]
    assert times == sorted(times)
    # Of several texts of one instant all but the last only repeat what was said before.
    for one, two in pairwise(told):
        earlier = [it.text for it in told if it.time < one.time]
        if one.time == two.time and one.text != two.text:
            assert [one.text] == earlier[-1:]


@settings(deadline=None)  # a loaded machine is slow, not wrong
@given(st.lists(READINGS, max_size=30))
def test_what_arrives_in_order_together_needs_no_time_but_the_machines(
    readings: list[Reading],
) -> None:
    """Nothing is moved on by a microsecond: every state, mode, gauge and text has its instant."""
    together = [replace(it, received=at(5)) for it in readings]
    ordered = sorted(together, key=lambda it: it.source_time or it.received)
    instants = {it.source_time or it.received for it in ordered}
    out = [it for it in decoder().decode_all(ordered) if isinstance(it, Sample)]
    held = [it for it in out if not it.signal.endswith("_count")]
    assert {it.time for it in held} <= instants
    assert len({(it.signal, it.time) for it in held}) == len(held)


@settings(deadline=None)  # a loaded machine is slow, not wrong
@given(st.lists(READINGS, max_size=30))
def test_the_same_readings_give_the_same_samples(readings: list[Reading]) -> None:
    once, again = decode_all(decoder(), readings), decode_all(decoder(), readings)
    assert [repr(item) for item in once] == [repr(item) for item in again]


# Whatever the stamps: a machine that runs and stops, told by inputs each with a clock of its own

OFF_S = (
    st.none()
    | st.floats(-0.5, 0.5)
    | st.floats(-30, 30)
    | st.sampled_from([-28_800.0, -3600.0, 3600.0, 7200.0, 28_800.0, 86_400.0 * 400])
)
CHANGE = st.tuples(
    st.integers(1, 40),  # seconds since the one before
    st.sampled_from([("mode", 1), ("mode", 2), ("execute_state", 6), ("execute_state", 11)]),
    OFF_S,
)


@settings(deadline=None)  # a loaded machine is slow, not wrong
@given(st.lists(CHANGE, max_size=25))
def test_whatever_the_stamps_never_more_than_the_truth_is_producing(changes: Any) -> None:
    """The source keeps the order and says what was complete, as OPC UA's does. What holds at any
    time is what the last reading up to then said, or one within the tolerance around."""
    dec = decoder()
    decode_all(dec, [reading("mode", 1), reading("base_state", 19), reading("machine_state", 18)])
    dec.decode(reading("execute_state", 6))
    now_s, truth = 0.2, [(0.0, True)]
    values, told = {"mode": 1, "execute_state": 6}, []
    for passed_s, (name, value), off_s in changes:
        now_s += passed_s
        values[name] = value
        stamp = None if off_s is None else now_s + off_s
        one = reading(name, value, stamp, received_s=now_s)
        told += samples(dec.decode(replace(one, not_before=at(now_s - 1))), "state")
        truth.append((now_s, values == {"mode": 1, "execute_state": 6}))
        if told:  # the newest sample says what the machine does
            assert max(it.time for it in told) == told[-1].time
            assert (told[-1].text == "producing") == truth[-1][1]
        assert all(it.time <= at(now_s) + TOLERANCE for it in told)
    for probe_s in (change_s + more_s for change_s, _ in truth for more_s in (0.1, 5.5, 12.0)):
        held = [it.text for it in told if it.time <= at(probe_s)]
        if held and held[-1] == "producing":
            near_s = TOLERANCE.total_seconds() + 1  # that long ago it was heard
            assert any(
                is_producing
                for index, (begin_s, is_producing) in enumerate(truth)
                if begin_s <= probe_s + near_s
                and (index + 1 == len(truth) or truth[index + 1][0] >= probe_s - near_s)
            )
