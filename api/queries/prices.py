"""What a question costs, known before work on it begins, and how dear one may be.

A price is days of history (of all lines together) and rows of the answer, both told from the
question alone: no slice is counted out, so the price of a century costs nothing. LIMITS is the one
table of what is answered; what is dearer is refused with what would be allowed. A question of more
than `quick_days` is a long one, which waits for its turn among the long ones (`api.http.lanes`).
How many samples a window has, only the store knows; where raw samples are read at once they are
counted first (`check_samples`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from analytics.kpi.periods import check_period
from analytics.methods import registry
from analytics.milestones.verdict import facts_window
from api.queries.lines import Queries
from domain.errors import InputError, LineproofError
from domain.grants import Project, Reason
from domain.plant import Calendar, Line
from domain.time import Window

Kind = Literal["kpis", "states", "stops", "chart", "milestones", "correction", "freeze"]
SAMPLES_MAX = 3_000_000  # read at once: more would fill the memory of a small node
_DAY = timedelta(days=1)
_WEEK_DAYS = 7
_MONTH_DAYS = 28  # of the shortest
_CUT = 2  # rows more, where a window cuts through its first and its last
_ROWS_A_DAY = {"hour": 24.0, "day": 1.0, "week": 1 / _WEEK_DAYS, "month": 1 / _MONTH_DAYS}
IN_TIME = frozenset({*_ROWS_A_DAY, "shift"})  # periods that follow each other: rows in pages
PAGE_ROWS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Allowed:
    """Up to how many days a question is quick, how many one may have, and how many rows."""

    quick_days: int
    days: int
    rows: int = 10_000


LIMITS: dict[Kind, Allowed] = {
    "kpis": Allowed(quick_days=31, days=3_660),
    "states": Allowed(quick_days=2, days=366),
    "stops": Allowed(quick_days=2, days=366),
    "chart": Allowed(quick_days=2, days=366),
    "milestones": Allowed(quick_days=366, days=36_600),
    "correction": Allowed(quick_days=31, days=366),
    "freeze": Allowed(quick_days=31, days=3_660),
}


class TooDearError(InputError):
    """A question that one node does not answer in one go. `reason`: the sentence, translatable."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.message, values=reason.values)
        self.reason = reason


class ComeAgainError(LineproofError):
    """Not now, but soon: `retry_after_s` says when. `reason`: the sentence, translatable."""

    http_status = 503

    def __init__(self, reason: Reason, retry_after_s: int) -> None:
        super().__init__(reason.message, values=reason.values)
        self.reason = reason
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Price:
    """`days` of history, of all lines together; at most so many `rows`, one for each `by`. `until`:
    the last day up to which a project's verdicts are not too dear."""

    kind: Kind
    days: float
    rows: float = 1
    by: str = ""
    until: date | None = None

    @property
    def is_quick(self) -> bool:
        return self.days <= LIMITS[self.kind].quick_days

    def check(self) -> None:
        """Raises TooDearError with what would be allowed."""
        limit = LIMITS[self.kind]
        if self.days > limit.days and self.by in IN_TIME:
            raise TooDearError(
                Reason(
                    "This asks for %(days)s days of history; %(most)s days are the most of one "
                    "answer. Ask for a shorter time, or for pages of it: limit=%(page)s.",
                    {
                        "days": _whole(self.days),
                        "most": _whole(limit.days),
                        "page": str(PAGE_ROWS_MAX),
                    },
                )
            )
        if self.days > limit.days and self.until is not None:
            raise TooDearError(
                Reason(
                    "The verdicts of this project look at %(days)s days of history, counted over "
                    "all lines; %(most)s days are the most of one question. Ask what was up to "
                    "%(until)s at the latest, or shorten the windows of its terms.",
                    {
                        "days": _whole(self.days),
                        "most": _whole(limit.days),
                        "until": self.until.isoformat(),
                    },
                )
            )
        if self.days > limit.days:
            raise TooDearError(
                Reason(
                    "This asks for %(days)s days of history, counted over all lines; "
                    "%(most)s days are the most of one question. Ask for a shorter time.",
                    {"days": _whole(self.days), "most": _whole(limit.days)},
                )
            )
        if self.rows > limit.rows:
            raise TooDearError(
                Reason(
                    "This would give %(rows)s rows, one for each %(by)s; %(most)s rows are the "
                    "most of one answer. Ask for at most %(days)s days, for longer periods, or "
                    "for pages: limit=%(page)s.",
                    {
                        "rows": _whole(self.rows),
                        "by": self.by,
                        "most": _whole(limit.rows),
                        "days": _whole(self.days * limit.rows / self.rows),
                        "page": str(PAGE_ROWS_MAX),
                    },
                )
            )


def kpis_price(
    queries: Queries, line_id: str, window: Window, by: str | None, method: Sequence[str]
) -> Price:
    """Of KPI rows. Raises NotFoundError, and InputError for an unknown period or method."""
    check_period(by)
    _, line = queries.line(line_id)
    days = _past_days(window, queries.now())
    rows = 1 if by is None else days * _rows_a_day(line, by) + _CUT
    return Price("kpis", days, rows * len(registry.chosen(method)), by or "")


def days_of_rows(line: Line, by: str, rows: int) -> float:
    """In how many days there are so many whole rows and more, and what a window cuts."""
    a_day = _rows_a_day(line, by)
    least = _WEEK_DAYS if by == "shift" else 0
    return max((rows + _CUT) / a_day, least) if a_day else math.inf


def window_price(kind: Kind, queries: Queries, *windows: Window) -> Price:
    """Of what is read over whole windows of one line."""
    now = queries.now()
    return Price(kind, sum(_past_days(it, now) for it in windows))


def verdicts_price(queries: Queries, project: Project, as_of: datetime | None) -> Price:
    """Of a project's verdicts: all that its terms look at."""
    plant, _ = queries.line(project.lines[0])
    at = as_of or queries.now()
    needed = [facts_window(project, each, plant, at) for each in project.milestones]
    windows = [it for it in needed if it is not None]
    if not windows:
        return Price("milestones", 0)
    whole = Window(min(it.start for it in windows), max(it.end for it in windows))
    days = _past_days(whole, queries.now())
    allowed = timedelta(days=LIMITS["milestones"].days // len(project.lines) - 1)
    until = whole.start.astimezone(plant.zone).date()
    if date.max - until > allowed:
        until += allowed
    return Price("milestones", days * len(project.lines), until=until)


def check_samples(queries: Queries, line_id: str, window: Window) -> None:
    """Raises TooDearError where the window has more samples than are read at once."""
    count = queries.sample_count(line_id, window)
    if count > SAMPLES_MAX:
        hours = (window.end - window.start) / timedelta(hours=1) * SAMPLES_MAX / count
        raise TooDearError(
            Reason(
                "This would read %(samples)s samples; %(most)s are the most that are read at "
                "once. Ask for a window of at most %(hours)s hours.",
                {
                    "samples": _whole(count),
                    "most": _whole(SAMPLES_MAX),
                    "hours": _whole(max(hours, 1)),
                },
            )
        )


def _past_days(window: Window, now: datetime) -> float:
    """The part of the window that has been: the future is left out of every answer."""
    return max((min(window.end, now) - window.start) / _DAY, 0.0)


def _rows_a_day(line: Line, by: str) -> float:
    """How many rows a day has at most; what the data alone know (products) counts nothing."""
    if by == "shift":
        return _shifts_a_week(line.calendar) / _WEEK_DAYS
    return _ROWS_A_DAY.get(by, 0)


def _shifts_a_week(calendar: Calendar | None) -> int:
    if calendar is None:
        return 0
    weeks = [calendar.shifts, *(it.shifts for it in calendar.changes)]
    return max(sum(len(shift.days) for shift in week) for week in weeks)


def _whole(number: float) -> str:
    return f"{int(number):,}"
