"""A history that is continued is the one that a read of the whole would give."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import polars as pl
import pytest
from arriving import START, Item, Row, store_items
from polars.testing import assert_frame_equal

from domain.frames import LineHistory
from domain.states import MachineState
from domain.time import Window
from store.history.anchored import anchored, trimmed
from store.history.live_histories import LiveHistories, Wanted, continued
from store.telemetry.duckdb.store import DuckDBStore

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckDBStore]:
    opened = DuckDBStore(tmp_path / "t.duckdb", memory_limit="100MB")
    yield opened
    opened.close()


def wanted(store: DuckDBStore, minute: float, back: timedelta = HOUR) -> Wanted:
    now = START + minute * MINUTE
    extent = store.extent("l")
    end = max(now, extent.end if extent else now) + 5 * MINUTE
    return Wanted(Window(now - back, end), store.changes().get("l"))


def arriving(chance: Random, minute: float) -> Item:
    """A few samples, mostly of now; some late, doubled, contradicting or ahead of time."""
    rows: list[Row] = []
    for _ in range(chance.randrange(1, 4)):
        late = chance.choice([0, 0, 0, 0, 0.5, 4, 40, 90, -0.3, -7])
        at = START + (minute - late) * MINUTE
        machine, quality = chance.choice("ab"), chance.choice([0, 0, 0, 2])
        if chance.random() < 0.5:
            state = chance.choice(list(MachineState))
            rows.append((machine, "state", at, float(state.code), state.value, quality))
        else:
            signal = chance.choice(["total_count", "good_count"])
            rows.append((machine, signal, at, float(chance.randrange(9)), None, quality))
    end = START + minute * MINUTE
    span = (chance.choice("ab"), end - chance.choice([0.5, 3, 70]) * MINUTE, end)
    return tuple(rows), (span,) if chance.random() < 0.7 else ()


@pytest.mark.parametrize("seed", range(6))
def test_it_is_what_a_read_of_the_whole_gives(store: DuckDBStore, seed: int) -> None:
    chance = Random(seed)
    live = LiveHistories(store)
    minute = 200.0
    for _ in range(40):
        minute += chance.choice([0.1, 0.1, 1, 5, 40])
        for _ in range(chance.randrange(3)):
            store_items(store, [arriving(chance, minute)])
        asked = wanted(store, minute, chance.choice([1, 1, 1, 2]) * HOUR)
        found = live.read({"l": asked}).get("l")
        if store.extent("l") is None:
            continue
        assert found is not None
        window = asked.window
        assert found.start <= window.start
        assert found.end >= window.end
        whole = anchored(store, store.history("l", window.start, found.end))
        same = anchored(store, trimmed(found, window.start))
        assert_frame_equal(same.samples, whole.samples, check_exact=True)
        begun = pl.col("start").clip(lower_bound=window.start)
        assert_frame_equal(
            same.spans.with_columns(begun), whole.spans.with_columns(begun), check_exact=True
        )


def test_only_what_came_in_is_read(store: DuckDBStore, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = Random(1)
    store_items(store, [arriving(chance, minute) for minute in range(100, 200)])
    live = LiveHistories(store)
    live.read({"l": wanted(store, 200)})
    asked: list[Window] = []
    histories = store.histories

    def noted(lines: list[str], start: object, end: object, **rest: bool) -> list[LineHistory]:
        asked.append(Window(start, end))  # type: ignore[arg-type]  # as they are handed on
        return histories(lines, start, end, **rest)  # type: ignore[arg-type]  # likewise

    monkeypatch.setattr(store, "histories", noted)
    live.read({"l": wanted(store, 200.1)})
    assert asked == []
    row: Row = ("a", "total_count", START + 200.2 * MINUTE, 1.0, None, 0)
    store_items(store, [((row,), ())])
    found = live.read({"l": wanted(store, 200.3)})["l"]
    assert [window.start for window in asked] == [START + 200.2 * MINUTE]
    assert found.series("a", "total_count")["time"][-1] == START + 200.2 * MINUTE
    live.forget("l")
    live.read({"l": wanted(store, 200.3)})
    assert asked[-1].start == START + 200.3 * MINUTE - HOUR


def test_what_is_long_past_is_let_go(store: DuckDBStore) -> None:
    chance = Random(2)
    store_items(store, [arriving(chance, minute) for minute in range(100, 200)])
    live = LiveHistories(store)
    first = live.read({"l": wanted(store, 200)})["l"]
    store_items(store, [arriving(Random(3), 500)])
    later = live.read({"l": wanted(store, 500)})["l"]
    assert later.start > first.start
    assert later.samples["time"].min() is not None
    assert later.samples.height < first.samples.height


def test_what_is_read_may_reach_further_back_than_what_changed(store: DuckDBStore) -> None:
    """As where several lines are read together."""
    store_items(store, [arriving(Random(4), minute) for minute in range(100, 200)])
    since = START + 190 * MINUTE
    kept = store.history("l", START + HOUR, since + 5 * MINUTE)
    row: Row = ("a", "total_count", START + 200 * MINUTE, 1.0, None, 0)
    store_items(store, [((row,), (("a", since, START + 201 * MINUTE),))])
    newest = store.history("l", since - 30 * MINUTE, START + 4 * HOUR)
    whole = store.history("l", START + HOUR, START + 4 * HOUR)
    found = continued(kept, newest, since - 8 * MINUTE)
    assert_frame_equal(found.samples, whole.samples, check_exact=True)
    assert_frame_equal(found.spans, whole.spans, check_exact=True)
