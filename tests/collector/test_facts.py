"""Facts do not depend on when, in which batches or in which order samples came."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.facts import line_digest
from collector.facts import FactsKeeper
from domain.frames import REJECTIONS, SAMPLES, SPANS
from domain.plant import Break, Calendar, Line, Machine, Plant, Product, Shift
from domain.signals import SignalKind, signal_named
from domain.states import MachineMode, MachineState
from store import reach
from store.duckdb_store import DuckDBStore
from store.protocol import BatchContent, BatchRecord

START = datetime(2026, 3, 1, 16, tzinfo=UTC)  # midnight in Hong Kong
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
NUMBERS = itertools.count(1)
LINE = Line(
    id="l",
    name={"en": "Line"},
    machines={"a": Machine("a", "import"), "b": Machine("b", "import")},
    roles={
        "state": "a",
        "total_count": "a",
        "good_count": "b",
        "product": "a",
        "energy": "b",
    },
    calendar=Calendar(
        "two",
        (
            Shift("A", frozenset(range(6)), time(7), time(15), (Break(time(11), time(11, 30)),)),
            Shift("N", frozenset({0, 1, 2}), time(22), time(6)),
        ),
        holidays=frozenset({date(2026, 3, 4)}),
    ),
    ideal_cycle_time_s=1.0,
)
PLANT = Plant(
    "p",
    ZoneInfo("Asia/Hong_Kong"),
    {"en": "P"},
    "1",
    {"x": Product("x", {"en": "X"}, 0.5), "y": Product("y", {"en": "Y"}, 0.3)},
    {"l": LINE},
)


@dataclass
class Plants:
    """A registry's answer: here the plants are given, not read."""

    now: Plant = PLANT

    def plants(self) -> list[Plant]:
        return [self.now]


Row = tuple[str, str, datetime, float | None, str | None, int]
Stretch = tuple[str, datetime, datetime]
Item = tuple[tuple[Row, ...], tuple[Stretch, ...]]


def store_items(store: DuckDBStore, items: list[Item]) -> None:
    rows = [row for item in items for row in item[0]]
    samples = pl.DataFrame(
        [
            ("l", m, s, at, at, value, text, quality, None)
            for m, s, at, value, text, quality in rows
        ],
        schema=SAMPLES,
        orient="row",
    )
    stretches = [("l", *stretch) for item in items for stretch in item[1]]
    spans = pl.DataFrame(stretches, schema=SPANS, orient="row")
    number = next(NUMBERS)
    record = BatchRecord("t", number, f"{number:064}", len(rows), 0, None, None, START)
    store.append([(record, BatchContent(samples, spans, REJECTIONS.to_frame()))])


def far_future() -> datetime:
    return datetime(2030, 1, 1, tzinfo=UTC)


def facts_of(store: DuckDBStore, plant: Plant = PLANT) -> pl.DataFrame:
    extent = store.extent("l")
    assert extent is not None
    week = timedelta(days=7)
    return store.facts("l", line_digest(plant, "l"), extent.start - week, extent.end + week)


# Times cluster on full hours, where slices meet.
instants = st.builds(
    lambda hour, second, us: START + timedelta(hours=hour, seconds=second, microseconds=us),
    st.integers(0, 80),
    st.sampled_from([0, 0, 1, 1799, 1800, 3599]),
    st.sampled_from([0, 0, 1]),
)
qualities = st.sampled_from([0, 0, 0, 1, 2])


@st.composite
def rows(draw: st.DrawFn) -> Row:
    signal = draw(
        st.sampled_from(
            ["state"] * 4
            + ["total_count", "good_count"] * 3
            + ["product", "mode", "energy", "speed"]
        )
    )
    machine = draw(st.sampled_from("ab"))
    at, quality = draw(instants), draw(qualities)
    kind = signal_named(signal).kind
    if kind is SignalKind.STATE:
        name = draw(st.sampled_from(list(MachineState if signal == "state" else MachineMode)))
        return machine, signal, at, float(name.code), name.value, quality
    if kind is SignalKind.TEXT:
        return machine, signal, at, None, draw(st.sampled_from("xyz")), quality
    value = draw(st.sampled_from([0.1, 0.3, 3.0, 7.7, 1e3, 1e6 / 3]))
    return machine, signal, at, value, None, quality


@st.composite
def stretches(draw: st.DrawFn) -> Stretch:
    start, length = draw(instants), draw(st.integers(1, 40 * 3600))
    return draw(st.sampled_from("aab")), start, start + timedelta(seconds=length)


items = st.one_of(
    st.tuples(st.lists(rows(), min_size=1, max_size=6).map(tuple), st.just(())),
    st.tuples(st.just(()), st.tuples(stretches())),
)


@pytest.fixture(params=[timedelta(0), timedelta(days=30)], ids=["one by one", "at once"])
def _neighbours_read(request: pytest.FixtureRequest) -> Iterator[None]:
    """As after a long import, and as in a live line."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reach, "READ_AT_ONCE", request.param)
        yield


@pytest.mark.usefixtures("_neighbours_read")
@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(st.lists(items, min_size=1, max_size=14), st.data())
def test_refreshing_in_between_gives_the_same_facts_to_the_last_bit(
    given_items: list[Item], data: st.DataObject
) -> None:
    """thingsboard#1769, #4207: what comes late or out of order changes nothing but the time
    at which it is known."""
    with tempfile.TemporaryDirectory() as folder:
        once = DuckDBStore(Path(folder) / "once.duckdb")
        store_items(once, given_items)
        FactsKeeper(once, Plants(), far_future).refresh()
        often = DuckDBStore(Path(folder) / "often.duckdb")
        keeper = FactsKeeper(often, Plants(), far_future)
        for item in data.draw(st.permutations(given_items)):
            store_items(often, [item])
            if data.draw(st.booleans()):
                keeper.refresh()
            if data.draw(st.integers(0, 5)) == 0:
                keeper = FactsKeeper(often, Plants(), far_future)  # the process began anew
        keeper.refresh()
        expected, found = facts_of(once), facts_of(often)
        once.close()
        often.close()
    assert found.equals(expected), _first_difference(found, expected)


def _first_difference(found: pl.DataFrame, expected: pl.DataFrame) -> str:
    keys = ["start", "mode", "order", "product"]
    both = found.join(expected, on=keys, how="full", nulls_equal=True, suffix="_expected")
    for row in both.iter_rows(named=True):
        for name in expected.columns:
            if name not in keys and row[name] != row[f"{name}_expected"]:
                return f"{row['start']} {name}: {row[name]} instead of {row[f'{name}_expected']}"
    return "other rows"
