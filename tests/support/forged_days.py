"""A node whose lines were forged, each in another way, before anything was sealed: chain, ledger
and dossier are in order, and only what the days look like gives them away. One line is honest.

    line         what was done
    honest       nothing
    narrowed     half of its shift was taken out of the plan afterwards
    raised       its ideal cycle time was raised afterwards
    excused      a breakdown was declared planned down time, two weeks later
    repeating    its day of 17 March is that of 10 March, its counters go on
    shadowing    its days of 12 and 13 March are those of the honest line
    inflated     its counters of items were fed 1.3 times as much from 16 March on
    unpowered    its machine stood still on 18 March: the meter knows, state and counters do not
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from api.queries.lines import Queries
from api.records.plan_changes import NewException, add_exception
from collector.facts.keeper import FactsKeeper
from lineproof.history_import.importer import import_files
from lineproof.upkeep.apply import apply_files
from store.node.opening import Stores, open_stores

PROJECT = "NIFS-2026-077"
LINES = (
    *("honest", "narrowed", "raised", "excused"),
    *("repeating", "shadowing", "inflated", "unpowered"),
)
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
            calendar="half" if forged and line == "narrowed" else "day",
            cycle_s=2.4 if forged and line == "raised" else _CYCLE_S,
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
        FactsKeeper(stores.telemetry, registry.facts_basis, lambda: AFTERWARDS).refresh()
    return folder


def _excuse(stores: Stores) -> None:
    queries = Queries(stores.telemetry, stores.registry, lambda: AFTERWARDS)
    excuse = NewException(
        "2026-03-10T09:00", "2026-03-10T13:00", "planned_down", "an overhaul", "Lee"
    )
    add_exception(queries, stores.registry.record, "excused", excuse, "e1")


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
    return rows


def _forged(line: str) -> dict[date, list[_Moment]]:
    days = _days(line)
    if line == "repeating":
        days[date(2026, 3, 17)] = days[date(2026, 3, 10)]
    if line == "shadowing":
        days |= {day: _days("honest")[day] for day in (date(2026, 3, 12), date(2026, 3, 13))}
    for day, moments in days.items():
        if line == "inflated" and day >= date(2026, 3, 16):
            days[day] = [
                replace(it, made=round(it.made * 1.3), good=round(it.good * 1.3)) for it in moments
            ]
        if line == "unpowered" and day == date(2026, 3, 18):
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
