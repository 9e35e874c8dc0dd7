"""The demo's history says what the model says, and nothing of the days that were lost."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from domain.states import MachineState
from domain.time import HOUR_US, micros, midnight
from lineproof.demo.history import history_frame, write_history
from lineproof.demo.model.days import ZONE, DemoDays, demo_model, pick_seed
from lineproof.demo.model.packer_model import PackerModel
from lineproof.demo.model.plant_model import PlantModel
from lineproof.demo.model.weights import weights

DAYS = DemoDays(date(2026, 11, 21))
NOW_US = micros(midnight(DAYS.today, ZoneInfo(ZONE))) + 11 * HOUR_US + 123_456


@pytest.fixture(scope="module")
def model() -> PlantModel:
    return demo_model(NOW_US, pick_seed(NOW_US))


@pytest.mark.parametrize("machine", ["filler", "packer"])
def test_states_in_the_frame_are_the_models_to_the_microsecond(
    model: PlantModel, machine: str
) -> None:
    start_us, end_us = NOW_US - 30 * HOUR_US, NOW_US
    rows = history_frame(model, start_us, end_us).filter(
        pl.col("signal") == "state", pl.col("machine") == machine
    )
    times = [*rows["time"].dt.epoch("us").to_list(), end_us]
    seconds: dict[str, int] = {}
    for state, begin, end in zip(rows["value"], times, times[1:], strict=False):
        seconds[state] = seconds.get(state, 0) + end - begin
    truth = model if machine == "filler" else PackerModel(model)
    expected: dict[str, int] = {}
    for segment in truth.segments(start_us, end_us):
        us = min(end_us, segment.end_us) - max(start_us, segment.start_us)
        expected[segment.state.value] = expected.get(segment.state.value, 0) + us
    assert seconds == expected
    assert MachineState.PRODUCING.value in seconds
    assert sum(seconds.values()) == end_us - start_us


def test_the_product_changes_twice_a_day_while_the_line_is_set_up(model: PlantModel) -> None:
    start_us, end_us = NOW_US - 48 * HOUR_US, NOW_US
    rows = history_frame(model, start_us, end_us).filter(pl.col("signal") == "product")
    times = rows["time"].dt.epoch("us").to_list()
    assert times[0] == start_us
    assert len(times) == 5
    assert all(one != two for one, two in itertools.pairwise(rows["value"]))
    assert {model.at(us).state for us in times[1:]} == {MachineState.SETUP}


def test_weights_are_told_from_the_day_on_that_is_asked_for(model: PlantModel) -> None:
    start_us, end_us = NOW_US - 6 * HOUR_US, NOW_US
    since_us = NOW_US - 2 * HOUR_US
    frame = history_frame(model, start_us, end_us, since_us)
    rows = frame.filter(pl.col("signal") == "measurement.fill-weight")
    told = list(zip(rows["time"].dt.epoch("us"), rows["value"].cast(pl.Float64), strict=True))
    assert told == list(weights(model, since_us, end_us))
    assert len(told) > 40


def test_counters_reach_from_border_to_border(model: PlantModel) -> None:
    start_us, end_us = NOW_US - 2 * HOUR_US, NOW_US
    frame = history_frame(model, start_us, end_us)
    truth = model.truth(start_us, end_us)
    for signal, expected in (("total_count", truth.items), ("reject_count", truth.rejects)):
        values = frame.filter(pl.col("signal") == signal).sort("time")["value"].cast(pl.Int64)
        assert values.is_sorted()
        assert values[-1] - values[0] == expected
    for machine in ("filler", "meter"):
        times = frame.filter(pl.col("machine") == machine)["time"].dt.epoch("us")
        assert (times.min(), times.max()) == (start_us, end_us)


def test_nothing_is_written_of_the_lost_days(model: PlantModel, tmp_path: Path) -> None:
    files = write_history(tmp_path, model, DAYS, NOW_US)
    assert len(files) == 2
    zone = ZoneInfo(ZONE)
    gap_start = midnight(DAYS.gap[0], zone)
    gap_end = midnight(DAYS.gap[1] + timedelta(days=1), zone)
    before, after = (pl.read_parquet(file)["time"] for file in files)
    assert before.max() == gap_start
    assert after.min() == gap_end
    assert before.is_sorted()
    assert after.is_sorted()


@pytest.mark.parametrize("hour", [0, 12, 13, 14, 15, 20, 22, 23])
def test_a_demo_can_begin_at_any_time_of_day(hour: int) -> None:
    """Also as the line would change its product: then it changes at other hours."""
    for minute in (0, 59):
        now_us = micros(midnight(DAYS.today, ZoneInfo(ZONE))) + hour * HOUR_US + minute * 60_000_000
        model = demo_model(now_us, pick_seed(now_us))
        assert model.truth(now_us, now_us + 90_000_000).items > 200


def test_the_story_begins_while_the_line_runs(model: PlantModel) -> None:
    truth = model.truth(NOW_US, NOW_US + 90_000_000)
    assert truth.items > 200
    assert all(stop.end_us - stop.start_us < 15_000_000 for stop in truth.stops)
    assert MachineState.BLOCKED in {stop.state for stop in truth.stops}
