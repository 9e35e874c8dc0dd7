"""The demo's history says what the model says, and nothing of the days that were lost."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from domain.states import MachineState
from domain.time import HOUR_US, micros, midnight
from lineproof.demo.history import demo_model, history_frame, pick_seed, write_history
from lineproof.demo.plant_model import PlantModel
from lineproof.demo.texts import ZONE, DemoDays

DAYS = DemoDays(date(2026, 11, 21))
NOW_US = micros(midnight(DAYS.today, ZoneInfo(ZONE))) + 11 * HOUR_US + 123_456


@pytest.fixture(scope="module")
def model() -> PlantModel:
    return demo_model(DAYS, pick_seed(DAYS, NOW_US))


def test_states_in_the_frame_are_the_models_to_the_microsecond(model: PlantModel) -> None:
    start_us, end_us = NOW_US - 30 * HOUR_US, NOW_US
    rows = history_frame(model, start_us, end_us).filter(pl.col("signal") == "state")
    times = [*rows["time"].dt.epoch("us").to_list(), end_us]
    seconds: dict[str, int] = {}
    for state, begin, end in zip(rows["value"], times, times[1:], strict=False):
        seconds[state] = seconds.get(state, 0) + end - begin
    truth = model.truth(start_us, end_us)
    assert seconds == {state.value: us for state, us in truth.state_us.items()}
    assert MachineState.PRODUCING in truth.state_us


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


def test_the_story_begins_while_the_line_runs(model: PlantModel) -> None:
    truth = model.truth(NOW_US, NOW_US + 90_000_000)
    assert truth.items > 200
    assert all(stop.end_us - stop.start_us < 15_000_000 for stop in truth.stops)
    assert truth.stops
