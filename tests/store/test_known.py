"""What a store knew at an earlier time: nothing else than one that got only those batches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from influx import InfluxServer
from polars.testing import assert_frame_equal
from telemetry import at, batch, samples, spans

from domain.errors import StorageError
from domain.frames import LineHistory
from store.duckdb_store import DuckDBStore
from store.influx_store import InfluxStore
from store.known import KnownTelemetry
from store.protocol import BatchContent, BatchRecord
from store.reading import line_history

LINE = "filler-1"
Batch = tuple[BatchRecord, BatchContent]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckDBStore]:
    opened = DuckDBStore(tmp_path / "all.duckdb", memory_limit="100MB")
    yield opened
    opened.close()


def assert_same(one: LineHistory, other: LineHistory) -> None:
    assert_frame_equal(one.samples, other.samples)
    assert_frame_equal(one.spans, other.spans)
    assert (one.start, one.end) == (other.start, other.end)


def test_a_late_batch_is_not_known_before_it_came(store: DuckDBStore) -> None:
    store.append([batch(1, samples({"time": at(10), "value": 1.0}), spans((at(0), at(60))))])
    late = samples({"time": at(10), "value": 9.0}, {"time": at(20), "value": 10.0})
    store.append([batch(2, late, spans((at(60), at(120))))])
    then = store.history(LINE, at(0), at(100), known_at=at(86_400, us=1))
    assert then.samples["value"].to_list() == [1.0]
    assert then.spans["end"].to_list() == [at(60)]
    now = store.history(LINE, at(0), at(100), known_at=at(86_400, us=2))
    assert now.samples["value"].to_list() == [9.0, 10.0]
    assert_same(now, store.history(LINE, at(0), at(100)))
    before = store.history(LINE, at(0), at(100), known_at=at(86_400))
    assert before.samples.is_empty()
    assert before.spans.is_empty()


def test_neighbours_are_found_however_far_and_whatever_lies_nearer_unknown(
    store: DuckDBStore,
) -> None:
    day = 86_400
    far = samples(
        {"time": at(0), "value": 1.0},
        {"time": at(0), "value": 2.0},  # contradicts: the larger value stands
        {"time": at(5 * day), "signal": "energy", "value": 3.0},
        {"time": at(300 * day), "value": 4.0},
        {"time": at(101 * day), "signal": "energy", "value": 5.0},
    )
    near = samples(
        {"time": at(100 * day - 1), "value": 8.0},
        {"time": at(100 * day + 70), "signal": "energy", "value": 9.0},
    )
    store.append([batch(1, far), batch(2, near)])
    known = store.history(LINE, at(100 * day), at(100 * day + 60), known_at=at(86_400, us=1))
    found = known.samples.select("signal", "time", "value").rows()
    assert found == [
        ("energy", at(5 * day), 3.0),
        ("energy", at(101 * day), 5.0),
        ("total_count", at(0), 2.0),
        ("total_count", at(300 * day), 4.0),
    ]


def test_stored_facts_and_marks_are_not_of_the_past(store: DuckDBStore) -> None:
    store.append([batch(1, samples({"time": at(10), "value": 1.0}))])
    view = KnownTelemetry(store, at(86_400, us=1))
    assert store.dirty(LINE)
    assert view.dirty(LINE) == []
    assert view.facts(LINE, "s", at(0), at(100)).is_empty()
    assert len(view.batches()) == 1, "the ledger is the store's own"
    with pytest.raises(TypeError, match="takes no writes"):
        view.append([])


def test_influxdb_says_that_it_cannot_tell(influx: InfluxServer) -> None:
    store = InfluxStore(influx.url, influx.org, influx.new_bucket(), influx.token)
    store.append([batch(1, samples({"time": at(10), "value": 1.0}))])
    view = KnownTelemetry(store, at(86_400, us=1))
    with pytest.raises(StorageError, match=r"cannot tell what was known .* 'lineproof rebuild'"):
        view.history(LINE, at(0), at(60))
    store.close()


rows = st.builds(
    lambda second, signal, value, quality: {
        "time": at(second),
        "signal": signal,
        "value": value,
        "quality": quality,
    },
    st.integers(0, 90),
    st.sampled_from(["total_count", "state", "energy"]),
    st.sampled_from([None, 0.0, 1.0, 5.0]),
    st.sampled_from([0, 0, 2]),
)
stretches = st.tuples(st.integers(0, 90), st.integers(1, 30)).map(
    lambda it: (at(it[0]), at(it[0] + it[1]))
)
contents = st.tuples(st.lists(rows, max_size=6), st.lists(stretches, max_size=2))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    made=st.lists(contents, min_size=2, max_size=5),
    asked=st.tuples(st.integers(0, 90), st.integers(1, 40)),
    known=st.integers(0, 5),
)
def test_a_view_is_what_a_store_with_only_those_batches_says(
    tmp_path_factory: pytest.TempPathFactory,
    made: list[tuple[list[dict[str, object]], list[tuple[datetime, datetime]]]],
    asked: tuple[int, int],
    known: int,
) -> None:
    folder = tmp_path_factory.mktemp("known")
    batches: list[Batch] = [
        batch(number, samples(*rows) if rows else None, spans(*told) if told else None)
        for number, (rows, told) in enumerate(made, 1)
    ]
    whole = DuckDBStore(folder / "whole.duckdb", memory_limit="100MB")
    part = DuckDBStore(folder / "part.duckdb", memory_limit="100MB")
    try:
        whole.append(batches)
        part.append(batches[:known])
        view = KnownTelemetry(whole, at(86_400, us=known))
        start = at(asked[0])
        end = start + timedelta(seconds=asked[1])
        assert_same(view.history(LINE, start, end), part.history(LINE, start, end))
        assert_same(line_history(view, LINE, start, end), line_history(part, LINE, start, end))
        assert_frame_equal(view.latest(LINE), part.latest(LINE))
        assert view.last_span_end(LINE) == part.last_span_end(LINE)
        for signal in ("total_count", "state", "energy"):
            assert view.neighbours(LINE, "filler", signal, start, end) == part.neighbours(
                LINE, "filler", signal, start, end
            )
    finally:
        whole.close()
        part.close()
