"""What the data of one line lack in one window, by machine and signal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import polars as pl

from analytics.integrity.late_data import LATE
from api.queries.data_quality.unknown_time import (
    Report,
    UnknownTime,
    faults_told,
    unknown_times,
)
from api.queries.lines import Queries
from api.queries.prices import check_samples
from domain.frames import LineHistory
from domain.plant import IMPORTED, Confidential, Line, Machine, Withheld
from domain.signals import AGENT_SIGNALS, FAULTS, SOURCE_IDENTITY
from domain.source_faults import SourceFault
from domain.source_identity import agent_of
from domain.time import Window

_LATE_MAX = 1_000  # batches of an agent that are looked at
_NEVER = timedelta(0)


@dataclass(frozen=True, slots=True)
class SignalQuality:
    """How many values of a signal came, how many of them the machine itself did not vouch for, and
    when the last one was."""

    signal: str
    values: int
    uncertain: int
    bad: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Rejected:
    """Values of an address that could not be used, by one reason; `raw`: how the last begins."""

    address: str
    reason: str
    count: int
    last: datetime
    raw: str


@dataclass(frozen=True, slots=True)
class Late:
    """Batches of an agent with data of the window that came more than a day late."""

    agent: str
    batches: int
    samples: int
    most: timedelta


@dataclass(frozen=True, slots=True)
class MachineQuality:
    """`faults`: what its agent said of it in the window, each once."""

    machine: str
    is_imported: bool
    unknown: tuple[UnknownTime, ...]
    signals: tuple[SignalQuality, ...]
    faults: tuple[SourceFault, ...]
    rejected: tuple[Rejected, ...]

    @property
    def unknown_time(self) -> timedelta:
        return sum((it.window.end - it.window.start for it in self.unknown), _NEVER)


@dataclass(frozen=True, slots=True)
class LineQuality:
    """`window`: without what is still to come. `late`: of agents that read its machines.
    `withheld`: what is left out, because its plant keeps that from who asks."""

    line: str
    window: Window
    machines: tuple[MachineQuality, ...]
    late: tuple[Late, ...]
    withheld: Withheld = frozenset()


def line_quality(queries: Queries, line_id: str, window: Window) -> LineQuality:
    """Raises NotFoundError for a line that is not there, TooDearError for a window with more
    samples than are read at once."""
    _, line = queries.line(line_id)
    past = Window(window.start, max(min(window.end, queries.now()), window.start))
    check_samples(queries, line_id, past)
    history = queries.told_around(line_id, past)
    rejected = _rejected(queries, line_id, past)
    machines = [
        _machine(line, it, history, past, rejected.get(it.id, ())) for it in line.machines.values()
    ]
    return LineQuality(line_id, past, tuple(machines), tuple(_late(queries, history, past)))


def quality_without(found: LineQuality, withheld: Withheld) -> LineQuality:
    """Without what machines said, and what is said of them in words, where that is kept from who
    asks: how much is missing or could not be used is a figure."""
    if Confidential.RAW_SAMPLES not in withheld:
        return replace(found, withheld=withheld)
    machines = tuple(
        replace(
            it,
            unknown=tuple(replace(gap, causes=()) for gap in it.unknown),
            signals=(),
            faults=(),
            rejected=tuple(replace(row, address="", reason="", raw="") for row in it.rejected),
        )
        for it in found.machines
    )
    return replace(found, machines=machines, withheld=withheld)


def rejected_by_line(queries: Queries, window: Window) -> dict[str, int]:
    """How many values of each line could not be used; a line without any is not there."""
    rows = queries.intake.rejected(window)
    return dict(rows.group_by("line").agg(pl.col("count").sum()).iter_rows())


def _rejected(queries: Queries, line: str, window: Window) -> Mapping[str, tuple[Rejected, ...]]:
    found: dict[str, tuple[Rejected, ...]] = {}
    for row in queries.intake.rejected(window, line).iter_rows(named=True):
        it = Rejected(row["address"], row["reason"], row["count"], row["last"], row["raw"])
        found[row["machine"]] = (*found.get(row["machine"], ()), it)
    return found


def _machine(
    line: Line,
    machine: Machine,
    history: LineHistory,
    window: Window,
    rejected: tuple[Rejected, ...],
) -> MachineQuality:
    reports = _reports(history, machine.id)
    is_imported = machine.profile == IMPORTED
    spans = history.spans.filter(pl.col("machine") == machine.id).select("start", "end").rows()
    unknown = unknown_times(spans, window, reports)
    if unknown and not is_imported and _may_be_heard_yet(unknown[-1], window, line):
        unknown = unknown[:-1]
    return MachineQuality(
        machine.id,
        is_imported,
        tuple(unknown),
        tuple(_signals(history, machine.id, window)),
        tuple(faults_told((at, text) for at, text in reports if at >= window.start)),
        rejected,
    )


def _may_be_heard_yet(last: UnknownTime, window: Window, line: Line) -> bool:
    """Whether it is the moment up to now in which a machine is heard that is heard at all."""
    lasts = last.window.end - last.window.start
    return last.window.end == window.end and lasts <= timedelta(seconds=line.stale_after_s)


def _reports(history: LineHistory, machine: str) -> list[Report]:
    told = history.samples.filter(
        (pl.col("machine") == machine) & (pl.col("signal") == FAULTS) & pl.col("text").is_not_null()
    )
    return [(at, str(text)) for at, text in told.sort("time").select("time", "text").iter_rows()]


def _signals(history: LineHistory, machine: str, window: Window) -> Iterator[SignalQuality]:
    told = history.samples.filter(
        (pl.col("machine") == machine)
        & ~pl.col("signal").is_in(list(AGENT_SIGNALS))
        & (pl.col("time") >= window.start)
        & (pl.col("time") < window.end)
    )
    rows = told.group_by("signal").agg(
        pl.len().alias("values"),
        (pl.col("quality") == 1).sum().alias("uncertain"),
        (pl.col("quality") == 2).sum().alias("bad"),
        pl.col("time").max().alias("last"),
    )
    for row in rows.sort("signal").iter_rows(named=True):
        yield SignalQuality(**row)


def _late(queries: Queries, history: LineHistory, window: Window) -> Iterator[Late]:
    told = history.samples.filter(pl.col("signal") == SOURCE_IDENTITY)
    named = {agent_of(text) for text in told["text"].drop_nulls() if text}
    for agent in sorted(it for it in named if it):
        found = queries.late_batches(agent, window, LATE, _LATE_MAX)
        late = [(it.received - it.first_time, it.samples) for it in found if it.first_time]
        if late:
            most = max(by for by, _ in late)
            yield Late(agent, len(late), sum(samples for _, samples in late), most)
