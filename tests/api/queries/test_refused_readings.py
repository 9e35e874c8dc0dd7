"""Samples are read of closed slices in which readings were not believed alone, and once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from plants import local, plant
from telemetry import batch, samples, spans

from analytics.facts.line_facts import FactsWindow, line_facts
from api.queries.refused_readings import RefusedLately, RefusedOnBoard
from domain.frames import LineHistory
from store.history.line_history import line_history
from store.telemetry.duckdb.store import DuckDBStore

START = local("2026-03-02 08:00")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PLANT = plant(roles=("state", "total_count"))


class Counted(DuckDBStore):
    reads = 0  # of samples

    def history(
        self, line: str, start: datetime, end: datetime, known_at: datetime | None = None
    ) -> LineHistory:
        self.reads += 1
        return super().history(line, start, end, known_at)


def told(folder: Path, wrong: set[int]) -> Counted:
    """Three hours of a counter, with a zero in some minutes."""
    store = Counted(folder / "telemetry.duckdb")
    rows = [
        {"time": START + minute * MINUTE, "value": 0.0 if minute in wrong else 900.0 + 20 * minute}
        for minute in range(0, 175, 5)
    ]
    rows.append({"time": START, "signal": "state", "value": 1.0, "text": "producing"})
    where = {"line": "l1", "machine": "m"}
    known = spans((START, START + 3 * HOUR), **where)
    store.append([batch(1, samples(*rows, **where), known)])
    return store


@pytest.mark.parametrize(
    ("wrong", "reads", "minutes"),
    [
        (set(), 0, []),
        ({20}, 1, [20]),
        ({20, 45, 90}, 2, [20, 45, 90]),
        ({150}, 0, [150]),
        ({90, 130, 155}, 1, [90, 130, 155]),
    ],
)
def test_of_a_closed_slice_with_wrong_readings_samples_are_read_once(
    tmp_path: Path, wrong: set[int], reads: int, minutes: list[int]
) -> None:
    store = told(tmp_path, wrong)
    now, opened_at = START + 3 * HOUR, START + 2 * HOUR
    closed = line_facts(PLANT, "l1", line_history(store, "l1", START, opened_at), START, opened_at)
    history = line_history(store, "l1", opened_at, now)
    opened = FactsWindow(PLANT, "l1", history, opened_at, now, now)
    of_now = line_facts(PLANT, "l1", history, opened_at, now)
    board, store.reads = RefusedOnBoard(store), 0
    first = START + min(minutes, default=0) * MINUTE
    expected = (RefusedLately("m", "total_count", False, len(minutes), first),) if minutes else ()
    for _ in range(3):
        assert board.lately(closed, "a", opened, of_now) == expected
    assert store.reads == reads
    assert board.lately(closed, "b", opened, of_now) == expected
    assert store.reads == 2 * reads, "something of the line changed"
    store.close()
