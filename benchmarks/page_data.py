"""Data folders for the page benchmarks: a plant of made-up lines, a grant, a history, agents.

The first line gets its history by `lineproof import`, the others theirs in sealed batches
through the intake; both end where the live agents begin. All of it is through before a node
opens the folder, its facts included.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from live_feeder import LiveAgent, now_us
from live_lines import WEIGHT, LiveLines, Story

from collector.facts.keeper import FactsKeeper
from collector.intake.collector import Collector
from domain.time import instant
from lineproof.clock import utc_now
from lineproof.history_import.importer import import_files
from lineproof.upkeep.apply import apply_files
from store.node.opening import Stores, open_stores

PROJECT = "P-1"
MILESTONE = "M3"  # of a KPI with a baseline and a forecast: it stands on most
DAY_US = 86_400_000_000
_AHEAD_US = DAY_US  # how far beyond now the made-up lines can go
_PERIOD_US = 30_000_000  # of readings in a history
_WEIGHED_DAYS = 14
_LINE = """\
  {line}:
    name: {{en: Line {number}, zh-Hant: {number} 號線, zh-Hans: {number} 号线}}
    calendar: three-shift
    product: cup
    ideal_cycle_time_s: 0.5
    minor_stop_s: 120
    machines: {{m: {{profile: import}}}}
    roles: {{state: m, total_count: m, reject_count: m, good_count: m, energy: m}}
"""
_MEASUREMENT = """\
    measurements:
      fill-weight:
        name: {en: Fill weight}
        machine: m
        unit: g
        lower_limit: 75
        upper_limit: 77
        subgroup_size: 5
"""


@dataclass(frozen=True)
class Size:
    """`days` of the first line, `days_each` of every other one; live readings once a period."""

    lines: int
    days: float
    days_each: float
    live_period_s: float
    agents: int


def line_name(number: int) -> str:
    return f"line-{number:04}"


def prepare(folder: Path, size: Size) -> list[LiveAgent]:
    """Fill the node's data folder; the agents that go on from there, the first line's first."""
    names = tuple(map(line_name, range(size.lines)))
    until_us = now_us()
    first_us = until_us - round(size.days * DAY_US)
    folder.mkdir(parents=True, exist_ok=True)
    with open_stores(folder / "node") as stores:
        apply_files(stores.registry, works_files(folder, names, first_us, until_us), utc_now())
        collector = Collector(stores.telemetry, stores.archive, stores.registry.agents, utc_now)
        try:
            agents = [_first(stores, collector, folder, size, first_us)]
            for number in range(size.agents):
                mine = names[1 + number :: size.agents]
                if mine:
                    agents.append(_other(stores, collector, number, mine, size))
        finally:
            collector.close()
        FactsKeeper(stores.telemetry, stores.registry.facts_basis, utc_now).refresh()
    return agents


def _first(
    stores: Stores, collector: Collector, folder: Path, size: Size, first_us: int
) -> LiveAgent:
    """The line with the long history, out of a file as an older system would give it."""
    until_us = now_us()
    name = line_name(0)
    past = Story((name,), first_us, until_us + _AHEAD_US, _PERIOD_US, weighs=True)
    weighed_from = instant(until_us - _WEIGHED_DAYS * DAY_US)
    rows = LiveLines(past).samples(first_us, until_us)
    rows = rows.filter((pl.col("signal") != WEIGHT) | (pl.col("time") >= weighed_from))
    file = folder / "history.parquet"
    said = pl.coalesce("text", pl.col("value").cast(pl.String))
    rows.select("time", "machine", "signal", value=said).write_parquet(file)
    import_files(
        stores, collector, name, [file], now=utc_now(), until=instant(until_us).isoformat()
    )
    live = replace(past, period_us=round(size.live_period_s * 1e6))
    return _enrolled(stores, LiveAgent("agent-of-the-first", live, until_us))


def _other(
    stores: Stores, collector: Collector, number: int, lines: tuple[str, ...], size: Size
) -> LiveAgent:
    """Lines with a short history, sealed by the agent itself."""
    start_us, until_us = now_us() - round(size.days_each * DAY_US), now_us()
    past = Story(lines, start_us, until_us + _AHEAD_US, _PERIOD_US, seed=1 + number)
    agent = _enrolled(stores, LiveAgent(f"agent-{number}", past, start_us))
    for data in agent.batches(until_us):
        receipt = collector.receive(data)
        if not receipt.acknowledged:
            raise SystemExit(f"a batch was refused: {receipt.detail}")
    live = replace(past, period_us=round(size.live_period_s * 1e6))
    return LiveAgent(agent.name, live, until_us, agent.number, agent.previous)


def _enrolled(stores: Stores, agent: LiveAgent) -> LiveAgent:
    stores.registry.agents.enrol(agent.name, agent.public_key, utc_now(), origin="benchmark")
    return agent


def works_files(folder: Path, names: tuple[str, ...], first_us: int, until_us: int) -> list[Path]:
    """The plant file and the grant file, whose milestones lie in the first line's history."""
    plant, grant = folder / "plant.yaml", folder / "grant.yaml"
    template = Path(__file__).with_name("page_plant.yaml").read_text(encoding="utf-8")
    lines = [_LINE.format(line=name, number=number) for number, name in enumerate(names)]
    lines[0] += _MEASUREMENT
    plant.write_text(template + "".join(lines), encoding="utf-8")
    grant.write_text(_grant(first_us, until_us), encoding="utf-8")
    return [plant, grant]


def _grant(first_us: int, until_us: int) -> str:
    def day(part: float) -> str:
        """The day after that part of the history."""
        return (
            (instant(first_us) + part * timedelta(microseconds=until_us - first_us))
            .date()
            .isoformat()
        )

    def days_until(part: float, most: int) -> int:
        """How many days of the history there are by then, at most so many."""
        return min(most, (date.fromisoformat(day(part)) - date.fromisoformat(day(0))).days + 1)

    def milestone(number: int, due: float, terms: str) -> str:
        return (
            f'  - {{id: M{number}, clause: "5.{number}", due: {day(due)}, '
            f"title: {{en: Milestone {number}}}, terms: {{{terms}}}}}\n"
        )

    def window(start: float, end: float) -> str:
        return f"{{start: {day(start)}, end: {day(end)}}}"

    kpi = "kind: kpi, min_coverage: 0.9, metric:"
    return (
        f"project: {PROJECT}\nscheme: NIFS\nplant: works\nlines: [{line_name(0)}]\n"
        f"approved_cost_hkd: 54000000\napproved_on: {day(-0.1)}\n"
        f"start: {day(0)}\nend: {day(1.2)}\nmilestones:\n"
        + milestone(
            1, 0.3, f"kind: commissioned, good_units: 100000, within_days: {days_until(0.3, 5)}"
        )
        + milestone(2, 0.6, f'{kpi} oee, op: ">=", target: 0.5, window: {window(0.3, 0.6)}')
        + milestone(
            3,
            1.1,
            f"{kpi} energy_per_good_unit, change: -0.2, baseline: {window(0, 0.3)}, "
            f"window: {window(0.8, 1.1)}",
        )
        + milestone(4, 1.2, f"kind: output, good_units: 90000000, start: {day(0)}, end: {day(1.2)}")
        + milestone(
            5,
            1.1,
            f'{kpi} availability, op: ">=", target: 0.5, '
            f"window: {{production_days: {days_until(1.1, 15)}}}",
        )
    )
