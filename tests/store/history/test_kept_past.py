"""What is over is read once, what is not every time."""

from __future__ import annotations

from pathlib import Path

from telemetry import at, batch, samples

from store.history.kept_past import KeptPast
from store.telemetry.duckdb.store import DuckDBStore


def test_a_read_that_ends_before_the_border_is_kept_and_no_other(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path / "t.duckdb")
    store.append([batch(1, samples({"time": at(10)}))])
    past = KeptPast(store, at(100))
    over, open_one = (
        past.history("filler-1", at(0), at(100)),
        past.history("filler-1", at(0), at(101)),
    )
    store.append([batch(2, samples({"time": at(20)}))])
    assert past.history("filler-1", at(0), at(100)) is over
    assert past.history("filler-1", at(0), at(101)).samples.height == open_one.samples.height + 1
    assert past.extent("filler-1") == store.extent("filler-1")
    store.close()


def test_what_a_series_said_is_kept_where_it_is_past(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path / "t.duckdb")
    store.append([batch(1, samples(*({"time": at(second)} for second in (10, 50, 150))))])
    past = KeptPast(store, at(100))
    series = ("filler-1", "filler", "total_count")
    over, open_one = past.said(*series, at(0), at(100)), past.said(*series, at(0), at(101))
    store.append([batch(2, samples({"time": at(30)}))])
    assert past.said(*series, at(0), at(100)) is over
    assert past.said(*series, at(0), at(101)).height == open_one.height + 1
    store.close()
