"""Hand-made FACTS: a day at a time, with the seconds and counts that a test wants.

`facts` puts days together, `plant` and `project` are what they belong to. A working day has ten
planned busy hours, 08:00–18:00 in Hong Kong; the calendar plans Monday to Friday.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from analytics import integrity_flags as bits
from analytics.milestones.verdict import verdict
from domain.attested_figures import AttestedFigure
from domain.frames import FACTS, QUANTITY_COLUMNS, STATE_COLUMNS
from domain.grants import AttachedDocument, Milestone, Project, Terms, Verdict
from domain.plant import Calendar, Line, Plant, Product, Shift
from domain.time import midnight

ZONE = ZoneInfo("Asia/Hong_Kong")
BUSY_S = 36_000.0
CYCLE_S = 1.0
WEEKDAYS = frozenset(range(5))


@dataclass(frozen=True)
class Day:
    """What one line did in its planned busy time on one day; the rest of it stood still.

    Items take CYCLE_S each; `good` None: the line does not count, `energy_kwh` None: it has no
    meter. `heard` False: it counts, but its counter was silent while it produced. On a day that is
    not `planned` everything was made outside the plan.
    """

    producing_s: float = 0.0
    unknown_s: float = 0.0
    good: float | None = 0.0
    total: float | None = None  # as many as good ones
    energy_kwh: float | None = None
    planned: bool = True
    heard: bool = True
    flags: tuple[str, ...] = ()


def oee_day(oee: float, unknown_share: float = 0.0, flags: tuple[str, ...] = ()) -> Day:
    """A day of that OEE over its known time: it ran all the time at that rate, all good."""
    known_s = BUSY_S * (1 - unknown_share)
    return Day(known_s, BUSY_S - known_s, good=known_s * oee / CYCLE_S, flags=flags)


REST = Day(planned=False)


def day_rows(day: date, done: Day, line: str = "filler-1") -> list[dict[str, object]]:
    """FACTS rows that fill the day: before, in and after the planned hours."""
    opens = datetime.combine(day, time(8), tzinfo=ZONE)
    closes = opens + timedelta(seconds=BUSY_S)
    start, end = midnight(day, ZONE), midnight(day + timedelta(days=1), ZONE)
    if not done.planned:
        return [_row(line, day, start, end, "not_planned", {"off": 86_400.0}, done)]
    stopped_s = BUSY_S - done.producing_s - done.unknown_s
    assert stopped_s > -1e-6, "more seconds than the day has"
    work = {"producing": done.producing_s, "unknown": done.unknown_s, "stopped": stopped_s}
    nothing = replace(
        done,
        good=None if done.good is None else 0.0,
        total=None if done.total is None else 0.0,
        energy_kwh=None if done.energy_kwh is None else 0.0,
        flags=(),
    )
    return [
        _row(line, day, start, opens, "not_planned", {"off": 28_800.0}, nothing),
        _row(line, day, opens, closes, "busy", work, done),
        _row(line, day, closes, end, "not_planned", {"off": 21_600.0}, nothing),
    ]


def facts(first: date, days: Iterable[Day], line: str = "filler-1") -> pl.DataFrame:
    """FACTS of consecutive days from `first` on."""
    rows = [
        row
        for offset, done in enumerate(days)
        for row in day_rows(first + timedelta(days=offset), done, line)
    ]
    return pl.DataFrame(rows, schema=FACTS)


def weeks(first: date, last: date, done: Day) -> list[Day]:
    """From `first` to `last`: that day from Monday to Friday, rest at the weekend."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [done if day.weekday() in WEEKDAYS else REST for day in days]


def plant(*lines: str, cycle_s: float | None = CYCLE_S) -> Plant:
    """Lines that work from Monday to Friday, 08:00–18:00."""
    shift = Shift("day", WEEKDAYS, time(8), time(18))
    calendar = Calendar("office hours", (shift,))
    return Plant(
        id="tko-foods",
        zone=ZONE,
        company={"en": "TKO Foods Ltd"},
        business_registration="12345678",
        products={"juice-330": Product("juice-330", {"en": "Juice"}, 0.5)},
        lines={
            line: Line(line, {"en": line}, {}, {}, calendar, cycle_s)
            for line in lines or ("filler-1",)
        },
    )


def project(
    terms: Terms,
    due: date,
    *,
    start: date,
    end: date = date(2027, 1, 31),
    lines: tuple[str, ...] = ("filler-1",),
) -> Project:
    """A project with one milestone, M1."""
    milestone = Milestone("M1", "5.1", due, {"en": "A milestone"}, terms, "d" * 64)
    return Project(
        reference="NIFS-2025-017",
        scheme="NIFS",
        plant="tko-foods",
        lines=lines,
        approved_cost_hkd=54_000_000,
        approved_on=start - timedelta(days=14),
        start=start,
        end=end,
        milestones=(milestone,),
    )


def morning_of(day: date) -> datetime:
    """Midnight at which that local day begins: the day before has just ended."""
    return midnight(day, ZONE)


def judged(
    terms: Terms,
    days: Sequence[Day],
    *,
    start: date,
    due: date,
    as_of: datetime | None = None,
    cycle_s: float | None = CYCLE_S,
    documents: Sequence[AttachedDocument] = (),
    attested: Sequence[AttestedFigure] = (),
) -> Verdict:
    """The verdict on a project of one line whose facts begin with the project.

    Without `as_of`: on the morning after the last of the days.
    """
    about = project(terms, due, start=start)
    as_of = as_of or morning_of(start + timedelta(days=len(days)))
    return verdict(
        about,
        about.milestones[0],
        plant(cycle_s=cycle_s),
        {"filler-1": facts(start, days)},
        as_of,
        documents,
        attested,
    )


def _row(
    line: str,
    day: date,
    start: datetime,
    end: datetime,
    plan: str,
    seconds: dict[str, float],
    done: Day,
) -> dict[str, object]:
    total = done.good if done.total is None else done.total
    counted = done.good is not None and total is not None
    good, all_items = done.good or 0.0, total or 0.0
    quantities: dict[str, float | None] = {
        "total_count": total,
        "good_count": done.good,
        "reject_count": all_items - good if counted else None,
        "rework_count": None,
        "total_count_unknown": 0.0 if counted else None,
        "good_count_unknown": 0.0 if counted else None,
        "ideal_s": all_items * CYCLE_S if counted else None,
        "good_ideal_s": good * CYCLE_S if counted else None,
        "energy_kwh": done.energy_kwh,
        "total_count_implausible": 0.0 if counted else None,
        "implausible_ideal_s": 0.0 if counted else None,
    }
    # Nothing is hidden but by unknown time, and every counter is heard.
    first_hidden = QUANTITY_COLUMNS.index("ideal_unknown_s")
    for name in QUANTITY_COLUMNS[first_hidden:]:
        there = done.energy_kwh is not None if name.startswith("energy") else counted
        quantities[name] = 0.0 if there else None
    if not done.heard and "producing" in seconds:
        quantities |= dict.fromkeys(("total_count", "good_count", "ideal_s", "good_ideal_s"))
        quantities |= dict.fromkeys(("total_unheard_s", "good_unheard_s"), seconds["producing"])
    assert set(quantities) == set(QUANTITY_COLUMNS)
    return {
        "line": line,
        "start": start,
        "end": end,
        "day": day,
        "shift": "day" if plan == "busy" else "",
        "shift_start": start if plan == "busy" else None,
        "plan": plan,
        "mode": None,
        "order": None,
        "product": "",
        "reason_kind": None,
        **{
            column: round(seconds.get(column.removesuffix("_us"), 0.0) * 1e6)
            for column in STATE_COLUMNS
        },
        **quantities,
        "stops": 0,
        "failures": 0,
        "flags": bits.bits_of(done.flags),
    }


def document(milestone: str, kind: str, day: date) -> AttachedDocument:
    """A document that was attached at noon of that day."""
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    return AttachedDocument("P", milestone, kind, "file.pdf", "0" * 64, noon, day, "officer")
