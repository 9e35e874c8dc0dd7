"""A clock that is set back, and a gateway that hands over what it kept: told over a source without
order, by devices that tell changes alone and something else that shows that they are alive.

The tests know what the machine did. It must never be shown producing for longer than it was, but
for a moment; and what a gateway kept stands at its own time, to the last item.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from telling_device import (
    COMBINED,
    DAY,
    HOUR,
    MINUTE,
    PLAIN,
    RUNS,
    START,
    STOPS,
    Machine,
    at,
)

from device_profiles.decoding.decoder import Decoder
from device_profiles.decoding.heard_times import HeardTimes
from device_profiles.files.catalogue import load
from device_profiles.model.profile import Profile
from domain.samples import Quality, Sample


@pytest.fixture(scope="module")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Profile]:
    folder = tmp_path_factory.mktemp("profiles")
    found = {}
    for name, text in (("plain", PLAIN), ("combined", COMBINED)):
        file = folder / name / "profile.yaml"
        file.parent.mkdir()
        file.write_text(text)
        found[name] = load(str(file))
    return found


@pytest.mark.parametrize("starts_anew", [False, True])
@pytest.mark.parametrize("back_s", [17, 90, 30 * MINUTE, HOUR, 8 * HOUR])
def test_what_held_ends_with_the_first_value_of_a_clock_that_was_set_back(
    profiles: dict[str, Profile], back_s: float, starts_anew: bool
) -> None:
    """Whether the agent was there or stopped meanwhile."""
    machine = Machine(profiles["plain"])
    machine.says(state=RUNS, order="A", total=1)
    machine.until(HOUR)
    machine.says(state=STOPS, order="A", total=100)
    machine.until(HOUR + 10)
    machine.says(state=RUNS, order="B", total=100)
    if starts_anew:
        machine.starts_anew()
    machine.until(HOUR + 15)
    machine.says(machine.now_s - back_s, state=STOPS, order="C", total=101)
    assert machine.shown() == "unknown"
    assert machine.shown(signal="order") is None
    assert machine.reasons()
    machine.until(HOUR + 30)
    machine.says(machine.now_s - back_s, state=STOPS, order="C", total=101)
    assert machine.shown() == "stopped"
    assert machine.shown(signal="order") == "C"
    machine.until(HOUR + 40)
    machine.says(state=RUNS, order="D", total=102)
    assert (machine.shown(), machine.shown(signal="order")) == ("producing", "D")
    assert machine.samples("total_count")[-1].value == 102


@pytest.mark.parametrize("starts_anew", [False, True])
def test_the_past_is_not_rewritten_by_a_clock_that_was_set_back(
    profiles: dict[str, Profile], starts_anew: bool
) -> None:
    """Nor by its very first value, of a machine that had not changed for longer than that."""
    machine = Machine(profiles["plain"])
    machine.says(state=RUNS)
    machine.until(HOUR)
    machine.says(state=STOPS)
    machine.until(5 * HOUR)
    if starts_anew:
        machine.starts_anew()
    machine.says(machine.now_s - HOUR, state=RUNS)
    assert machine.shown() == "producing", "whatever its clock says, that is the newest"
    assert [machine.shown(it * HOUR) for it in (0.5, 3.9, 4.5)] == [
        "producing", "stopped", "unknown",
    ]  # fmt: skip
    machine.until(5 * HOUR + 3)
    machine.says(machine.now_s - HOUR, state=STOPS)
    assert machine.shown() == "stopped"


def test_a_state_of_several_inputs_ends_with_any_that_decides(
    profiles: dict[str, Profile],
) -> None:
    machine = Machine(profiles["combined"])
    machine.says(state=STOPS, mode=2)
    machine.until(30 * MINUTE)
    machine.says(state=RUNS, mode=1)
    assert machine.shown() == "producing"
    machine.until(2 * HOUR)
    machine.says(state=RUNS)
    machine.until(2 * HOUR + 1)
    machine.says(machine.now_s - HOUR * 1.9, mode=2)
    assert machine.shown() == "unknown"
    machine.says(machine.now_s - HOUR * 1.9 + 0.5, mode=1)
    assert machine.shown() == "unknown", "an old value never tells what holds now"
    machine.until(2 * HOUR + 2)
    machine.says(state=STOPS)
    assert machine.shown() == "stopped", "whatever its mode is"
    machine.says(mode=1)
    machine.until(2 * HOUR + 3)
    machine.says(state=RUNS)
    assert machine.shown() == "producing"


def test_a_late_input_of_a_state_of_several_stands_at_its_receipt(
    profiles: dict[str, Profile],
) -> None:
    machine = Machine(profiles["combined"])
    machine.says(state=RUNS, mode=1)
    machine.until(3 * HOUR)
    machine.says(machine.now_s - HOUR, mode=2)
    assert machine.shown() == "maintenance"
    assert machine.shown(2 * HOUR + 1) == "unknown"
    assert machine.shown(2 * HOUR - 1) == "producing"


def test_what_one_input_shows_of_the_clock_holds_for_the_others(
    profiles: dict[str, Profile],
) -> None:
    machine = Machine(profiles["plain"])
    machine.says(state=STOPS, order="A", total=0)
    for second in range(1, 30):
        machine.until(second)
        machine.says(second - (HOUR if second > 15 else 0), total=second)
    machine.says(machine.now_s - HOUR, order="B")
    machine.says(machine.now_s - HOUR, state=RUNS)
    assert (machine.shown(), machine.shown(signal="order")) == ("producing", "B")
    assert machine.shown(-1) is None
    assert {it.quality for it in machine.samples()} == {Quality.GOOD, Quality.UNCERTAIN}


def test_a_clock_that_was_set_forward_and_comes_back_holds_nothing(
    profiles: dict[str, Profile],
) -> None:
    machine = Machine(profiles["plain"])
    for now_s, off_s, state in [
        (0, 0, RUNS), (100, 0, STOPS), (200, HOUR, RUNS), (300, 0, STOPS), (400, 4.5, RUNS),
        (402, 0, STOPS), (403, 0, STOPS), (410, 0, RUNS), (500, HOUR, STOPS), (501, -HOUR, RUNS),
        (502, -HOUR, STOPS),
    ]:  # fmt: skip
        machine.until(now_s)
        machine.says(now_s + off_s, state=state)
        expected = "producing" if state == RUNS else "stopped"
        assert machine.shown(now_s + 4.6) in (expected, "unknown")
    assert machine.shown() == "stopped"


# What a gateway kept


def outage(machine: Machine) -> list[tuple[float, int, int]]:
    """A machine that runs and is then not heard for an hour; what a gateway keeps meanwhile."""
    machine.says(state=RUNS, total=0)
    for minute in range(1, 60):
        machine.until(minute * MINUTE)
        machine.says(state=RUNS, total=minute)
    machine.until(2 * HOUR, silent=True)
    return [
        (HOUR + minute * MINUTE, STOPS if minute % 10 == 5 else RUNS, 60 + minute)
        for minute in range(59)
    ]


@pytest.mark.parametrize("starts_anew", [False, True])
def test_what_a_gateway_kept_keeps_its_times_and_its_order(
    profiles: dict[str, Profile], starts_anew: bool
) -> None:
    machine = Machine(profiles["plain"])
    for source_s, state, total in outage(machine):
        if starts_anew and total in (60, 80):
            machine.starts_anew()
        machine.now_s += 0.01
        machine.says(source_s, state=state, total=total)
    assert machine.reasons() == []
    assert [it.value for it in machine.samples("total_count")] == list(range(119))
    assert all(it.quality is Quality.GOOD for it in machine.rows if isinstance(it, Sample))
    assert machine.shown(HOUR + 5.5 * MINUTE) == "stopped"
    assert machine.shown(HOUR + 6.5 * MINUTE) == "producing"


def test_among_live_values_it_keeps_its_times_and_the_next_live_one_holds(
    profiles: dict[str, Profile],
) -> None:
    machine = Machine(profiles["plain"])
    kept = outage(machine)
    for index, (source_s, state, total) in enumerate(kept):
        machine.now_s += 0.5
        if index % 10 == 0:
            machine.says(machine.now_s - 0.3, state=STOPS, total=119 + index // 10)
            assert machine.shown() == "stopped"
        machine.now_s += 0.01
        machine.says(source_s, state=state, total=total)
        assert machine.shown() in ("stopped", "unknown")
    counted = [(it.time, it.value) for it in machine.samples("total_count")]
    assert {value for _, value in counted if value is not None} == set(range(125))
    assert all((at(source_s), total) in counted for source_s, _, total in kept)
    machine.until(machine.now_s + 1)
    machine.says(machine.now_s - 0.3, state=RUNS, total=125)
    assert machine.shown() == "producing"


def test_a_topic_after_another_keeps_its_times(profiles: dict[str, Profile]) -> None:
    machine = Machine(profiles["combined"])
    machine.says(mode=1)
    machine.until(HOUR)
    machine.says(state=STOPS)
    machine.until(2 * HOUR, silent=True)
    for second in range(20):
        machine.now_s += 0.001
        machine.says(HOUR + second * 3 * MINUTE, mode=second % 2 + 1)
    for second in range(20):
        machine.now_s += 0.001
        machine.says(HOUR + second * 3 * MINUTE + 1, state=second % 2 + 1)
    assert machine.shown() == "stopped"
    assert machine.reasons() == []


@pytest.mark.parametrize("starts_anew", [False, True])
def test_what_is_sent_twice_changes_nothing_of_the_past(
    profiles: dict[str, Profile], starts_anew: bool
) -> None:
    machine = Machine(profiles["plain"])
    said = [(n * 10.0, n % 2 + 1, n) for n in range(100)]
    for source_s, state, total in said:
        machine.until(source_s)
        machine.says(state=state, total=total)
    before = {(it.signal, it.time, it.text, it.value) for it in machine.samples()}
    if starts_anew:
        machine.starts_anew()
    for source_s, state, total in said[:-1]:
        machine.now_s += 0.01
        machine.says(source_s, state=state, total=total)
    after = {(it.signal, it.time, it.text, it.value) for it in machine.samples()}
    assert [text for _, _, text, _ in after - before] == ["unknown"], "of now, since it may be new"
    assert max(after, key=lambda it: it[1])[2] == "unknown"


def test_what_a_device_gathers_for_minutes_keeps_its_times(profiles: dict[str, Profile]) -> None:
    """One topic after the other, at intervals that its agent knows as usual."""
    machine = Machine(profiles["plain"])
    machine.decoder = Decoder(machine.profile, "line", "m", pause_max=timedelta(minutes=10))
    for burst in range(1, 20):
        machine.until(burst * 300, silent=True)
        times = [(burst - 1) * 300 + 30.0 * n for n in range(1, 11)]
        for time_s in times:
            machine.says(time_s, state=int(time_s) // 30 % 2 + 1, total=int(time_s))
        for time_s in times:
            machine.says(time_s, order=f"{time_s}")
    assert machine.reasons() == []
    assert [it.time for it in machine.samples("order")] == [at(30 * n) for n in range(1, 191)]


# Whatever the clock does

STEP = st.tuples(
    st.sampled_from([1.0, 4.0, 7.0, 40.0, 600.0, 4000.0]),  # seconds since the one before
    st.sampled_from(["state", "state", "mode", "clock", "restart"]),
    st.sampled_from([0.0, 0.0, -45.0, -1800.0, -3600.0, -28_800.0, 3600.0]),
)


def _lies(machine: Machine, truth: Sequence[tuple[float, bool]]) -> Iterator[float]:
    """For how long it is shown producing, in one go, and was not."""
    borders = {it for it, _ in truth} | {machine.now_s}
    borders |= {(it.time - START).total_seconds() for it in machine.samples()}
    run_s, ordered = 0.0, sorted(it for it in borders if 0 <= it <= machine.now_s)
    for begin, end in pairwise(ordered):
        was = [state for since, state in truth if since <= begin][-1]
        run_s = run_s + end - begin if machine.shown(begin) == "producing" and not was else 0.0
        yield run_s


@settings(deadline=None, max_examples=200)  # a loaded machine is slow, not wrong
@given(st.sampled_from(["plain", "combined"]), st.lists(STEP, max_size=20))
@example("plain", [(4000.0, "clock", -3600.0), (4.0, "state", 0.0)])
@example("plain", [(4000.0, "restart", 0.0), (4.0, "clock", -3600.0), (4.0, "state", 0.0)])
@example("combined", [(40.0, "restart", 0.0), (4.0, "mode", 0.0)])
def test_whatever_the_clock_does_it_is_never_shown_producing_for_long_when_it_was_not(
    profiles: dict[str, Profile], name: str, steps: list[tuple[float, str, float]]
) -> None:
    machine = Machine(profiles[name])
    now = {"state": RUNS, "mode": 1}
    values = ("state",) if name == "plain" else ("state", "mode")
    for value in values:
        machine.says(**{value: now[value]})
    truth, off_s = [(0.0, True)], 0.0
    for passed_s, kind, clock_s in steps:
        machine.until(machine.now_s + passed_s)
        if kind == "clock":
            off_s = clock_s
        elif kind == "restart":
            machine.starts_anew()
        elif kind in values:
            now[kind] = 3 - now[kind]
            machine.says(machine.now_s + off_s, **{kind: now[kind]})
            truth.append((machine.now_s, all(now[it] == 1 for it in values)))
            assert machine.shown() != "producing" or truth[-1][1]
    machine.until(machine.now_s + MINUTE)
    machine.says(**{value: now[value] for value in values})
    assert (machine.shown() == "producing") == truth[-1][1], "the clock is right again"
    machine.until(machine.now_s + DAY, silent=True)
    assert max(_lies(machine, truth), default=0.0) <= MINUTE


# Which times count as heard


def heard(*times_s: float, pause_s: float = 60) -> HeardTimes:
    times = HeardTimes(timedelta(seconds=pause_s))
    for time_s in times_s:
        times.heard(at(time_s))
    return times


def test_between_values_that_follow_each_other_it_was_heard() -> None:
    times = heard(*range(0, 300, 30), *range(1000, 1300, 30))
    assert [times.was_heard(at(it), at(1300)) for it in (-1, 0, 100, 240, 271, 999, 1000)] == [
        False, True, True, True, False, False, True,
    ]  # fmt: skip


def test_what_comes_with_it_shows_nothing_of_the_time_before() -> None:
    times = heard(0, 50, 51, 52)
    assert not times.was_heard(at(30), at(52))
    assert times.was_heard(at(30), at(60))
