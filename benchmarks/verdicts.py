"""Verdicts of one project over 24 months and of many projects, against bare sums of their facts.

    python benchmarks/verdicts.py [--days 730] [--projects 200] [--project-days 90]

One project: a milestone of output and one of availability are judged from the facts of a made-up
line, in memory. The baseline is one bare polars sum over the same facts, of every column that is
added up.

Many projects: each is of a company of its own, with one line. Their facts are stored, and the
verdicts of all are asked for as the portfolio asks for them (`api.queries.verdicts`): facts, terms,
documents, steps and what is odd. The baseline is one DuckDB sum over the table of facts. Time grows
with the projects, so the ratio of 10,000 is that of some hundred.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
from made_up import START, a_history, a_plant, end_of, line_name

from analytics.facts.line_digest import line_digest
from analytics.facts.line_facts import line_facts
from analytics.milestones.verdict import verdict
from api.queries.lines import Queries
from api.queries.verdicts import verdicts
from domain.frames import COUNT_COLUMNS, QUANTITY_COLUMNS, STATE_COLUMNS
from domain.grants import DayRange, KpiTerms, Milestone, OutputTerms, Project
from domain.plant import Plant
from domain.time import Window
from lineproof.upkeep.apply import apply_files
from store.node.opening import Stores, open_stores

AIM_ONE, AIM_MANY = 5.0, 3.0
ROUNDS = 5
_FIRST = START.astimezone(ZoneInfo("Asia/Hong_Kong")).date()
_SUMMED = (*STATE_COLUMNS, *QUANTITY_COLUMNS, *COUNT_COLUMNS)
PLANT = """\
plant: plant-{number}
timezone: Asia/Hong_Kong
company: {{name: {{en: Company {number}}}, business_registration: "{number}"}}
calendars:
  two-shift:
    holidays: HK
    shifts:
      - {{name: A, days: [mon, tue, wed, thu, fri, sat], start: "07:00", end: "15:00"}}
      - {{name: B, days: [mon, tue, wed, thu, fri, sat], start: "15:00", end: "23:00"}}
lines:
  line-{number:04}:
    name: {{en: Line}}
    calendar: two-shift
    ideal_cycle_time_s: 1
    machines: {{m: {{profile: import}}}}
    roles: {{state: m, total_count: m}}
"""
GRANT = """\
project: PROJECT-{number}
scheme: NIFS
plant: plant-{number}
lines: [line-{number:04}]
approved_cost_hkd: 1000000
approved_on: {start}
start: {start}
end: {end}
milestones:
  - id: M1
    clause: "1"
    due: {end}
    title: {{en: Availability}}
    terms:
      kind: kpi
      metric: availability
      op: ">="
      target: 0.01
      window: {{start: {start}, end: {end}}}
"""


@dataclass(frozen=True, slots=True)
class Compared:
    """CPU seconds of the baseline and of the verdicts, over so many facts."""

    facts: int
    bare_s: float
    verdicts_s: float

    @property
    def ratio(self) -> float:
        return self.verdicts_s / self.bare_s


def facts_of(plant: Plant, days: int) -> pl.DataFrame:
    """FACTS of the plant's first line."""
    history = a_history(0, days)
    return line_facts(plant, history.line, history, START, end_of(days))


def one_project(days: int) -> Compared:
    plant = a_plant(1)
    facts = facts_of(plant, days)
    line, whole = line_name(0), DayRange(_FIRST, _FIRST + timedelta(days=days - 1))
    every = (OutputTerms(1000, whole), KpiTerms("availability", ">=", whole, target=0.01))
    milestones = tuple(
        Milestone(it.kind, "1", whole.end, {"en": it.kind}, it, terms_digest="") for it in every
    )
    project = Project(
        "P", "NIFS", plant.id, (line,), 1e6, whole.start, whole.start, whole.end, milestones
    )
    as_of = end_of(days + 1)
    bare_s = best(lambda: facts.select(pl.col(_SUMMED).sum()))
    verdicts_s = best(
        lambda: [verdict(project, it, plant, {line: facts}, as_of) for it in milestones]
    )
    return Compared(facts.height, bare_s, verdicts_s)


def many_projects(folder: Path, projects: int, days: int) -> Compared:
    """Raises SystemExit where a verdict is not one on its facts."""
    at = end_of(days + 1)
    with open_stores(folder / "node") as stores:
        facts = stored(stores, folder, projects, days)
        queries = Queries(stores.telemetry, stores.registry, lambda: at)
        columns = ", ".join(f"sum({name})" for name in _SUMMED)
        file = stores.telemetry._file  # type: ignore[attr-defined]  # of DuckDB
        bare_s = best(lambda: file.rows(f"SELECT {columns} FROM facts"))

        def judge() -> None:
            for it in queries.projects():
                (found,) = verdicts(queries, it.reference, at).verdicts
                if found.value is None:
                    raise SystemExit(f"{it.reference} has no value: {found}")

        return Compared(facts, bare_s, best(judge, 1))


def stored(stores: Stores, folder: Path, projects: int, days: int) -> int:
    """How many facts were stored."""
    start, end = _FIRST.isoformat(), (_FIRST + timedelta(days=days - 1)).isoformat()
    files = []
    for number in range(projects):
        for name, text in (("plant", PLANT), ("grant", GRANT)):
            path = folder / f"{name}-{number}.yaml"
            path.write_text(text.format(number=number, start=start, end=end), encoding="utf-8")
            files.append(path)
    apply_files(stores.registry, files, datetime.now(UTC))
    model, rows = facts_of(a_plant(1), days), 0
    for plant in stores.registry.plants.all():
        (line,) = plant.lines
        facts = model.with_columns(pl.lit(line).alias("line"))
        window = Window(START, end_of(days))
        stores.telemetry.replace_facts(line, line_digest(plant, line), [window], facts, 0)
        rows += facts.height
    return rows


def best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """CPU seconds of all threads, which other work on the machine changes less."""
    seconds = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        seconds.append(time.process_time() - begun)
    return min(seconds)


def told(what: str, found: Compared, aim: float) -> str:
    return (
        f"{what}: {found.facts:,} facts; bare sum {found.bare_s * 1e3:.2f} ms, verdicts "
        f"{found.verdicts_s * 1e3:.1f} ms: {found.ratio:.0f} x (aim: <= {aim:.0f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--projects", type=int, default=200)
    parser.add_argument("--project-days", type=int, default=90)
    options = parser.parse_args()
    print(told(f"one project, {options.days} days", one_project(options.days), AIM_ONE))
    with tempfile.TemporaryDirectory() as folder:
        found = many_projects(Path(folder), options.projects, options.project_days)
    print(told(f"{options.projects} projects, {options.project_days} days", found, AIM_MANY))


if __name__ == "__main__":
    main()
