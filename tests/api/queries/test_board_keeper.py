"""The board says what a computation from the whole history says, whatever came in and when."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from arriving import PACKML_PLANT, PLANT, START, Item, content_of, instants, items, store_items
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analytics.facts.line_facts import line_facts
from analytics.timeline.present import present
from api.queries.board import Board, LineNow
from api.queries.board_ages import AGE_SILENT_MAX
from api.queries.board_keeper import LOOK_BACK, BoardKeeper
from collector.facts.keeper import FactsKeeper
from domain.corrections import Correction, CorrectionKind, LineCorrections, in_force
from domain.plant import Plant
from store.history.line_history import line_history
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.unsealed import Unsealed
from store.telemetry.with_unsealed import WithUnsealed

HOUR = timedelta(hours=1)


@dataclass
class Source:
    """A registry's answers: one plant, and what people said of its line."""

    plant: Plant
    said: list[Correction] = field(default_factory=list)
    applied: int = 0
    version: int = 0

    def plants(self) -> list[Plant]:
        return [self.plant]

    def corrected_lines(self) -> frozenset[str]:
        return frozenset(it.line for it in self.said)

    def line_corrections(self, line: str) -> LineCorrections:
        return LineCorrections(
            in_force(self.said), tuple(self.said[self.applied :]), len(self.said)
        )

    def mark_applied(self, line: str, number: int) -> None:
        self.applied = number

    def say(self, correction: Correction) -> None:
        self.said.append(correction)
        self.version += 1


@dataclass(frozen=True)
class Arrives:
    item: Item


@dataclass(frozen=True)
class Tells:
    """The item in a live frame, before it is sealed."""

    item: Item


@dataclass(frozen=True)
class Seals:
    """What was told comes in a batch."""


@dataclass(frozen=True)
class Says:
    """A reason or an amount for some time."""

    start: datetime
    hours: int
    amount: float | None


@dataclass(frozen=True)
class Withdraws:
    """The last correction."""


@dataclass(frozen=True)
class Keeps:
    """The stored facts are brought up to date."""


@dataclass(frozen=True)
class ClockAt:
    now: datetime


@dataclass(frozen=True)
class Restarts:
    """The process: what was in memory is gone."""


steps = st.lists(
    st.one_of(
        st.builds(Arrives, items),
        st.builds(Tells, items),
        st.just(Seals()),
        st.builds(Says, instants, st.integers(1, 30), st.sampled_from([None, 40.0])),
        st.just(Withdraws()),
        st.just(Keeps()),
        st.builds(ClockAt, instants),
        st.just(Restarts()),
    ),
    min_size=3,
    max_size=12,
)


@settings(
    max_examples=9,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(steps, st.sampled_from([PLANT, PACKML_PLANT]))
def test_the_board_says_what_the_whole_history_says(taken: list[object], plant: Plant) -> None:
    """After any batches, frames before them, late data, corrections, steps of the clock and
    restarts."""
    with tempfile.TemporaryDirectory() as folder:
        store, whole = (
            DuckDBStore(Path(folder) / f"{name}.duckdb", memory_limit="100MB")
            for name in ("sealed", "whole")
        )
        play(store, Source(plant), taken, whole)
        store.close()
        whole.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckDBStore]:
    opened = DuckDBStore(tmp_path / "t.duckdb")
    yield opened
    opened.close()


class Running:
    """A process with its clock: who keeps the facts, who keeps the board."""

    def __init__(self, store: DuckDBStore, source: Source) -> None:
        self.store, self.source = store, source
        self.told: list[Item] = []
        self.now = START + 30 * HOUR
        self.restart()

    def restart(self) -> None:
        self.board, self.unsealed = Board(), Unsealed()
        self.frames = 0
        self.number = 1
        self.facts = FactsKeeper(self.store, self.source, lambda: self.now)
        live = WithUnsealed(self.store, self.unsealed)
        self.keeper = BoardKeeper(live, self.source, self.board, lambda: self.now)

    def tell(self, item: Item) -> None:
        self.told.append(item)
        self.frames += 1
        expected = self.unsealed.add("t", self.number, self.frames - 1, content_of([item]))
        assert expected == self.frames

    def seal(self) -> None:
        store_items(self.store, self.told)
        self.unsealed.sealed("t", self.number)
        self.number, self.frames, self.told = self.number + 1, 0, []


def play(store: DuckDBStore, source: Source, taken: list[object], whole: DuckDBStore) -> None:
    """`whole` gets at once what was told or sealed: there nothing is lost."""
    run = Running(store, source)
    for number, step in enumerate(taken):
        match step:
            case Arrives(item):
                store_items(store, [item])
                store_items(whole, [item])
            case Tells(item):
                run.tell(item)
                store_items(whole, [item])
            case Seals():
                run.seal()
            case Says(start, hours, amount):
                source.say(said(number, start, hours, amount, run.now))
            case Withdraws() if source.said:
                gone = source.said[-1]
                if gone.kind is not CorrectionKind.WITHDRAWAL:
                    source.say(
                        dataclasses.replace(
                            gone,
                            id=str(number),
                            kind=CorrectionKind.WITHDRAWAL,
                            withdraws=gone.id,
                        )
                    )
            case Keeps():
                run.facts.refresh()
            case ClockAt(now):
                run.now = now
            case Restarts():
                run.seal()
                run.restart()
        run.keeper.refresh()
        if isinstance(step, Arrives | Tells) and not step.item[0]:
            run.now += 2 * AGE_SILENT_MAX  # by then, that a machine was heard on is seen
            run.keeper.refresh()
        entry = run.board.line("l")
        assert entry is not None
        check(run, entry, whole)


def said(
    number: int, start: datetime, hours: int, amount: float | None, now: datetime
) -> Correction:
    kind = CorrectionKind.REASON if amount is None else CorrectionKind.QUANTITY
    return Correction(
        str(number),
        "l",
        kind,
        start,
        start + hours * HOUR,
        "Ann",
        now,
        reason="x" if amount is None else None,
        until_stop_ends=amount is None and hours % 2 == 0,
        element=None if amount is None else "total_count",
        amount=amount,
    )


def check(run: Running, entry: LineNow, store: DuckDBStore) -> None:
    plant = run.source.plant
    holding = run.source.line_corrections("l").in_force
    assert entry.at == max(run.now, entry.open.start + timedelta(microseconds=1))
    parts = [
        line_facts(plant, "l", line_history(store, "l", start, end, holding), start, end, now)
        for start, end, now in (
            (entry.window.start, entry.open.start, None),
            (entry.open.start, entry.at, entry.at),
        )
        if start < end
    ]
    expected = pl.concat(parts)
    assert entry.facts.equals(expected), different(entry.facts, expected)
    extent = store.extent("l")
    first = min(START, extent.start if extent else START) - HOUR
    found = present(
        plant, plant.lines["l"], line_history(store, "l", first, entry.at, holding), entry.at
    )
    assert (entry.present.state, entry.present.reason) == (found.state, found.reason)
    if entry.present.since is None:
        assert found.since is None or found.since <= entry.at - LOOK_BACK[-1]
    else:
        assert entry.present.since == found.since
    assert dict(entry.heard) == store.last_span_end("l")


def different(found: pl.DataFrame, expected: pl.DataFrame) -> str:
    rows = [
        f"{one}\n{other}"
        for one, other in zip(found.rows(named=True), expected.rows(named=True), strict=False)
        if one != other
    ]
    return f"{found.height} and {expected.height} rows; first that differs:\n" + "".join(rows[:1])


def test_a_line_that_is_only_heard_on_is_not_looked_at_every_time(store: DuckDBStore) -> None:
    run = Running(store, Source(PLANT))
    run.now = START + 2.5 * HOUR
    second = timedelta(seconds=1)
    state = ("a", "state", run.now - 5 * second, 1.0, "producing", 0)
    store_items(store, [((state,), (("a", START, run.now), ("b", START, run.now)))])
    assert run.keeper.refresh() == 1
    for _ in range(4):
        heard = run.now
        run.now += second
        store_items(store, [((), (("a", heard, run.now),))])
        assert run.keeper.refresh() == 0
    run.now += second
    assert run.keeper.refresh() == 1, "by now time itself went on"
    entry = run.board.line("l")
    assert entry is not None
    assert entry.heard["a"] == heard + second


def test_a_machine_that_is_heard_again_is_seen_at_once(store: DuckDBStore) -> None:
    run = Running(store, Source(PLANT))
    run.now = START + 2.5 * HOUR
    second = timedelta(seconds=1)
    state = ("a", "state", START, 1.0, "producing", 0)
    store_items(store, [((state,), (("a", START, START + HOUR), ("b", START, run.now)))])
    assert run.keeper.refresh() == 1
    store_items(store, [((), (("b", run.now, run.now + second),))])
    run.now += second
    assert run.keeper.refresh() == 0, "another machine was heard on"
    store_items(store, [((), (("a", run.now - second, run.now),))])
    assert run.keeper.refresh() == 1
    entry = run.board.line("l")
    assert entry is not None
    assert entry.heard["a"] == run.now
