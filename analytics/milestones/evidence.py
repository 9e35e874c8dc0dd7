"""What the facts of a project's lines say, day by day: what every verdict rests on.

Days are calendar days in the plant's zone, and only days that had ended are looked at. A
production day is a day with planned busy time on any of the lines: whether it went well does
not matter, so a bad day cannot be left out. Several lines are one: their facts are summed
before any quotient is taken (the mean of two OEEs is no OEE). Where one of the lines does
not measure a quantity, the lines together have none.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

import polars as pl

from analytics import integrity_flags
from analytics.calendar.planned_time import plan_segments
from analytics.facts.undefined_products import undefined_products
from analytics.kpi.aggregation import ROW, condensed, totals
from analytics.kpi.evaluation import KpiValue, Sums, evaluate, summed
from analytics.methods import registry
from analytics.milestones.ideal_speed import BeatenCycle, beaten_cycle, within_ideal_speed
from domain.errors import InputError
from domain.frames import FACTS, QUANTITY_COLUMNS, STATE_COLUMNS, check
from domain.grants import DayRange
from domain.plant import Plant
from domain.states import Plan
from domain.time import midnight

ONE_DAY = timedelta(days=1)
# A quantity is measured also where its counter is there and was not heard.
_TOTAL, _GOOD = ("total_unheard_s",), ("good_unheard_s",)
_UNHEARD: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("total_count", "total_count_unknown", "ideal_s", "ideal_unknown_s"), _TOTAL),
    **dict.fromkeys(("total_count_implausible", "implausible_ideal_s", "possible_count"), _TOTAL),
    **dict.fromkeys(("good_count", "good_count_unknown", "good_ideal_s"), _GOOD),
    "total_count_missed": _TOTAL,
    "good_count_missed": _GOOD,
    **dict.fromkeys(("reject_count", "reject_count_missed"), ("reject_unheard_s",)),
    **dict.fromkeys(("rework_count", "rework_count_missed"), ("rework_unheard_s",)),
    "energy_kwh": ("energy_unheard_s",),
}
_IN_PLAN = pl.col("plan") == Plan.BUSY.value
_RUN = "run"
_NO_FACTS = FACTS.to_frame()


@dataclass(frozen=True)
class Evidence:
    """FACTS of all the project's lines up to the last day that had ended at `as_of`; of the shifts
    of these names alone, where there are any. Days stay calendar days: of a shift that goes on
    behind midnight, each day has its part."""

    plant: Plant
    lines: tuple[str, ...]
    today: date  # the first day that had not ended
    facts: pl.DataFrame  # as measured, sorted by day and then by every other column
    shifts: tuple[str, ...] = ()

    def of_shifts(self, names: tuple[str, ...]) -> Evidence:
        """What the facts of these shifts say; no names: of all time."""
        if not names:
            return self
        inside = self.facts.filter(pl.col("shift").is_in(names))
        return Evidence(self.plant, self.lines, self.today, inside, names)

    @property
    def yesterday(self) -> date:
        return self.today - ONE_DAY

    def rows(self, days: DayRange) -> pl.DataFrame:
        """The FACTS rows of those days."""
        return self._slice(self.facts, days)

    def summable_rows(self, days: DayRange) -> pl.DataFrame:
        """The same without what one of the lines does not measure."""
        return self._slice(self._summable, days)

    def rows_of(self, ranges: Sequence[DayRange]) -> pl.DataFrame:
        """The FACTS rows of several ranges, each once."""
        inside = [pl.col("day").is_between(days.start, days.end) for days in ranges]
        return self.facts.filter(pl.any_horizontal(inside))

    def sums(self, days: DayRange, method: str = registry.DEFAULT) -> Sums:
        return self._summed(days, method, within_ideal_speed=False)

    def kpi_value(self, metric: str, days: DayRange, method: str = registry.DEFAULT) -> KpiValue:
        """The metric over those days. Raises InputError for an unknown metric or method."""
        return evaluate(metric, self.sums(days, method))

    def kpi_value_within_ideal_speed(
        self, metric: str, days: DayRange, method: str = registry.DEFAULT
    ) -> KpiValue:
        """The same where no slice gives more than its ideal cycle time allows."""
        if self.is_within_ideal_speed:
            return self.kpi_value(metric, days, method)
        return evaluate(metric, self._summed(days, method, within_ideal_speed=True))

    def kpi_value_that_counts(
        self, metric: str, days: DayRange, method: str = registry.DEFAULT
    ) -> KpiValue:
        """As measured, with a low bound that counts nothing beyond the ideal cycle time."""
        found = self.kpi_value(metric, days, method)
        if self.is_within_ideal_speed:
            return found
        counting = self.kpi_value_within_ideal_speed(metric, days, method)
        if found.low is None or counting.low is None:
            return found
        return replace(found, low=min(found.low, counting.low))

    def beaten_cycle(self, days: DayRange) -> BeatenCycle | None:
        """Where on those days a line was faster than its ideal cycle time allows."""
        return beaten_cycle(self.rows(days))

    @cached_property
    def is_within_ideal_speed(self) -> bool:
        """Whether no line ever was faster than its ideal cycle time allows."""
        return self._within_ideal_speed.equals(self._summable)

    def undefined_products(self, days: DayRange) -> list[str]:
        """Products made on those days that the plant file does not define."""
        return undefined_products(self.rows(days))

    def unheard_in_plan_s(self, days: DayRange) -> float:
        """For how many seconds of planned production a counter of items was not heard."""
        sums = self.sums(days)
        silent = (sums.one("total_unheard_in_plan_s"), sums.one("good_unheard_in_plan_s"))
        return max(each or 0.0 for each in silent)

    def coverage(self, days: DayRange) -> float | None:
        """The known share of planned busy time."""
        return self.kpi_value("availability", days).coverage

    def flags(self, days: DayRange) -> tuple[str, ...]:
        bits = integrity_flags.union(self.rows(days)["flags"].unique().to_list())
        if bits & integrity_flags.GAP and integrity_flags.is_gap_tolerated(
            self.coverage(days) or 0.0
        ):
            bits &= ~integrity_flags.GAP
        return integrity_flags.names(bits)

    def production_days(self, days: DayRange) -> list[date]:
        """Those of the days that had ended and had planned busy time, in order."""
        every = self._production_days
        return every[bisect_left(every, days.start) : bisect_right(every, days.end)]

    def producing_days(self, days: DayRange) -> tuple[list[date], list[date]]:
        """Those of the days that had ended on which something was certainly made, and those on
        which it may have been: some of their time is not known. Items count that were certainly
        made on the day."""
        counts = [pl.col(it).fill_null(0.0) for it in ("total_count", "good_count")]
        unsure = pl.col("unsure_start_count", "unsure_end_count").fill_null(0.0)
        is_made = (pl.col("producing_us") > 0) | (pl.max_horizontal(counts) > 0)
        by_day = (
            self.rows(days)
            .with_columns(
                certain=(pl.col("producing_us") > 0)
                | (pl.max_horizontal(counts) > pl.sum_horizontal(unsure)),
                possible=is_made | (pl.col("unknown_us") > 0),
            )
            .group_by("day")
            .agg(pl.col("certain", "possible").any())
            .sort("day")
        )
        certain, possible = (by_day.filter(it)["day"] for it in ("certain", "possible"))
        return certain.to_list(), possible.to_list()

    def by_day(self, days: DayRange, method: str = registry.DEFAULT) -> tuple[list[date], Sums]:
        """Those of the days that have facts, in order, and a row of sums for each."""
        inside, runs = self._with_runs(self._slice(self._summable, days))
        rows = condensed(inside, ["day"], runs)
        there = rows["day"].unique().sort()
        numbers = pl.col("day").replace_strict(there, range(len(there)), return_dtype=pl.Int64)
        return there.to_list(), totals(rows.with_columns(numbers.alias(ROW)), len(there), method)

    def planned_days(self, days: DayRange) -> list[date]:
        """Which of the days the calendars of the lines plan to be production days, in order."""
        if days.end < days.start:
            return []
        zone = self.plant.zone
        start, end = midnight(days.start, zone), midnight(days.end + ONE_DAY, zone)
        busy: set[date] = set()
        for line in self.lines:
            plan = plan_segments(self.plant.lines[line].calendar, zone, start, end)
            counts = pl.col("shift").is_in(self.shifts) if self.shifts else pl.lit(value=True)
            for begin, finish in plan.filter(_IN_PLAN, counts).select("start", "end").iter_rows():
                day = begin.astimezone(zone).date()
                while midnight(day, zone) < finish:
                    busy.add(day)
                    day += ONE_DAY
        return sorted(it for it in busy if days.start <= it <= days.end)

    def require(self, days: DayRange) -> None:
        """Raises InputError where a line has no facts on one of the days that had ended."""
        last = min(days.end, self.yesterday)
        wanted = [days.start + n * ONE_DAY for n in range((last - days.start).days + 1)]
        for line in self.lines:
            there = set(self.facts.filter(pl.col("line") == line)["day"].unique())
            for day in wanted:
                if day not in there:
                    raise InputError(
                        f"there are no facts of line '{line}' for {day.isoformat()}",
                        todo="Compute the facts from the project's start on "
                        "(unknown time is a fact too).",
                    )

    def _slice(self, frame: pl.DataFrame, days: DayRange) -> pl.DataFrame:
        low = bisect_left(self._days, days.start)
        return frame.slice(low, bisect_right(self._days, days.end) - low)

    @cached_property
    def _days(self) -> list[date]:
        return self.facts["day"].to_list()

    @cached_property
    def _summable(self) -> pl.DataFrame:
        there = [
            pl.any_horizontal(pl.col(name, *_UNHEARD.get(name, ())).is_not_null()).any().alias(name)
            for name in QUANTITY_COLUMNS
        ]
        measured = self.facts.group_by("line").agg(there)  # on any of its days
        unmeasured = [column for column in QUANTITY_COLUMNS if not measured[column].all()]
        return self.facts.with_columns(
            pl.lit(None, dtype=FACTS[column]).alias(column) for column in unmeasured
        )

    @cached_property
    def _sums(self) -> dict[tuple[DayRange, str, bool], Sums]:
        """What was summed up already: a verdict asks the same days for value, coverage, flags and
        sentences."""
        return {}

    @cached_property
    def _within_ideal_speed(self) -> pl.DataFrame:
        return within_ideal_speed(self._summable)

    @cached_property
    def _production_days(self) -> list[date]:
        planned = self.facts.filter(_IN_PLAN & (pl.sum_horizontal(STATE_COLUMNS) > 0))
        return planned["day"].unique().sort().to_list()

    def _with_runs(self, facts: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
        """Rows of `facts`, and the column that tells stretches without a hole apart: where only
        some shifts count, what may have been made outside them stands at each of their borders."""
        return with_runs(facts) if self.shifts else (facts, ())

    def _summed(self, days: DayRange, method: str, *, within_ideal_speed: bool) -> Sums:
        asked = days, method, within_ideal_speed
        if asked not in self._sums:
            facts = self._within_ideal_speed if within_ideal_speed else self._summable
            rows, runs = self._with_runs(self._slice(facts, days))
            self._sums[asked] = summed(rows, method, runs)
        return self._sums[asked]


def with_runs(facts: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """FACTS, sorted by day, line and start, with a number that is the same for rows of a line that
    adjoin; and the name of that column."""
    begins = pl.col("start") > pl.col("end").shift().over("line")
    number = begins.fill_null(value=True).cum_sum().over("line")
    return facts.with_columns(number.alias(_RUN)), (_RUN,)


def gather(
    lines: tuple[str, ...], plant: Plant, facts: Mapping[str, pl.DataFrame], as_of: datetime
) -> Evidence:
    """The evidence at `as_of` from each line's FACTS (rows in any order).

    Raises InputError when a line's facts are missing.
    """
    today = as_of.astimezone(plant.zone).date()
    missing = [line for line in lines if line not in facts]
    if missing:
        raise InputError(f"there are no facts of line '{missing[0]}'", todo="Give its facts.")
    rows = pl.concat(
        [_NO_FACTS, *(check(facts[line], FACTS, f"facts of {line}") for line in lines)]
    )
    ordered = rows.filter(pl.col("day") < today).sort("day", *FACTS.names())
    return Evidence(plant, lines, today, ordered)


def facts_digest(rows: pl.DataFrame) -> str:
    """SHA-256, in hex, over FACTS rows: the same for the same rows in any order.

    The bytes, column by column in the schema's order, rows sorted by all columns: name, a
    byte a row that is 1 where the value is null, then the values. Numbers are 8 bytes little
    endian (microseconds since 1970-01-01 UTC, days since then; null as 0), texts UTF-8, each
    behind its length in 8 bytes.
    """
    ordered = check(rows, FACTS, "facts").sort(FACTS.names())
    nulls = ordered.select(pl.all().is_null().cast(pl.UInt8))
    values = ordered.select(_NEVER_NULL)
    hasher = hashlib.sha256(f"lineproof-facts/1\n{ordered.height}\n".encode())
    for name, kind in FACTS.items():
        hasher.update(f"{name}\n".encode())
        hasher.update(nulls[name].to_numpy().tobytes())
        column = values[name]
        if kind == pl.String:
            written = {text: _behind_its_length(text) for text in column.unique().to_list()}
            hasher.update(b"".join([written[text] for text in column.to_list()]))
        elif kind == pl.Float64:
            numbers = column.to_numpy() + 0.0  # makes -0.0 to 0.0
            hasher.update(numbers.astype("<f8").tobytes())
        else:
            hasher.update(column.to_numpy().astype("<i8").tobytes())
    return hasher.hexdigest()


def _never_null(name: str, kind: pl.DataType) -> pl.Expr:
    """The column as `facts_digest` writes it: texts, floats, or whole numbers."""
    column = pl.col(name)
    if kind == pl.String:
        return column.fill_null("")
    if kind == pl.Float64:
        return column.fill_null(0.0)
    return column.to_physical().cast(pl.Int64).fill_null(0)


def _behind_its_length(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(8, "little") + data


_NEVER_NULL = [_never_null(name, kind) for name, kind in FACTS.items()]
