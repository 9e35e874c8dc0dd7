"""Facts do not depend on when, in which batches or in which order samples came."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from arriving import (
    PACKML_PLANT,
    PLANT,
    START,
    Item,
    Plants,
    items,
    store_items,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analytics.facts.line_digest import line_digest
from collector.facts.keeper import FactsKeeper
from domain.frames import REASON_LOST
from domain.plant import Plant
from domain.samples import Quality
from domain.states import MachineState
from store.history import affected_windows
from store.telemetry.duckdb.store import DuckDBStore

# Neighbours are read one by one after a long import, and at once in a live line.
AT_ONCE = [timedelta(0), timedelta(days=30)]


def far_future() -> datetime:
    return datetime(2030, 1, 1, tzinfo=UTC)


def facts_of(store: DuckDBStore, plant: Plant = PLANT) -> pl.DataFrame:
    extent = store.extent("l")
    assert extent is not None
    week = timedelta(days=7)
    return store.facts("l", line_digest(plant, "l"), extent.start - week, extent.end + week)


@pytest.fixture(params=AT_ONCE, ids=["one by one", "at once"])
def _neighbours_read(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(affected_windows, "READ_AT_ONCE", request.param)
        yield


@dataclass(frozen=True)
class Arrival:
    """An item that arrives; `refresh`: facts are made after it; `anew`: the process restarts."""

    item: Item
    refresh: bool
    anew: bool


arrivals = st.lists(
    st.builds(Arrival, items, st.booleans(), st.sampled_from([False] * 5 + [True])),
    min_size=2,
    max_size=9,
)


# What fails is not shrunk: every try opens two databases.
@settings(
    max_examples=18,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    arrivals,
    st.sampled_from([PLANT, PACKML_PLANT]),
    st.sampled_from(AT_ONCE),
    st.sampled_from([13, 31 * 24]),
    st.randoms(use_true_random=False),
)
def test_refreshing_in_between_gives_the_same_facts_to_the_last_bit(
    given_arrivals: list[Arrival],
    plant: Plant,
    at_once: timedelta,
    piece_hours: int,
    chance: random.Random,
) -> None:
    """thingsboard#1769, #4207: what comes late, out of order, in other batches or twice changes
    nothing but the time at which it is known; nor does it matter how much history is loaded at
    a time."""
    items = [arrival.item for arrival in given_arrivals]
    again = chance.sample(items, chance.randrange(len(items)))
    shuffled = chance.sample(items + again, len(items) + len(again))
    cut = chance.randrange(len(shuffled))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(affected_windows, "READ_AT_ONCE", at_once)
        once = DuckDBStore(Path(folder) / "once.duckdb")
        for part in (shuffled[:cut], shuffled[cut:]):
            store_items(once, part)
        FactsKeeper(once, Plants(plant), far_future).refresh()
        often = DuckDBStore(Path(folder) / "often.duckdb")
        patch.setattr("collector.facts.keeper.PIECE", timedelta(hours=piece_hours))
        play(often, plant, given_arrivals)
        expected, found = facts_of(once, plant), facts_of(often, plant)
        once.close()
        often.close()
    assert found.equals(expected), _first_difference(found, expected)


def play(store: DuckDBStore, plant: Plant, given_arrivals: list[Arrival]) -> None:
    keeper = FactsKeeper(store, Plants(plant), far_future)
    for arrival in given_arrivals:
        store_items(store, [arrival.item])
        if arrival.refresh:
            keeper.refresh()
        if arrival.anew:
            keeper = FactsKeeper(store, Plants(plant), far_future)
    keeper.refresh()


def test_a_count_that_comes_for_the_first_time_may_change_all_that_was_before() -> None:
    """Good items followed from all and rejected ones; then the machine counts them itself."""
    hours = [START + timedelta(hours=hour) for hour in range(0, 60, 6)]

    def counts(signal: str, start: int, step: float) -> Item:
        return tuple(("a", signal, at, n * step, None, 0) for n, at in enumerate(hours[start:])), ()

    first = [counts("total_count", 0, 10.0), counts("reject_count", 0, 1.0)]
    late = counts("good_count", 8, 5.0)
    running: Item = (
        (("a", "state", hours[0], 1.0, "producing", 0),),
        (("a", hours[0], hours[-1]),),
    )
    with tempfile.TemporaryDirectory() as folder:
        once, often = (DuckDBStore(Path(folder) / name) for name in ("once", "often"))
        store_items(once, [running, *first, late])
        FactsKeeper(once, Plants(PACKML_PLANT), far_future).refresh()
        keeper = FactsKeeper(often, Plants(PACKML_PLANT), far_future)
        store_items(often, [running, *first])
        keeper.refresh()
        assert facts_of(often, PACKML_PLANT)["good_count"].sum() == pytest.approx(81)
        store_items(often, [late])
        keeper.refresh()
        assert facts_of(often, PACKML_PLANT)["good_count"].sum() == pytest.approx(5)
        assert facts_of(often, PACKML_PLANT).equals(facts_of(once, PACKML_PLANT))
        once.close()
        often.close()


def test_a_late_state_moves_items_that_follow_by_difference() -> None:
    """The rejected items of the good count's machine are shared out by the line's states too,
    though that machine has no role of its own for them."""

    def count(signal: str, hour: int, value: float) -> Item:
        return (("b", signal, START + timedelta(hours=hour), value, None, 0),), ()

    known: Item = ((), (("a", START + timedelta(hours=31), START + timedelta(hours=64)),))
    late: Item = ((("a", "state", START + timedelta(hours=26), 8.0, "maintenance", 0),), ())
    arriving = [
        count("reject_count", 21, 0.1),
        count("reject_count", 41, 7.7),
        count("total_count", 69, 1000.0),
        known,
        late,
    ]
    with tempfile.TemporaryDirectory() as folder:
        once, often = (DuckDBStore(Path(folder) / name) for name in ("once", "often"))
        store_items(once, arriving)
        FactsKeeper(once, Plants(), far_future).refresh()
        play(often, PLANT, [Arrival(item, refresh=True, anew=False) for item in arriving])
        found, expected = facts_of(often), facts_of(once)
        once.close()
        often.close()
    assert found.equals(expected), _first_difference(found, expected)


def a_state(hour: int, second: float, state: MachineState) -> Item:
    at = START + timedelta(hours=hour, seconds=second)
    return (("a", "state", at, float(state.code), state.value, 0),), ()


MANY_COUNTS = [
    *((9.0 + at / 100, 80.0) for at in range(20)),
    *((10.0 + at / 100, 81.0) for at in range(20)),
]


def a_count(hours: float, count: float) -> Item:
    return ((("a", "total_count", START + timedelta(hours=hours), count, None, 0),), ())


def same_bits_when_late(
    known: list[Item], late: Item, plant: Plant = PLANT
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Facts before and after the late item came, which are those of all that came at once."""
    with tempfile.TemporaryDirectory() as folder:
        once, often = (DuckDBStore(Path(folder) / name) for name in ("once", "often"))
        store_items(once, [*known, late])
        FactsKeeper(once, Plants(plant), far_future).refresh()
        keeper = FactsKeeper(often, Plants(plant), far_future)
        store_items(often, known)
        keeper.refresh()
        before = facts_of(often, plant)
        store_items(often, [late])
        keeper.refresh()
        found, expected = facts_of(often, plant), facts_of(once, plant)
        once.close()
        often.close()
    assert found.equals(expected), _first_difference(found, expected)
    return before, found


@pytest.mark.usefixtures("_neighbours_read")
def test_late_unknown_time_cuts_off_a_stop_of_the_hour_before_over_chatter() -> None:
    """The stop lasts from 30 s before the hour to 30 s behind it, and chatter for 59 s more."""
    line = replace(PLANT.lines["l"], chatter_s=60.0, minor_stop_s=300.0)
    reason: Item = ((("a", "stop_reason", START + timedelta(hours=9), None, "x", 0),), ())
    known = [
        a_state(9, 0, MachineState.STOPPED),
        reason,
        a_state(9, 600, MachineState.PRODUCING),
        a_state(10, -30, MachineState.STOPPED),
        a_state(10, 30, MachineState.PRODUCING),
        ((), (("a", START + timedelta(hours=9), START + timedelta(hours=11)),)),
    ]
    at = START + timedelta(hours=10, seconds=89)
    unusable: Item = ((("a", "state", at, None, None, int(Quality.BAD)),), ())
    before, after = same_bits_when_late(known, unusable, replace(PLANT, lines={"l": line}))
    assert REASON_LOST not in before["reason_kind"].to_list()
    lost = after.filter(reason_kind=REASON_LOST)
    assert lost["stopped_us"].to_list() == [30_000_000, 30_000_000]


@pytest.mark.usefixtures("_neighbours_read")
def test_a_late_count_says_that_a_reason_went_on_in_the_hours_behind_unknown_time() -> None:
    """One more item was counted an hour after the gap; late it is told that none was made in it."""
    reason: Item = ((("a", "stop_reason", START + timedelta(hours=9.2), None, "x", 0),), ())
    counts = [a_count(hours, count) for hours, count in MANY_COUNTS]
    gap = (9.3, 9.5)
    known = [
        a_state(9, 0, MachineState.STOPPED),
        reason,
        *counts,
        ((), (("a", START + timedelta(hours=9), START + timedelta(hours=gap[0])),)),
        ((), (("a", START + timedelta(hours=gap[1]), START + timedelta(hours=16)),)),
    ]
    before, after = same_bits_when_late(known, a_count(9.6, 80.0))
    assert REASON_LOST in before["reason_kind"].to_list()
    assert REASON_LOST not in after["reason_kind"].to_list()


@pytest.mark.usefixtures("_neighbours_read")
def test_how_a_counter_stood_before_a_reason_is_read_for_the_hours_behind_it() -> None:
    """Many counts lie between, and the one just before the reason cannot be used."""
    reason: Item = ((("a", "stop_reason", START + timedelta(hours=9.2), None, "x", 0),), ())
    unusable = ("a", "total_count", START + timedelta(hours=9.1), None, None, int(Quality.BAD))
    known = [
        a_count(9.0, 80.0),
        a_state(9, 0, MachineState.STOPPED),
        ((unusable,), ()),
        reason,
        *(a_count(9.6 + it / 100, 80.0) for it in range(30)),
        ((), (("a", START + timedelta(hours=9), START + timedelta(hours=9.3)),)),
        ((), (("a", START + timedelta(hours=9.5), START + timedelta(hours=16)),)),
    ]
    _, after = same_bits_when_late(known, a_state(12, 0, MachineState.FAULT))
    assert REASON_LOST not in after["reason_kind"].to_list()
    assert after.filter(pl.col("reason_kind").is_not_null())["fault_us"].sum() > 0


@pytest.mark.usefixtures("_neighbours_read")
def test_a_late_production_ends_the_reason_of_the_hours_behind_it() -> None:
    """It holds for five minutes; the reason that it ends would have held for hours."""
    reason: Item = ((("a", "stop_reason", START + timedelta(hours=9.2), None, "x", 0),), ())
    known = [
        a_state(9, 0, MachineState.STOPPED),
        reason,
        a_state(9, 1500, MachineState.STOPPED),
        ((), (("a", START + timedelta(hours=9), START + timedelta(hours=16)),)),
    ]
    before, after = same_bits_when_late(known, a_state(9, 1200, MachineState.PRODUCING))
    later = pl.col("start") >= START + timedelta(hours=10)
    assert before.filter(later)["reason_kind"].unique().to_list() == ["breakdown"]
    assert after.filter(later)["reason_kind"].unique().to_list() == [None]


@pytest.mark.usefixtures("_neighbours_read")
def test_a_late_stop_joins_the_one_behind_it_in_the_next_hour() -> None:
    """Six tenths of a second of production lie between them, and the hour's border."""
    known = [
        a_state(9, 0, MachineState.PRODUCING),
        a_state(9, 3599.5, MachineState.PRODUCING),
        a_state(10, 0.1, MachineState.STOPPED),
        ((), (("a", START + timedelta(hours=9), START + timedelta(hours=12)),)),
    ]
    before, after = same_bits_when_late(known, a_state(9, 3599.2, MachineState.STOPPED))
    assert before["stops"].to_list() == [0, 1, 0, 0]
    assert after["stops"].to_list() == [1, 0, 0, 0]


@pytest.mark.usefixtures("_neighbours_read")
@pytest.mark.parametrize(("late", "changed"), [(10, 8), (8, 10)], ids=["behind", "ahead"])
def test_a_count_that_comes_late_shows_that_the_one_beside_it_is_out_of_line(
    late: int, changed: int
) -> None:
    """So the increment on the spike's other side is another one, an hour away."""

    def count(hour: int) -> Item:
        value = {8: 100.0, 9: 1e6, 10: 300.0}[hour]
        return (("a", "total_count", START + timedelta(hours=hour + 0.5), value, None, 0),), ()

    known = [
        a_state(7, 0, MachineState.PRODUCING),
        ((), (("a", START + timedelta(hours=7), START + timedelta(hours=12)),)),
        *(count(hour) for hour in (8, 9, 10) if hour != late),
    ]
    before, after = same_bits_when_late(known, count(late))
    hour = pl.col("start") == START + timedelta(hours=changed)
    counts = ["total_count", "total_count_implausible"]
    assert not before.filter(hour)[counts].equals(after.filter(hour)[counts])
    assert after["total_count"].sum() == pytest.approx(200)


@pytest.mark.usefixtures("_neighbours_read")
def test_a_late_count_says_how_long_a_counter_may_be_silent_behind_its_last_one() -> None:
    """Told at 0 h and 8 h, as far as is known, it may be silent for 16 h; told at 6 h too, for 4 h.
    In hours that end later nobody knows what was made."""

    def count(hour: int) -> Item:
        return (("a", "total_count", START + timedelta(hours=hour), 10.0 * hour, None, 0),), ()

    known = [
        a_state(0, 0, MachineState.PRODUCING),
        a_state(48, 0, MachineState.PRODUCING),
        ((), (("a", START, START + timedelta(hours=49)),)),
        count(0),
        count(8),
    ]
    before, after = same_bits_when_late(known, count(6))
    first, second = (it["total_count"].is_not_null().sum() for it in (before, after))
    assert first - second == 16 - 4


def _first_difference(found: pl.DataFrame, expected: pl.DataFrame) -> str:
    keys = ["start", "mode", "order", "product"]
    both = found.join(expected, on=keys, how="full", nulls_equal=True, suffix="_expected")
    for row in both.iter_rows(named=True):
        for name in expected.columns:
            if name not in keys and row[name] != row[f"{name}_expected"]:
                return f"{row['start']} {name}: {row[name]} instead of {row[f'{name}_expected']}"
    return "other rows"
