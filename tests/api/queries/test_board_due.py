"""Whose turn it is on a board that has no time for all: `later_s=-1` leaves none for the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from arriving import LINE, NUMBERS, PLANT, START

from api.queries.board import Board, LineNow
from api.queries.board_keeper import BoardKeeper
from api.queries.board_turns import LATER_MAX, TOGETHER
from domain.corrections import Correction, CorrectionKind, LineCorrections
from domain.frames import REJECTIONS, SAMPLES, SPANS
from domain.plant import Plant
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.protocol import BatchContent, BatchRecord

SECOND = timedelta(seconds=1)
LINES = ("busy", "quiet", "seen")


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

    def __init__(self, store: DuckDBStore, lines: tuple[str, ...], later_s: float) -> None:
        self.store, self.lines = store, lines
        self.now = START + timedelta(hours=9, minutes=20)  # within a shift, far from its borders
        self.said = Said(plant_of(*lines))
        self.board = Board()
        self.keeper = BoardKeeper(store, self.said, self.board, lambda: self.now, later_s=later_s)
        for line in lines:
            self.tell(line, "state", 1.0, "producing")
            self.tell(line, "total_count", 5.0)

    def tell(self, line: str, signal: str, value: float | None, text: str | None = None) -> None:
        """A sample of its machine as of now, until when it was heard."""
        row = (line, "a", signal, self.now, self.now, value, text, 0, None)
        samples = pl.DataFrame([row], schema=SAMPLES, orient="row")
        heard = [(line, it, self.now - 20 * SECOND, self.now) for it in "ab"]
        content = BatchContent(
            samples, pl.DataFrame(heard, schema=SPANS, orient="row"), REJECTIONS.to_frame()
        )
        number = next(NUMBERS)
        record = BatchRecord("t", number, f"{number:064}", 1, 0, None, None, self.now)
        self.store.append([(record, content)])

    def all_count(self, value: float) -> None:
        self.now += 3 * SECOND
        for line in self.lines:
            self.tell(line, "total_count", value)

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
    made = Site(store, LINES, later_s=-1)
    assert made.keeper.refresh() == len(LINES), "none was looked at before"
    return made


def test_counts_alone_wait_for_their_turn(site: Site) -> None:
    site.all_count(8.0)
    assert site.keeper.refresh() == 0
    assert site.count("busy") == 5.0
    assert site.entry("busy").at == site.now - 3 * SECOND, "it says of when it is"


def test_a_line_that_somebody_looks_at_comes_first(site: Site) -> None:
    site.board.watch("seen")
    site.all_count(8.0)
    assert site.keeper.refresh() == 1
    assert [site.count(it) for it in LINES] == [5.0, 5.0, 8.0]


@pytest.mark.parametrize(
    ("signal", "value", "text"),
    [("state", 4.0, "stopped"), ("stop_reason", None, "x"), ("product", None, "y")],
)
def test_what_happens_is_seen_at_once(
    site: Site, signal: str, value: float | None, text: str
) -> None:
    site.all_count(8.0)
    site.tell("busy", signal, value, text)
    assert site.keeper.refresh() == 1
    assert site.count("busy") == 8.0, "and what was told with it"


def test_a_line_falls_silent_on_time(site: Site) -> None:
    stale_after_s = site.said.plant.lines["busy"].stale_after_s
    site.now += timedelta(seconds=stale_after_s) + SECOND
    assert site.keeper.refresh() == len(LINES)
    assert {site.entry(it).present.state.value for it in LINES} == {"unknown"}


def test_no_line_waits_for_ever(site: Site) -> None:
    begun = site.now
    value = 5.0
    while site.now < begun + LATER_MAX:
        assert site.count("busy") == 5.0
        value += 1
        site.all_count(value)
        site.keeper.refresh()
    assert {site.count(it) for it in LINES} == {value}


def test_what_was_said_of_one_line_leaves_the_others_as_they_are(site: Site) -> None:
    before = {it: site.entry(it) for it in LINES}
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
    assert {it: after[it].number == before[it].number for it in LINES} == {
        "busy": False,
        "quiet": True,
        "seen": True,
    }


def test_another_plant_file_is_seen_at_once(site: Site) -> None:
    site.now += SECOND
    site.said.plant = plant_of(*LINES)
    site.said.version += 1
    assert site.keeper.refresh() == len(LINES)


def test_with_time_for_some_the_one_that_waits_longest_is_next(store: DuckDBStore) -> None:
    lines = tuple(f"line-{number:03}" for number in range(TOGETHER + 1))
    site = Site(store, lines, later_s=0.0)
    site.keeper.refresh()
    site.all_count(8.0)
    assert site.keeper.refresh() == TOGETHER
    waited = [it for it in lines if site.count(it) == 5.0]
    site.all_count(9.0)
    site.keeper.refresh()
    assert [site.count(it) for it in waited] == [9.0]


def test_nobody_fills_the_memory_with_names_of_lines_that_are_not_there(site: Site) -> None:
    for number in range(100):
        site.board.watch(f"no-such-line-{number}")
    assert site.board.watched() == frozenset()
