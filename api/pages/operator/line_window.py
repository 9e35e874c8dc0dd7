"""What somebody asks to see of a line: a tab, and the days that it shows.

Days are those of the plant's zone. Without days a tab shows what is latest and goes on with the
time; with days it stands still.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from analytics.kpi.periods import PERIODS
from api.queries.lines import Queries
from api.queries.times import end_of, instant_of, window_between
from domain.errors import InputError
from domain.texts import N_
from domain.time import MICROSECOND, Window, check_past

# tab → word; "" is the first screen
TABS: dict[str, str] = {
    "": N_("Now"),
    "day": N_("The day"),
    "stops": N_("Stops"),
    "losses": N_("Lost time"),
    "quality": N_("Quality"),
    "energy": N_("Energy"),
    "kpis": N_("KPIs"),
    "corrections": N_("Corrections"),
}
WITHOUT_WINDOW = ("", "corrections")
# period of a row → word
PERIOD_WORDS: dict[str, str] = {
    "hour": N_("Hour"),
    "shift": N_("Shift"),
    "day": N_("Day"),
    "week": N_("Week"),
    "month": N_("Month"),
    "product": N_("Product"),
}
_BY = {"kpis": "shift", "energy": "day"}  # where nothing is asked
_LATEST_DAYS = {"hour": 1, "shift": 7, "day": 31, "week": 84, "month": 366, "product": 7}


@dataclass(frozen=True, slots=True)
class Asked:
    """`window` None: what is latest. `first_day`, `last_day`: what the form shows of it. `view`:
    the part of the band that is looked at; None: all of it."""

    tab: str
    window: Window | None
    by: str
    first_day: str
    last_day: str
    today: str
    view: Window | None = None

    @property
    def has_periods(self) -> bool:
        return self.tab in _BY

    @property
    def latest_days(self) -> int:
        """How many days the latest are."""
        return _LATEST_DAYS[self.by] if self.has_periods else 1

    def latest(self, now: datetime, zone: ZoneInfo) -> Window:
        """The window of what is latest: of one day from a whole hour on, where facts are cut; of
        several days from a midnight on."""
        local = now.astimezone(zone)
        if self.latest_days == 1:
            past_hour = timedelta(
                minutes=local.minute, seconds=local.second, microseconds=local.microsecond
            )
            return Window(now - timedelta(days=1) - past_hour, now)
        first = local.date() - timedelta(days=self.latest_days - 1)
        return Window(instant_of(first.isoformat(), zone, "start"), now)


def asked_of(parameters: Mapping[str, str], queries: Queries, line_id: str) -> Asked:
    """What a query string asks. Raises NotFoundError, and InputError that names the field."""
    plant, _ = queries.line(line_id)
    zone, now = plant.zone, queries.now()
    tab, by = parameters.get("tab", ""), parameters.get("by", "")
    if tab not in TABS:
        raise InputError(
            f"a line has no tab '{tab}'",
            where="tab",
            todo=f"Use one of {', '.join(it for it in TABS if it)}.",
        )
    if by and by not in PERIODS:
        raise InputError(
            f"there are no rows by '{by}'", where="by", todo=f"Use one of {', '.join(PERIODS)}."
        )
    window = _window(parameters.get("start", ""), parameters.get("end", ""), zone, now)
    asked = Asked(tab, window, by or _BY.get(tab, ""), "", "", _day(now, zone).isoformat())
    shown = window or asked.latest(now, zone)
    last = min(shown.end, now) - MICROSECOND
    days = _day(shown.start, zone).isoformat(), _day(last, zone).isoformat()
    return Asked(tab, window, asked.by, *days, asked.today, _view(parameters, zone))


def _window(start: str, end: str, zone: ZoneInfo, now: datetime) -> Window | None:
    if not start and not end:
        return None
    if not start or not end:
        missing = "start" if end else "end"
        raise InputError(
            "a window has a first and a last day, and only one of them was given",
            where=missing,
            todo="Give both, or neither.",
        )
    window = window_between(instant_of(start, zone, "start"), end_of(end, zone), zone)
    check_past(window.start, now, zone, "start")
    return window


def _view(parameters: Mapping[str, str], zone: ZoneInfo) -> Window | None:
    start, end = parameters.get("from", ""), parameters.get("to", "")
    if not start or not end:
        return None
    return window_between(instant_of(start, zone, "from"), instant_of(end, zone, "to"), zone)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
