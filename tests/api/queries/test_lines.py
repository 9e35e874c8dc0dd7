"""With a live board answers are the same, cost less, and each is as of one instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from polars.testing import assert_frame_equal
from web_plant import NOW, Clock, confirm, registry_of, store_of, tell

from api.queries.board import Board
from api.queries.board_keeper import BoardKeeper
from api.queries.kpis import KpiQuestion, kpi_rows
from api.queries.lines import Queries
from collector.facts.keeper import FactsKeeper
from domain.states import MachineState
from domain.time import Window
from store.telemetry.duckdb.store import DuckDBStore

LINE = "filler-1"
SECOND = timedelta(seconds=1)
STOPPED = MachineState.STOPPED


@dataclass
class Kept:
    """A plant with a live board, and the same without one."""

    plain: Queries
    queries: Queries
    keeper: BoardKeeper
    clock: Clock

    @property
    def store(self) -> DuckDBStore:
        return store_of(self.plain)


@pytest.fixture
def kept(own_plant: tuple[Queries, Clock]) -> Kept:
    plain, clock = own_plant
    board, registry, store = Board(), registry_of(plain), store_of(plain)
    keeper = BoardKeeper(store, registry.facts_basis, board, plain.now)
    keeper.refresh()
    return Kept(plain, Queries(store, registry, clock, board=board), keeper, clock)


@pytest.mark.parametrize("days", [0.2, 1, 3])
def test_facts_are_the_same_with_a_board(kept: Kept, days: float) -> None:
    now = kept.queries.at(LINE)
    window = Window(now - timedelta(days=days), now)
    found, expected = (it.present_facts(LINE, window) for it in (kept.queries, kept.plain))
    assert_frame_equal(found, expected, check_exact=True)


def test_what_is_over_is_read_once(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    now = kept.queries.at(LINE)
    question = KpiQuestion(LINE, Window(now - timedelta(days=3), now), "day")
    first = kpi_rows(kept.queries, [question])
    for name in ("facts", "facts_of_lines", "history", "histories", "neighbours"):
        monkeypatch.setattr(kept.store, name, None)
    assert kpi_rows(kept.queries, [question]) == first
    assert kpi_rows(kept.queries.still(), [question]) == first


def test_what_is_still_stays_as_of_its_instant(kept: Kept) -> None:
    still = kept.queries.still()
    before = still.at(LINE)
    tell(kept.plain, 1, (NOW + SECOND, MachineState.FAULT))
    confirm(kept.plain, 2, NOW + 9 * SECOND)
    kept.clock.now = NOW + 10 * SECOND
    kept.keeper.refresh()
    assert kept.queries.at(LINE) == before + 10 * SECOND
    assert still.at(LINE) == before
    assert still.line_now(LINE).present.state is MachineState.PRODUCING
    assert kept.queries.line_now(LINE).present.state is MachineState.FAULT


def test_without_a_board_there_is_nothing_to_hold_still(kept: Kept) -> None:
    assert kept.plain.still() is kept.plain


def test_facts_that_were_replaced_since_the_last_look_are_not_joined_to_older_ones(
    kept: Kept,
) -> None:
    """A late fault of 20 hours reaches into what the board has and into what lies before."""
    at = kept.queries.at(LINE)
    window = Window(at - timedelta(days=3), at)
    before = kept.plain.present_facts(LINE, window)
    late = (at - timedelta(hours=37), MachineState.FAULT), (at - timedelta(hours=17), STOPPED)
    tell(kept.plain, 1, *late)
    FactsKeeper(kept.store, registry_of(kept.plain).facts_basis, kept.plain.now).refresh()
    after = kept.plain.present_facts(LINE, window)
    assert not after.equals(before)
    for _ in range(2):
        found = kept.queries.present_facts(LINE, window)
        assert found.equals(after) or found.equals(before)
    kept.keeper.refresh()
    assert_frame_equal(kept.queries.present_facts(LINE, window), after, check_exact=True)
