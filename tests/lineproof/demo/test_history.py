"""The demo's history says what the models say, and nothing of the hours that were lost."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from domain.states import MachineState
from domain.time import HOUR_US, micros, midnight
from lineproof.demo.history import history_frame, write_history, write_tail
from lineproof.demo.model.days import ZONE, DemoDays, demo_model, pick_seed
from lineproof.demo.model.lines import CRACKER, NOODLE_1, SAUCE, DemoLine, demo_lines
from lineproof.demo.model.weights import weights

DAYS = DemoDays(date(2026, 11, 21))
NOW_US = micros(midnight(DAYS.today, ZoneInfo(ZONE))) + 11 * HOUR_US + 123_456


@pytest.fixture(scope="module")
def lines() -> dict[str, DemoLine]:
    return demo_lines(NOW_US, pick_seed(NOW_US))


@pytest.fixture(scope="module")
def line(lines: dict[str, DemoLine]) -> DemoLine:
    return lines[NOODLE_1]


@pytest.mark.parametrize("machine", ["filler", "packer"])
def test_states_in_the_frame_are_the_models_to_the_microsecond(
    line: DemoLine, machine: str
) -> None:
    start_us, end_us = NOW_US - 30 * HOUR_US, NOW_US
    rows = history_frame(line, start_us, end_us).filter(
        pl.col("signal") == "state", pl.col("machine") == machine
    )
    times = [*rows["time"].dt.epoch("us").to_list(), end_us]
    seconds: dict[str, int] = {}
    for state, begin, end in zip(rows["value"], times, times[1:], strict=False):
        seconds[state] = seconds.get(state, 0) + end - begin
    truth = line.machines[machine]
    expected: dict[str, int] = {}
    for segment in truth.segments(start_us, end_us):
        us = min(end_us, segment.end_us) - max(start_us, segment.start_us)
        expected[segment.state.value] = expected.get(segment.state.value, 0) + us
    assert seconds == expected
    assert MachineState.PRODUCING.value in seconds
    assert sum(seconds.values()) == end_us - start_us


def test_the_product_changes_twice_a_day_while_the_line_is_set_up(line: DemoLine) -> None:
    start_us, end_us = NOW_US - 48 * HOUR_US, NOW_US
    rows = history_frame(line, start_us, end_us).filter(pl.col("signal") == "product")
    times = rows["time"].dt.epoch("us").to_list()
    assert times[0] == start_us
    assert len(times) == 5
    assert all(one != two for one, two in itertools.pairwise(rows["value"]))
    assert {line.model.at(us).state for us in times[1:]} == {MachineState.SETUP}


def test_weights_are_told_from_the_day_on_from_which_they_were_kept(line: DemoLine) -> None:
    since_us = line.weights_from_us
    assert since_us is not None
    start_us, end_us = since_us - 2 * HOUR_US, since_us + 2 * HOUR_US
    frame = history_frame(line, start_us, end_us)
    rows = frame.filter(pl.col("signal") == "measurement.fill-weight")
    told = list(zip(rows["time"].dt.epoch("us"), rows["value"].cast(pl.Float64), strict=True))
    assert told == list(weights(line.model, since_us, end_us))
    assert len(told) > 40


def test_counters_reach_from_border_to_border(line: DemoLine) -> None:
    start_us, end_us = NOW_US - 2 * HOUR_US, NOW_US
    frame = history_frame(line, start_us, end_us)
    truth = line.model.truth(start_us, end_us)
    for signal, expected in (("total_count", truth.items), ("reject_count", truth.rejects)):
        values = frame.filter(pl.col("signal") == signal).sort("time")["value"].cast(pl.Int64)
        assert values.is_sorted()
        assert values[-1] - values[0] == expected
    for machine in ("filler", "meter"):
        times = frame.filter(pl.col("machine") == machine)["time"].dt.epoch("us")
        assert (times.min(), times.max()) == (start_us, end_us)


def test_nothing_is_written_of_the_hours_that_were_lost(
    lines: dict[str, DemoLine], tmp_path: Path
) -> None:
    sauce = lines[SAUCE]
    told = list(sauce.told(sauce.model.origin_us, NOW_US))
    files = write_history(tmp_path, sauce, NOW_US)
    assert len(files) == len(told) == len(sauce.lost_us) > 5
    for file, (start_us, end_us) in zip(files, told, strict=True):
        times = pl.read_parquet(file)["time"]
        assert times.is_sorted()
        assert (micros(times[0]), micros(times[-1])) == (start_us, end_us)
        assert not any(start_us < lost_us < end_us for lost_us, _ in sauce.lost_us)
    assert told[-1][1] < NOW_US - 2 * HOUR_US, "it is silent"
    assert write_tail(tmp_path, sauce, NOW_US, NOW_US + 1_000_000) == []
    lost_us = sum(end - start for start, end in sauce.lost_us[:-1])
    assert lost_us > 100 * HOUR_US


def test_the_last_seconds_are_told_as_the_rest_is(
    lines: dict[str, DemoLine], tmp_path: Path
) -> None:
    cracker = lines[CRACKER]
    (file,) = write_tail(tmp_path, cracker, NOW_US, NOW_US + 20_000_000)
    told = pl.read_csv(file, infer_schema=False)
    whole = history_frame(cracker, NOW_US, NOW_US + 20_000_000)
    assert told.drop("time").equals(whole.drop("time"))
    assert told["time"].str.to_datetime(time_zone="UTC", time_unit="us").equals(whole["time"])


@pytest.mark.parametrize("hour", [0, 12, 13, 14, 15, 20, 22, 23])
def test_a_demo_can_begin_at_any_time_of_day(hour: int) -> None:
    """Also as the line would change its product: then it changes at other hours."""
    for minute in (0, 59):
        now_us = micros(midnight(DAYS.today, ZoneInfo(ZONE))) + hour * HOUR_US + minute * 60_000_000
        model = demo_model(now_us, pick_seed(now_us))
        assert model.truth(now_us, now_us + 90_000_000).items > 200


def test_the_story_begins_while_the_line_runs(line: DemoLine) -> None:
    truth = line.model.truth(NOW_US, NOW_US + 90_000_000)
    assert truth.items > 200
    assert all(stop.end_us - stop.start_us < 15_000_000 for stop in truth.stops)
    assert MachineState.BLOCKED in {stop.state for stop in truth.stops}
