"""KPIs by month of many lines over a year, from stored facts, against one bare sum over them.

    python benchmarks/months.py [--lines 1000] [--days 365]

The facts of a few made-up lines are stored under as many names as are asked for. The baseline is
one DuckDB `SELECT sum(…), sum(…), …` over the same table: the columns that KPIs are made of, all
rows, no groups. Against it stand the sums by line, month, plan, mode, order and kind of reason
that the store makes (`fact_sums`), and these with all KPI rows of every line and month made of
them. The sums are checked: they must be those of the analytics for a few lines.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import polars as pl
from made_up import START, a_history, a_plant, end_of, line_name

from analytics.facts import line_digest, line_facts
from analytics.kpi_rows import Period, period_rows
from analytics.kpi_totals import condensed, micros_in, rows_by
from domain.frames import COUNT_COLUMNS, QUANTITY_COLUMNS, STATE_COLUMNS
from domain.plant import Plant
from domain.time import Window
from store.duckdb_store import DuckDBStore

AIM = 3.0
ROUNDS = 5
MODELS = 4  # lines whose facts are computed
_SUMMED = (*STATE_COLUMNS, *QUANTITY_COLUMNS, *COUNT_COLUMNS)

Made = TypeVar("Made")


@dataclass(frozen=True)
class Seconds:
    facts: int
    rows: int  # KPI rows
    bare: float
    sums: float
    kpis: float


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


def kpi_rows_of(plant: Plant, sums: pl.DataFrame) -> list[dict[str, object]]:
    """The rows of `lineproof kpi --by month` for every line and month of the sums."""
    rows: list[dict[str, object]] = []
    periods: dict[str, list[Period]] = {}
    for (line, first), parts in rows_by(sums, ["line", "period"]).items():
        lasted = timedelta(microseconds=sum(sum(micros_in(row)) for row in parts))
        window = Window(START, START + lasted)
        periods.setdefault(str(line), []).append(Period(window, str(first), parts))
    for line, of_line in periods.items():
        rows += period_rows(plant, line, of_line, "month", "iso22400")
    return rows


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
    making, rows = best(lambda: kpi_rows_of(plant, sums), 1)
    _check(store, specs, sums, days)
    ((facts,),) = store._file.rows("SELECT count(*) FROM facts")
    store.close()
    return Seconds(facts, len(rows), bare, summing, summing + making)


def _check(store: DuckDBStore, specs: dict[str, str], sums: pl.DataFrame, days: int) -> None:
    keys = ["line", "period"]
    for line in list(specs)[:: max(1, len(specs) // 5)]:
        facts = store.facts(line, specs[line], START, end_of(days))
        keyed = facts.with_columns(period=pl.col("day").dt.truncate("1mo"))
        order = [*keys, "plan", "mode", "has_order", "reason_kind"]
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
    print(  # noqa: T201
        f"{found.facts:,} facts of {options.lines} lines\n"
        f"one bare sum of {len(_SUMMED)} columns: {found.bare * 1000:7.0f} ms\n"
        f"sums by line and month:      {found.sums * 1000:7.0f} ms, "
        f"{found.sums / found.bare:.1f} × (aim: ≤ {AIM:.0f})\n"
        f"with {found.rows:,} KPI rows:       {found.kpis * 1000:7.0f} ms, "
        f"{found.kpis / found.bare:.1f} ×"
    )


if __name__ == "__main__":
    main()
