"""Histories of real machines give the seconds per state of their truth."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from import_plant import apply, run
from peers import require_shared_data

from analytics.timeline.state_intervals import state_intervals
from store.history.line_history import line_history
from store.node.opening import open_stores


@pytest.mark.parametrize(
    ("file", "key", "machine"),
    [
        ("umh_week/states.csv", "umh_week", "line"),
        ("nist/gfagie01_20161107.csv", "nist_gfagie01_20161107", "gfagie01"),
        ("nist/mazak01_20161129.csv", "nist_mazak01_20161129", "mazak01"),
        ("nist/hurco01_20170518.csv", "nist_hurco01_20170518", "hurco01"),
    ],
)
def test_real_histories_give_the_seconds_per_state_of_their_truth(
    tmp_path: Path, file: str, key: str, machine: str
) -> None:
    path, truth = require_shared_data(file), require_shared_data("truth.json")
    expected = json.loads(truth.read_text())[key]
    first, end = (datetime.fromisoformat(expected[name]) for name in ("first", "end"))
    with open_stores(tmp_path / "node") as stores:
        apply(stores, machine=machine)
        summary = run(stores, path, until=expected["end"])
        assert summary.files[0].start == first
        # One file's truth ends 0.1 ms before its last row: a file reaches to its last row at least.
        assert timedelta(0) <= summary.files[0].end - end < timedelta(milliseconds=1)
        plant = stores.registry.plants.of_line("filler-1")
        history = line_history(stores.telemetry, "filler-1", first, end)
        assert (
            seconds(state_intervals(plant, "filler-1", history, first, end))
            == (expected["seconds_by_state"])
        )


def seconds(intervals: pl.DataFrame) -> dict[str, float]:
    length = (pl.col("end") - pl.col("start")).dt.total_microseconds()
    sums: Sequence[tuple[str, int]] = intervals.group_by("state").agg(length.sum()).rows()
    return {state: round(us / 1e6, 3) for state, us in sums}
