"""Whose turn it is on a board that has no time for all: of events and others one group each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from arriving import LINE, NUMBERS, PLANT, START

from api.queries.board import Board, LineNow
from api.queries.board_keeper import BoardKeeper
from api.queries.board_turns import TOGETHER
from domain.corrections import Correction, CorrectionKind, LineCorrections
from domain.frames import REJECTIONS, SAMPLES, SPANS
from domain.plant import Plant
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.protocol import BatchContent, BatchRecord

SECOND = timedelta(seconds=1)
LINES = ("busy", "quiet", "seen")
BEFORE = tuple(f"line-{number:02}" for number in range(TOGETHER + 8))  # in the plant's file


def plant_of(*lines: str) -> Plant:
    return replace(PLANT, lines={it: replace(LINE, id=it) for it in lines})


@dataclass
class Said:
    """A registry's answers: what people said of each line."""

    plant: Plant
    version: int = 1
    of: dict[str, LineCorrections] = field(default_factory=dict)

    def plants(self) -> list[Plant]:
        return [self.plant]

    def corrected_lines(self) -> frozenset[str]:
        return frozenset(self.of)

    def line_corrections(self, line: str) -> LineCorrections:
        return self.of.get(line, LineCorrections())


class Site:
    """Lines that run, their machines heard until now; a board without time for all of them."""

    def __init__(self, store: DuckDBStore) -> None:
        self.store, self.lines = store, (*BEFORE, *LINES)
        self.now = START + timedelta(hours=9, minutes=20)  # within a shift, far from its borders
        self.said = Said(plant_of(*self.lines))
        self.board = Board()
        self.keeper = BoardKeeper(store, self.said, self.board, lambda: self.now, share=0.0)
        self.tell(self.lines, "state", 1.0, "producing")
        self.tell(self.lines, "total_count", 5.0)

    def tell(
        self, lines: Collection[str], signal: str, value: float | None, text: str | None = None
    ) -> None:
        """A sample of a machine of each as of now, until when both were heard."""
        rows = [(it, "a", signal, self.now, self.now, value, text, 0, None) for it in lines]
        heard = [
            (it, machine, self.now - 20 * SECOND, self.now) for it in lines for machine in "ab"
        ]
        content = BatchContent(
            pl.DataFrame(rows, schema=SAMPLES, orient="row"),
            pl.DataFrame(heard, schema=SPANS, orient="row"),
            REJECTIONS.to_frame(),
        )
        number = next(NUMBERS)
        record = BatchRecord("t", number, f"{number:064}", len(rows), 0, None, None, self.now)
        self.store.append([(record, content)])

    def all_count(self, value: float) -> None:
        self.now += 3 * SECOND
        self.tell(self.lines, "total_count", value)

    def entry(self, line: str) -> LineNow:
        found = self.board.line(line)
        assert found is not None
        return found

    def count(self, line: str) -> float | None:
        return self.entry(line).newest["a", "total_count"].value


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckDBStore]:
    opened = DuckDBStore(tmp_path / "t.duckdb")
    yield opened
    opened.close()


@pytest.fixture
def site(store: DuckDBStore) -> Site:
    made = Site(store)
    while made.keeper.refresh():
        pass
    return made


def test_counts_alone_wait_for_their_turn(site: Site) -> None:
    site.all_count(8.0)
    assert site.keeper.refresh() == TOGETHER
    assert [site.count(it) for it in LINES] == [5.0, 5.0, 5.0]
    assert site.entry("busy").at == site.now - 3 * SECOND, "it says of when it is"


def test_the_one_that_waits_longest_is_next_and_none_waits_for_ever(site: Site) -> None:
    site.all_count(8.0)
    site.keeper.refresh()
    site.all_count(9.0)
    site.keeper.refresh()
    assert [site.count(it) for it in LINES] == [9.0, 9.0, 9.0]


def test_a_line_that_somebody_looks_at_comes_first(site: Site) -> None:
    site.board.watch("seen")
    site.all_count(8.0)
    assert site.keeper.refresh() == 1 + TOGETHER
    assert [site.count(it) for it in LINES] == [5.0, 5.0, 8.0]


@pytest.mark.parametrize(
    ("signal", "value", "text"),
    [("state", 4.0, "stopped"), ("stop_reason", None, "x"), ("product", None, "y")],
)
def test_what_happens_is_seen_at_once(
    site: Site, signal: str, value: float | None, text: str
) -> None:
    site.all_count(8.0)
    site.tell(["busy"], signal, value, text)
    assert site.keeper.refresh() == 1 + TOGETHER
    assert [site.count(it) for it in LINES] == [8.0, 5.0, 5.0], "and what was told with it"


def test_a_line_falls_silent_on_time_though_all_the_others_count(site: Site) -> None:
    silent = "quiet"
    others = [it for it in site.lines if it != silent]
    site.now += timedelta(seconds=site.said.plant.lines[silent].stale_after_s) - 10 * SECOND
    site.tell(others, "total_count", 8.0)
    while site.keeper.refresh():
        pass
    site.now += 11 * SECOND
    site.tell(others, "total_count", 9.0)
    site.keeper.refresh()
    assert site.entry(silent).present.state.value == "unknown"
    assert site.count("busy") == 8.0


def test_watched_lines_do_not_wait_for_all_that_happens_at_once(site: Site) -> None:
    """The network is cut, or another plant file is applied."""
    site.board.watch("seen")
    site.now += SECOND
    site.said.plant = plant_of(*site.lines)
    site.said.version += 1
    assert site.keeper.refresh() == 1 + TOGETHER
    assert site.entry("seen").plant is site.said.plant
    assert site.entry("busy").plant is not site.said.plant
    assert site.keeper.refresh() == len(site.lines) - TOGETHER - 1


def test_what_was_said_of_one_line_leaves_the_others_as_they_are(site: Site) -> None:
    before = {it: site.entry(it).number for it in LINES}
    site.now += SECOND
    reason = Correction(
        "1", "busy", CorrectionKind.REASON, START, site.now, "Ann", site.now, reason="x"
    )
    site.said.of["busy"] = LineCorrections((reason,), (reason,), 1)
    site.said.version += 1
    assert site.keeper.refresh() == 1
    after = {it: site.entry(it) for it in LINES}
    assert {it.registry for it in after.values()} == {site.said.version}, "they hold for it"
    assert after["busy"].corrections.last == 1
    assert [it for it in LINES if after[it].number == before[it]] == ["quiet", "seen"]


def test_nobody_fills_the_memory_with_names_of_lines_that_are_not_there(site: Site) -> None:
    for number in range(100):
        site.board.watch(f"no-such-line-{number}")
    assert site.board.watched() == frozenset()
