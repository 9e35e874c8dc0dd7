"""What a store knew at an earlier time: nothing else than one that got only those batches. Held
against every implementation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from telemetry import at, batch, samples, spans

from domain.frames import LineHistory
from store.history.line_history import line_history
from store.telemetry.as_known import KnownTelemetry
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.protocol import BatchContent, BatchRecord, TelemetryReader, TelemetryStore

LINE = "filler-1"
RECEIVED = 86_400  # second of the test day from which batches come
Batch = tuple[BatchRecord, BatchContent]


def assert_same(one: LineHistory, other: LineHistory) -> None:
    assert_frame_equal(one.samples, other.samples)
    assert_frame_equal(one.spans, other.spans)
    assert (one.start, one.end) == (other.start, other.end)


def test_a_late_batch_is_not_known_before_it_came(store: TelemetryStore) -> None:
    store.append([batch(1, samples({"time": at(10), "value": 1.0}), spans((at(0), at(60))))])
    late = samples({"time": at(10), "value": 9.0}, {"time": at(20), "value": 10.0})
    store.append([batch(2, late, spans((at(60), at(120))))])
    then = store.history(LINE, at(0), at(100), known_at=at(86_400, us=1))
    assert then.samples["value"].to_list() == [1.0]
    assert then.spans["end"].to_list() == [at(60)]
    now = store.history(LINE, at(0), at(100), known_at=at(86_400, us=2))
    assert now.samples["value"].to_list() == [1.0, 9.0, 10.0]
    assert_same(now, store.history(LINE, at(0), at(100)))
    before = store.history(LINE, at(0), at(100), known_at=at(86_400))
    assert before.samples.is_empty()
    assert before.spans.is_empty()


def test_neighbours_are_found_however_far_and_whatever_lies_nearer_unknown(
    store: TelemetryStore,
) -> None:
    day = 86_400
    far = samples(
        {"time": at(0), "value": 1.0},
        {"time": at(0), "value": 2.0},  # contradicts: both stay
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
        ("total_count", at(0), 1.0),
        ("total_count", at(0), 2.0),
        ("total_count", at(300 * day), 4.0),
    ]


def test_stored_facts_and_marks_are_not_of_the_past(store: TelemetryStore) -> None:
    store.append([batch(1, samples({"time": at(10), "value": 1.0}))])
    view = KnownTelemetry(store, at(86_400, us=1))
    assert store.dirty(LINE)
    assert view.dirty(LINE) == []
    assert view.facts(LINE, "s", at(0), at(100)).is_empty()
    assert len(view.batches()) == 1, "the ledger is the store's own"


def test_a_view_of_the_past_has_nothing_that_writes(store: TelemetryStore) -> None:
    view = KnownTelemetry(store, at(86_400))
    questions = {name for name in vars(TelemetryReader) if not name.startswith("_")}
    assert {name for name in dir(view) if not name.startswith("_")} == questions


def came(number: int, us: int, *content: pl.DataFrame, agent: str = "agent-1") -> Batch:
    """A batch that was received so many microseconds after the first possible one."""
    record, decoded = batch(number, *content, agent=agent)
    return replace(record, received=at(RECEIVED, us=us)), decoded


def known_values(store: TelemetryStore, us: int) -> list[float]:
    history = store.history(LINE, at(0), at(200), known_at=at(RECEIVED, us=us))
    return history.samples["value"].to_list()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "the later one first"])
def test_a_sample_counts_from_the_first_batch_that_brought_it(
    store: TelemetryStore, order: tuple[int, int]
) -> None:
    """Whichever is stored first: a rebuild stores the batches agent by agent."""
    first = came(1, 10, samples({"time": at(10), "value": 1.0}, {"time": at(30), "value": 3.0}))
    again = samples(*({"time": at(10 * n), "value": float(n)} for n in range(1, 5)))
    second = came(1, 20, again, agent="import")
    for index in order:
        store.append([(first, second)[index]])
    assert known_values(store, 9) == []
    assert known_values(store, 10) == known_values(store, 19) == [1.0, 3.0]
    assert known_values(store, 20) == [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize("days", [0, 2], ids=["a short one", "one longer than a day"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "the later one first"])
def test_a_span_counts_from_the_first_batch_that_brought_it(
    store: TelemetryStore, order: tuple[int, int], days: int
) -> None:
    end = at(60 + days * 86_400)
    first = came(1, 10, samples(), spans((at(0), end)))
    both = spans((at(0), end), (end, end + timedelta(seconds=30)))
    second = came(1, 20, samples(), both, agent="import")
    for index in order:
        store.append([(first, second)[index]])
    then = store.history(LINE, at(0), at(100), known_at=at(RECEIVED, us=10))
    assert then.spans.rows() == [("filler", at(0), end)]
    assert store.history(LINE, at(0), at(1), known_at=at(RECEIVED, us=9)).spans.is_empty()


def test_a_repeat_of_a_batch_does_not_make_it_later(store: TelemetryStore) -> None:
    content = samples({"time": at(10), "value": 1.0})
    assert store.append([came(1, 10, content), came(1, 15, content)]) == [True, False]
    assert store.append([came(1, 20, content)]) == [False]
    assert known_values(store, 10) == [1.0]


def test_a_contradiction_is_there_once_it_was_known(store: TelemetryStore) -> None:
    store.append([came(1, 10, samples({"time": at(10), "value": 1.0}))])
    store.append([came(2, 20, samples({"time": at(10), "value": 9.0}))])
    assert known_values(store, 10) == [1.0]
    assert known_values(store, 20) == [1.0, 9.0]


def test_a_line_knows_nothing_of_what_came_to_another(store: TelemetryStore) -> None:
    one = {"time": at(10), "value": 1.0}
    store.append([came(1, 10, samples(one, line="other").vstack(samples(one, machine="meter")))])
    store.append([came(2, 20, samples(one))])
    then = store.history(LINE, at(0), at(60), known_at=at(RECEIVED, us=10))
    assert then.samples["machine"].to_list() == ["meter"]


SIGNALS = ("total_count", "state", "energy")
rows = st.fixed_dictionaries(
    {
        "time": st.integers(0, 9).map(lambda it: at(10 * it)),
        "signal": st.sampled_from(SIGNALS),
        "value": st.sampled_from([None, 0.0, 1.0, 5.0]),
        "text": st.sampled_from([None, None, "a"]),
        "quality": st.sampled_from([0, 0, 2]),
    }
)
stretches = st.tuples(st.integers(0, 9), st.sampled_from([5, 30, 200_000])).map(
    lambda it: (at(10 * it[0]), at(10 * it[0] + it[1]))
)
# Rows, spans, when it came, and by which agent: several may come at once, and in any order.
made_batches = st.tuples(
    st.lists(rows, max_size=8),
    st.lists(stretches, max_size=2),
    st.integers(1, 6),
    st.sampled_from(["agent-1", "agent-2"]),
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    made=st.lists(made_batches, min_size=2, max_size=6),
    asked=st.tuples(st.integers(0, 90), st.integers(1, 40)),
    shuffled=st.randoms(use_true_random=False),
    known=st.integers(0, 7),
)
def test_a_view_is_what_a_store_with_only_those_batches_says(
    fresh_store: Callable[[], TelemetryStore],
    tmp_path_factory: pytest.TempPathFactory,
    made: list[tuple[Any, ...]],
    asked: tuple[int, int],
    shuffled: Random,
    known: int,
) -> None:
    batches = [
        came(number, us, samples(*rows), spans(*told), agent=agent)
        for number, (rows, told, us, agent) in enumerate(made, 1)
    ]
    whole = fresh_store()
    late = [came(number, 7, samples(*made[0][0])) for number in (101, 102)]  # brings nothing new
    arriving = [*batches, *late, *batches[:2]]
    shuffled.shuffle(arriving)
    while arriving:  # some in one commit, some in several
        count = shuffled.randint(1, 3)
        whole.append(arriving[:count])
        arriving = arriving[count:]
    part = only(batches, known, tmp_path_factory.mktemp("part"))
    try:
        assert_a_view(KnownTelemetry(whole, at(RECEIVED, us=known)), part, asked)
    finally:
        part.close()


def only(batches: list[Batch], known: int, folder: Path) -> DuckDBStore:
    """A store that got nothing but what had come by then."""
    store = DuckDBStore(folder / "part.duckdb", memory_limit="100MB")
    limit = at(RECEIVED, us=known)
    store.append([it for it in batches if it[0].received <= limit])
    return store


def assert_a_view(view: KnownTelemetry, part: DuckDBStore, asked: tuple[int, int]) -> None:
    start = at(asked[0])
    end = start + timedelta(seconds=asked[1])
    assert_same(view.history(LINE, start, end), part.history(LINE, start, end))
    assert_same(line_history(view, LINE, start, end), line_history(part, LINE, start, end))
    assert_frame_equal(view.latest(LINE), part.latest(LINE))
    assert view.last_span_end(LINE) == part.last_span_end(LINE)
    for signal in SIGNALS:
        around = (LINE, "filler", signal, start, end)
        assert view.neighbours(*around) == part.neighbours(*around)
        assert_frame_equal(view.said(*around), part.said(*around))
