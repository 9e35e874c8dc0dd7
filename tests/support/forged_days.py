"""A node whose lines were forged, each in another way, before anything was sealed: chain, ledger
and dossier are in order, and only what the days look like gives them away. One line is honest.

    line      what was done
    honest    nothing
    planned   half of its shift was taken out of the plan afterwards, and its ideal cycle time was
              raised; a breakdown was declared planned down time, two weeks later
    imitated  its day of 17 March is that of 10 March, and those of 12 and 13 March are those of the
              honest line; its counters go on
    counted   its counters of items were fed 1.3 times as much from 16 March on; on 11 March its
              machine stood still: the meter knows, state and counters do not
    sources   another meter was put in on 9 March, with another serial number; on 11 March its agent
              was given a profile of another scale; the clock of its machine was set back by an hour
              on 12 March and forward on 16 March, as its agent noticed
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
from sender import Sender

from api.queries.lines import Queries
from api.records.plan_changes import NewException, add_exception
from collector.facts.keeper import FactsKeeper
from collector.intake.collector import Collector
from domain.frames import SAMPLES
from domain.signals import CLOCK, SERIAL_NUMBER, SOURCE_IDENTITY
from domain.source_faults import FaultCode
from domain.source_identity import SourceIdentity
from lineproof.clock import utc_now
from lineproof.history_import.importer import import_files
from lineproof.upkeep.apply import apply_files
from store.node.opening import Stores, open_stores

PROJECT = "NIFS-2026-077"
LINES = ("honest", "planned", "imitated", "counted", "sources")
ZONE = ZoneInfo("Asia/Hong_Kong")
FIRST, LAST, DUE = date(2026, 3, 2), date(2026, 3, 20), date(2026, 3, 31)
AFTERWARDS = datetime(2026, 3, 26, tzinfo=UTC)
_BEFORE = datetime(2026, 2, 20, tzinfo=UTC)
_CYCLE_S = 2.0
_HEAD = """plant: forged
timezone: Asia/Hong_Kong
company: {name: {en: Forged Ltd}}
calendars:
  day:
    shifts: [{name: A, days: [mon, tue, wed, thu, fri], start: "07:00", end: "15:00"}]
  half:
    shifts: [{name: A, days: [mon, tue, wed, thu, fri], start: "07:00", end: "11:00"}]
lines:
"""
_LINE = """  {line}:
    calendar: {calendar}
    ideal_cycle_time_s: {cycle_s}
    machines: {{machine: {{profile: import}}}}
    roles: {{state: machine, total_count: machine, good_count: machine, energy: machine}}
"""
_GRANT = f"""project: {PROJECT}
scheme: NIFS
plant: forged
lines: [{", ".join(LINES)}]
approved_cost_hkd: 9000000
approved_on: 2026-02-02
start: {FIRST}
end: 2028-02-29
milestones:
  - id: M1
    clause: "5.1"
    due: {DUE}
    title: {{en: OEE of 60 %}}
    terms:
      kind: kpi
      metric: oee
      op: ">="
      target: 0.6
      window: {{start: {FIRST}, end: {LAST}}}
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One row of a history file."""

    at: datetime
    signal: str
    value: str


def plant_text(*, forged: bool) -> str:
    return _HEAD + "".join(
        _LINE.format(
            line=line,
            calendar="half" if forged and line == "planned" else "day",
            cycle_s=2.4 if forged and line == "planned" else _CYCLE_S,
        )
        for line in LINES
    )


def make(folder: Path) -> Path:
    """The node's data folder, its facts up to date."""
    files = folder.parent
    (files / "plant.yaml").write_text(plant_text(forged=False), encoding="utf-8")
    (files / "forged.yaml").write_text(plant_text(forged=True), encoding="utf-8")
    (files / "grant.yaml").write_text(_GRANT, encoding="utf-8")
    with open_stores(folder) as stores:
        registry = stores.registry
        apply_files(registry, [files / "plant.yaml", files / "grant.yaml"], _BEFORE)
        for line in LINES:
            path = files / f"{line}.csv"
            path.write_text(_csv(history(line)), encoding="utf-8")
            import_files(stores, None, line, [path], now=AFTERWARDS)
        apply_files(registry, [files / "forged.yaml"], AFTERWARDS)
        _excuse(stores)
        _tell_sources(stores)
        FactsKeeper(stores.telemetry, registry.facts_basis, lambda: AFTERWARDS).refresh()
    return folder


def _excuse(stores: Stores) -> None:
    queries = Queries(stores.telemetry, stores.registry, lambda: AFTERWARDS)
    excuse = NewException(
        "2026-03-10T09:00", "2026-03-10T13:00", "planned_down", "an overhaul", "Lee"
    )
    add_exception(queries, stores.registry.record, "planned", excuse, "e1")


def _tell_sources(stores: Stores) -> None:
    """What an agent told of sources beside the machines' own words."""
    sender = Sender("hall-2")
    stores.registry.agents.enrol(sender.name, sender.public_key, _BEFORE)
    known = SourceIdentity("hall-2", "packml/opcua", "9f2b", "opc.tcp://10.0.0.5:4840")
    rescaled = replace(known, profile_digest="41c0")
    told = [
        (SOURCE_IDENTITY, 2, known.to_text()),
        (SOURCE_IDENTITY, 6, known.to_text()),
        (SOURCE_IDENTITY, 11, rescaled.to_text()),
        (CLOCK, 12, FaultCode.CLOCK_BEHIND.value),
        (CLOCK, 13, ""),
        (CLOCK, 16, FaultCode.CLOCK_AHEAD.value),
        (CLOCK, 17, ""),
    ]
    rows = [
        ("sources", "machine", signal, at, at, None, text, 0, None)
        for signal, day, text in told
        for at in (datetime(2026, 3, day, 1, tzinfo=UTC),)
    ]
    batch = sender.seal(pl.DataFrame(rows, schema=SAMPLES, orient="row"))
    collector = Collector(stores.telemetry, stores.archive, stores.registry.agents, utc_now)
    assert collector.receive(batch.to_bytes()).acknowledged
    collector.close()


def history(line: str) -> list[Told]:
    """What the line's machine told on every day from Monday to Friday."""
    total, good, energy = 0, 0, 100.0
    rows: list[Told] = []
    for day, moments in _forged(line).items():
        for it in moments:
            total += it.made
            good += it.good
            energy = round(energy + it.energy_kwh, 3)
            at = datetime.combine(day, time(7), tzinfo=ZONE) + it.after
            values = {"state": it.state, "total_count": total, "good_count": good, "energy": energy}
            rows += [Told(at, signal, str(value)) for signal, value in values.items()]
        if line == "sources":
            meter = "EM-7" if day < date(2026, 3, 9) else "EM-9"
            rows.append(Told(at, SERIAL_NUMBER, meter))
    return rows


def _forged(line: str) -> dict[date, list[_Moment]]:
    days = _days(line)
    if line == "imitated":
        days[date(2026, 3, 17)] = days[date(2026, 3, 10)]
        days |= {day: _days("honest")[day] for day in (date(2026, 3, 12), date(2026, 3, 13))}
    for day, moments in days.items():
        if line == "counted" and day >= date(2026, 3, 16):
            days[day] = [
                replace(it, made=round(it.made * 1.3), good=round(it.good * 1.3)) for it in moments
            ]
        if line == "counted" and day == date(2026, 3, 11):
            days[day] = [replace(it, energy_kwh=0.0) for it in moments]
    return days


def _days(line: str) -> dict[date, list[_Moment]]:
    """What really happened on each working day: other things on each line, the same each time."""
    chance = random.Random(line)
    every = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    return {day: list(_day(chance)) for day in every if day.weekday() < 5}


@dataclass(frozen=True, slots=True)
class _Moment:
    """From so long after 07:00 on a state holds; what was made and used since the moment before."""

    after: timedelta
    state: str
    made: int = 0
    good: int = 0
    energy_kwh: float = 0.0


def _day(chance: random.Random) -> Iterator[_Moment]:
    """Runs of minutes with stops between them; counters are told at each change and on the way."""
    now, end = timedelta(0), timedelta(hours=8)
    yield _Moment(now, "producing")
    while True:
        run, stop = chance.uniform(200, 1500), chance.uniform(20, 300)
        if now + timedelta(seconds=run + stop) >= end:
            break
        for state in ("producing", "stopped"):  # half the way, and at its end
            made = int(run / 2 / _CYCLE_S * chance.uniform(0.85, 0.97))
            now += timedelta(milliseconds=round(run * 500))
            yield _Moment(now, state, made, made - chance.randrange(3), round(run * 0.002, 3))
        now += timedelta(milliseconds=round(stop * 1000))
        yield _Moment(now, "producing", energy_kwh=round(stop * 0.001, 3))
    yield _Moment(end, "off")


def _csv(rows: list[Told]) -> str:
    lines = [f"{it.at.isoformat()},machine,{it.signal},{it.value}" for it in rows]
    return "\n".join(["time,machine,signal,value", *lines]) + "\n"
