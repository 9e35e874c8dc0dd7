"""Real machine days: seconds per state to the millisecond, in and out of shifts."""

from __future__ import annotations

import csv
import json
from datetime import datetime

import polars as pl
import pytest
from peers import require_shared_data
from plants import history, plant

from analytics.facts.line_facts import line_facts
from analytics.kpi.evaluation import summed
from analytics.timeline.state_intervals import state_intervals
from domain.frames import STATE_COLUMNS

FILES = {
    "umh_week": "umh_week/states.csv",
    "nist_gfagie01_20161107": "nist/gfagie01_20161107.csv",
    "nist_mazak01_20161129": "nist/mazak01_20161129.csv",
    "nist_hurco01_20170518": "nist/hurco01_20170518.csv",
}


@pytest.mark.parametrize("name", FILES)
def test_seconds_per_state_are_exact(name: str) -> None:
    with require_shared_data(FILES[name]).open() as file:
        rows = [
            ("state", datetime.fromisoformat(row["time"]), row["value"])
            for row in csv.DictReader(file)
        ]
    truth = json.loads(require_shared_data("truth.json").read_text())[name]
    start = datetime.fromisoformat(truth["first"])
    end = datetime.fromisoformat(truth["end"])
    reach = history(rows, start, end)
    where = plant(roles=("state",))
    facts = line_facts(where, "l1", reach, start, end)
    totals = facts.select(STATE_COLUMNS).sum().row(0, named=True)
    found = {key.removesuffix("_us"): us / 1e6 for key, us in totals.items() if us}
    for state, seconds in truth["seconds_by_state"].items():
        assert found.pop(state) == pytest.approx(seconds, abs=1e-3)
    assert not found
    window_s = (end - start).total_seconds()
    assert sum(summed(facts).seconds.values()) == pytest.approx(window_s, abs=1e-6)
    intervals = state_intervals(where, "l1", reach, start, end)
    assert intervals["start"][0] == start
    assert intervals["end"][-1] == end
    assert (intervals["end"][:-1] == intervals["start"][1:]).all()
    lasting = intervals.group_by("state").agg((pl.col("end") - pl.col("start")).sum().alias("t"))
    for state, length in lasting.iter_rows():
        assert length.total_seconds() == pytest.approx(truth["seconds_by_state"][state], abs=1e-3)
