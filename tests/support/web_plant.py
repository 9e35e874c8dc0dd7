"""A plant with three weeks of history in a real store, served over HTTP, for tests of api/.

Line filler-1 runs two shifts and is heard; filler-2 fell silent an hour ago; packer-1 is in
fault; press-1 was never heard and has no calendar. Times are those of Hong Kong; the clock
stands at NOW until a test moves it. Everything is a plain function of the clock: no randomness.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from fastapi import FastAPI
from telemetry import batch

from api.app import create_app
from api.queries.board import Board, LineNow
from api.queries.board_keeper import BoardKeeper
from api.queries.lines import Queries
from collector.facts.keeper import FactsKeeper
from domain.frames import SAMPLES, SPANS
from domain.signals import CONNECTION
from domain.states import MachineState
from store.archive.sealed_batches import Archive
from store.files.grant import read_grant
from store.files.plant import read_plant
from store.registry.registry import Registry
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.protocol import BatchContent, BatchRecord

ZONE = ZoneInfo("Asia/Hong_Kong")
NOW = datetime(2026, 3, 25, 14, 5, tzinfo=ZONE)
FIRST = datetime(2026, 3, 2, 7, tzinfo=ZONE)
GAP = (datetime(2026, 3, 10, 13, tzinfo=ZONE), datetime(2026, 3, 11, 10, tzinfo=ZONE))
STEP = timedelta(minutes=5)
HERE = Path(__file__).parent
RATE_PER_S = 1.7  # items made in a producing second
GOOD_SHARE = 0.98

PLANT = (HERE / "web_plant.yaml").read_text(encoding="utf-8")

GRANT = (HERE / "web_grant.yaml").read_text(encoding="utf-8")
# Of another scheme, with another line; registries have it where a test applies it.
SMALL_GRANT = """
project: MPUPS-2026-001
scheme: MPUPS
plant: tko-foods
lines: [filler-1, filler-2]
approved_cost_hkd: 600000
approved_on: 2026-01-15
start: 2026-03-16
end: 2026-12-31
milestones:
  - {id: A, clause: "1", due: 2026-12-31, title: {en: Output},
     terms: {kind: output, good_units: 1000, start: 2026-03-16, end: 2026-12-31}}
"""
# The contract's row of KPIs; more may stand beside.
KPI_KEYS = frozenset(
    """
    line start end key method planned_busy_time_s production_time_s setup_time_s delay_time_s
    down_time_s unknown_time_s total_count good_count reject_count ideal_time_s energy_kwh
    availability effectiveness quality_ratio oee oee_low oee_high coverage flags not_computable
    """.split()  # noqa: SIM905  # names in lines read better
)


@dataclass
class Clock:
    """The present, as the tests set it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


def state_at(at: datetime) -> tuple[MachineState, str | None]:
    """What filler-1's machine does at that local time, and the reason of a stop."""
    minute = at.hour * 60 + at.minute
    if at.weekday() == 6 or not 7 * 60 <= minute < 23 * 60:
        return MachineState.OFF, None
    if 11 * 60 <= minute < 11 * 60 + 30:
        return MachineState.IDLE, None
    if 9 * 60 + 10 <= minute < 9 * 60 + 35:
        return MachineState.FAULT, "Jam at the infeed"
    if 12 * 60 + 20 <= minute < 12 * 60 + 40:
        return MachineState.SETUP, None
    if 17 * 60 <= minute < 17 * 60 + 15:
        return MachineState.STARVED, "No bottles"
    if 20 * 60 + 30 <= minute < 20 * 60 + 40:
        return MachineState.STOPPED, "Cleaning"
    return MachineState.PRODUCING, None


def steps(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += STEP


def machine_rows(line: str, machine: str, meter: str | None) -> list[dict[str, Any]]:
    """Samples of every signal from FIRST to NOW."""
    rows: list[dict[str, Any]] = []
    total = energy = 0.0
    before: MachineState | None = None

    def add(at: datetime, signal: str, value: float | None, text: str | None = None) -> None:
        source = meter if signal == "energy" and meter else machine
        rows.append(
            {"line": line, "machine": source, "signal": signal, "time": at, "received": at,
             "value": value, "text": text, "quality": 0, "raw": None}
        )  # fmt: skip

    for at in steps(FIRST, NOW):
        state, reason = state_at(at)
        if state is not before:
            add(at, "state", float(state.code), state.value)
            add(at, "stop_reason", None, reason or "")
            before = state
        add(at, "total_count", total)
        add(at, "good_count", round(total * GOOD_SHARE))
        if meter:
            add(at, "energy", energy)
        if state is MachineState.PRODUCING:
            total += RATE_PER_S * STEP.total_seconds()
            energy += 2.4
    return rows


def sample_frame(line: str, machine: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """SAMPLES from rows with signal, time, value and text; anything given stands."""
    defaults = {"line": line, "machine": machine, "value": None, "text": None, "quality": 0}
    full = [{**defaults, "received": row["time"], "raw": None, **row} for row in rows]
    frame = pl.DataFrame(full, infer_schema_length=None)
    local = pl.col("time", "received").dt.convert_time_zone("UTC")
    return frame.with_columns(local).select(SAMPLES.names()).cast(SAMPLES)  # type: ignore[arg-type]  # a schema


def _without_gap(rows: list[dict[str, Any]]) -> pl.DataFrame:
    kept = [row for row in rows if not GAP[0] <= row["time"] < GAP[1]]
    return sample_frame("", "", kept)


def spans(*rows: tuple[str, str, datetime, datetime]) -> pl.DataFrame:
    utc = [
        (line, machine, *(t.astimezone(ZoneInfo("UTC")) for t in times))
        for line, machine, *times in rows
    ]
    return pl.DataFrame(utc, schema=SPANS, orient="row")


def fill(store: DuckDBStore) -> None:
    """The history of all lines but press-1, in two batches of two agents."""
    ours = machine_rows("filler-1", "filler", "meter")
    known = [
        ("filler-1", machine, start, end)
        for machine in ("filler", "meter")
        for start, end in ((FIRST, GAP[0]), (GAP[1], NOW))
    ]
    today = NOW.replace(hour=7, minute=0)
    second = [row for row in machine_rows("filler-2", "filler2", None) if row["time"] >= today]
    third = [row for row in machine_rows("packer-1", "packer", None) if row["time"] >= today]
    fault_at = NOW - timedelta(minutes=7)
    third += [
        {
            **third[0],
            "time": fault_at,
            "received": fault_at,
            "signal": signal,
            "value": value,
            "text": text,
        }
        for signal, value, text in (
            ("state", float(MachineState.FAULT.code), "fault"),
            ("stop_reason", None, "Glue nozzle blocked"),
        )
    ]
    others = [
        ("filler-2", "filler2", today, NOW - timedelta(hours=1)),
        ("packer-1", "packer", today, NOW - timedelta(seconds=2)),
    ]
    store.append(
        [
            batch(1, _without_gap(ours), spans(*known)),
            batch(1, _without_gap([*second, *third]), spans(*others), agent="agent-2"),
        ]
    )


def filled_queries(folder: Path, clock: Clock) -> Queries:
    """Queries over a store, a registry and an archive in the folder; close their `telemetry`.

    The facts of the history are stored, as the collector of a node keeps them.
    """
    shutil.copytree(_filled(), folder, dirs_exist_ok=True)
    return opened_queries(folder, clock)


def opened_queries(folder: Path, clock: Clock) -> Queries:
    """Those over what is in the folder."""
    store, registry = _opened(folder)
    return Queries(store, registry, clock, Archive(folder / "archive"))


@cache
def _filled() -> Path:
    """A folder with all of it: to fill one takes ten times as long as to copy it."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    store, registry = _opened(folder)
    fill(store)
    registry.apply.plant(PLANT, read_plant(PLANT, "plant.yaml"), NOW)
    registry.apply.project(GRANT, read_grant(GRANT, "grant.yaml"), NOW)
    _keep_facts(store, registry, NOW)
    store.close()
    registry.close()
    return folder


def keep_facts(queries: Queries) -> None:
    """Stores the facts of what came in, as a node does a moment later. Without it each question
    computes them anew."""
    _keep_facts(store_of(queries), registry_of(queries), queries.now())


def _keep_facts(store: DuckDBStore, registry: Registry, now: datetime) -> None:
    FactsKeeper(store, registry.facts_basis, lambda: now.astimezone(UTC)).refresh()


def _opened(folder: Path) -> tuple[DuckDBStore, Registry]:
    store = DuckDBStore(folder / "telemetry.duckdb", memory_limit="200MB")
    return store, Registry(folder / "registry.sqlite", folder / "documents")


def tell(queries: Queries, number: int, *states: tuple[datetime, MachineState]) -> None:
    """New samples of filler-1's state, sent by a batch of its own."""
    rows = [
        {"signal": "state", "time": at, "value": float(state.code), "text": state.value}
        for at, state in states
    ]
    frame = sample_frame("filler-1", "filler", rows)
    store_of(queries).append([batch(number, frame, agent="agent-live")])


def confirm(queries: Queries, number: int, until: datetime) -> None:
    known = spans(("filler-1", "filler", NOW, until))
    store_of(queries).append([batch(number, spans=known, agent="agent-live")])


def connection_told(queries: Queries, number: int, *said: tuple[datetime, str]) -> None:
    """What an agent says of the connection with filler-1's machine."""
    rows: list[dict[str, Any]] = [
        {"signal": CONNECTION, "time": at, "text": text} for at, text in said
    ]
    frame = sample_frame("filler-1", "filler", rows)
    store_of(queries).append([batch(number, frame, agent="agent-source")])


def count(queries: Queries, number: int, at: datetime, items: float) -> None:
    """A reading of filler-1's counters, so many items after the last of the history."""
    rows = machine_rows("filler-1", "filler", None)
    last = max(float(str(row["value"])) for row in rows if row["signal"] == "total_count")
    readings: list[dict[str, Any]] = [
        {"signal": signal, "time": at, "value": round((last + items) * share)}
        for signal, share in (("total_count", 1.0), ("good_count", GOOD_SHARE))
    ]
    frame = sample_frame("filler-1", "filler", readings)
    store_of(queries).append([batch(number, frame, agent="agent-count")])


def gap_told(number: int, received: datetime) -> tuple[BatchRecord, BatchContent]:
    """A late batch: what happened in the gap of filler-1's history is told after all."""
    rows = machine_rows("filler-1", "filler", "meter")
    told = sample_frame("", "", [it for it in rows if GAP[0] <= it["time"] < GAP[1]])
    known = spans(*(("filler-1", machine, *GAP) for machine in ("filler", "meter")))
    record, content = batch(number, told, known, agent="late")
    return replace(record, received=received.astimezone(UTC)), content


def store_of(queries: Queries) -> DuckDBStore:
    """What the queries read, for tests that let something come in."""
    store = queries._telemetry
    assert isinstance(store, DuckDBStore)
    return store


def registry_of(queries: Queries) -> Registry:
    """Where the queries read what people recorded."""
    registry = queries._registry
    assert isinstance(registry, Registry)
    return registry


def app_of(queries: Queries, **options: Any) -> FastAPI:
    """The application over the queries and their registry; `options` are `create_app`'s."""
    return create_app(queries, registry_of(queries), **options)


def on_board(queries: Queries) -> Queries:
    """The same with a live board, as a node has it: what is made of lines is made once, not for
    each who asks."""
    return Queries(
        queries._telemetry,
        queries._registry,
        queries._clock,
        board=_TimelyBoard(queries),
        shared=queries._shared,
        checkpoints=queries._checkpoints,
    )


class _TimelyBoard(Board):
    """Who asks brings it up to date first: a node's board whose keeper is never late, however a
    test moves the clock."""

    def __init__(self, queries: Queries) -> None:
        super().__init__()
        self._kept = Board()
        basis = registry_of(queries).facts_basis
        self._keeper = BoardKeeper(queries._telemetry, basis, self._kept, queries.now)

    def still(self) -> Board:
        self._keeper.refresh()
        return self._kept.still()

    def line(self, line: str) -> LineNow | None:
        self._keeper.refresh()
        return self._kept.line(line)
