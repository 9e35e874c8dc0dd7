"""KPIs by month of many lines over a year, from stored facts, against one bare sum over them.

    python benchmarks/months.py [--lines 1000] [--days 365]

The facts of a few made-up lines are stored under as many names as are asked for. The baseline is
one DuckDB `SELECT sum(…), sum(…), …` over the same table: the columns that KPIs are made of, all
rows, no groups. Against it stand the sums by line, month, plan, mode, order and kind of reason
that the store makes (`fact_sums`); these with every KPI of every line and month, value and
bounds, in columns; and all of it as the rows that `lineproof kpi --json` prints. The sums are
checked: they must be those of the analytics for a few lines.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import polars as pl
from made_up import START, a_history, a_plant, end_of, line_name

from analytics.facts.line_digest import line_digest
from analytics.facts.line_facts import line_facts
from analytics.kpi.aggregation import ROW, condensed, totals
from analytics.kpi.evaluation import evaluate_all
from analytics.kpi.periods import Period, Periods
from analytics.kpi.rows import ManualInputs, period_rows
from api.documents.kpi_rows import kpi_row_json
from domain.frames import COUNT_COLUMNS, QUANTITY_COLUMNS, STATE_COLUMNS
from domain.plant import Plant
from domain.time import Window
from store.telemetry.duckdb.store import DuckDBStore

AIM = 3.0
ROUNDS = 5
MODELS = 4  # lines whose facts are computed
_SUMMED = (*STATE_COLUMNS, *QUANTITY_COLUMNS, *COUNT_COLUMNS)

Made = TypeVar("Made")


@dataclass(frozen=True)
class Seconds:
    facts: int
    rows: int  # of KPIs, one for each line and month
    bare: float
    sums: float
    kpis: float
    printed: float


def stored(folder: Path, plant: Plant, days: int) -> DuckDBStore:
    """A store with the facts of all lines of the plant."""
    store = DuckDBStore(folder / "facts.duckdb")
    whole = Window(START, end_of(days))
    models = []
    for number in range(min(MODELS, len(plant.lines))):
        history = a_history(number, days)
        models.append(line_facts(plant, history.line, history, whole.start, whole.end))
    spec = line_digest(plant, line_name(0))
    for number, line in enumerate(plant.lines):
        facts = models[number % len(models)].with_columns(
            pl.lit(line).alias("line"), pl.col("total_count") * (1 + number / 7)
        )
        store.replace_facts(line, spec, [whole], facts, 0)
    return store


def by_month(store: DuckDBStore, specs: dict[str, str], days: int) -> pl.DataFrame:
    return store.fact_sums(specs, START, end_of(days), "month")


def periods_of(plant: Plant, sums: pl.DataFrame) -> Periods:
    """The periods of `lineproof kpi --by month` for every line and month of the sums."""
    keys = ["line", "period"]
    lasted = sums.group_by(keys, maintain_order=True).agg(pl.sum_horizontal(STATE_COLUMNS).sum())
    months = {
        first: Window(START, START + timedelta(microseconds=micros))
        for _, first, micros in lasted.iter_rows()
    }
    each = [
        Period(line, plant.zone, months[first], str(first)) for line, first, _ in lasted.iter_rows()
    ]
    return Periods(each, sums.join(lasted.select(keys).with_row_index(ROW), on=keys))


def best(work: Callable[[], Made], rounds: int = ROUNDS) -> tuple[float, Made]:
    """The shortest of a few times, and what was made."""
    seconds = []
    for _ in range(rounds):
        begun = time.perf_counter()
        made = work()
        seconds.append(time.perf_counter() - begun)
    return min(seconds), made


def measured(folder: Path, lines: int, days: int) -> Seconds:
    """Raises SystemExit where the store's sums are not those of the analytics."""
    plant = a_plant(lines)
    store = stored(folder, plant, days)
    specs = dict.fromkeys(plant.lines, line_digest(plant, line_name(0)))
    columns = ", ".join(f"sum({name})" for name in _SUMMED)
    bare, _ = best(lambda: store._file.frame(f"SELECT count(*) AS facts, {columns} FROM facts"))
    summing, sums = best(lambda: by_month(store, specs, days))

    def kpis() -> Periods:
        periods = periods_of(plant, by_month(store, specs, days))
        evaluate_all(totals(periods.facts, len(periods.each)))
        return periods

    def printed() -> int:
        periods = periods_of(plant, by_month(store, specs, days))
        rows = period_rows(periods, [ManualInputs()] * len(periods.each), "iso22400")
        return len(json.dumps([kpi_row_json(row) for row in rows]))

    evaluating, periods = best(kpis)
    printing, _ = best(printed, 1)
    _check(store, specs, sums, days)
    ((facts,),) = store._file.rows("SELECT count(*) FROM facts")
    store.close()
    return Seconds(facts, len(periods.each), bare, summing, evaluating, printing)


def _check(store: DuckDBStore, specs: dict[str, str], sums: pl.DataFrame, days: int) -> None:
    keys = ["line", "period"]
    for line in list(specs)[:: max(1, len(specs) // 5)]:
        facts = store.facts(line, specs[line], START, end_of(days))
        keyed = facts.with_columns(period=pl.col("day").dt.truncate("1mo"))
        order = [*keys, "plan", "mode", "order_is", "reason_kind"]
        expected = condensed(keyed, keys).sort(order)
        found = sums.filter(pl.col("line") == line)
        apart = (found["total_count"] - expected["total_count"]).abs().max()
        if not found.select(STATE_COLUMNS).equals(expected.select(STATE_COLUMNS)) or (
            not isinstance(apart, float) or apart > 1e-6
        ):
            raise SystemExit(f"the sums of {line} are not those of its facts")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = measured(Path(folder), options.lines, options.days)
    print(
        f"{found.facts:,} facts of {options.lines} lines\n"
        f"one bare sum of {len(_SUMMED)} columns: {found.bare * 1000:7.0f} ms\n"
        f"sums by line and month:      {found.sums * 1000:7.0f} ms, "
        f"{found.sums / found.bare:.1f} ×\n"
        f"every KPI of {found.rows:,} rows:    {found.kpis * 1000:7.0f} ms, "
        f"{found.kpis / found.bare:.1f} × (aim: ≤ {AIM:.0f})\n"
        f"the same printed as JSON:    {found.printed * 1000:7.0f} ms, "
        f"{found.printed / found.bare:.1f} ×"
    )


if __name__ == "__main__":
    main()
