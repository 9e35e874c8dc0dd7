"""The first screen of a line: what it does, whether it makes its shift, what to do next.

All of it is of the running shift; outside every shift, of the last eight hours. What is longer ago
stands behind the tabs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from analytics.shift_forecast import TargetSource
from api.i18n import Language
from api.pages.drawing.bars import Timeline, bounds_bar, count_bar, timeline
from api.pages.operator.attention import unacknowledged
from api.pages.operator.floor import (
    alert_words,
    line_name,
    machine_name,
    product_name,
    reason_name,
    shown_faults,
    when,
)
from api.pages.operator.kpi_details import KpiDetails, kpi_details
from api.pages.operator.next_step import NextStep, next_step, unexplained
from api.pages.operator.stop_links import stop_link
from api.pages.operator.texts import from_to
from api.pages.words import figures_sentence
from api.queries.lines import Queries
from api.queries.live import Live
from api.queries.stops import StopsAnswer, StopsQuestion, line_stops
from api.queries.withheld import stops_without
from domain.plant import Confidential, text_in
from domain.reasons import reason_named
from domain.states import MachineState
from domain.texts import N_
from domain.time import Window

WITHOUT_SHIFT = timedelta(hours=8)
TOUCH_LIST_MAX = 6  # stops to touch below the band; all of them are behind the tab
TOUCHED_MAX = 60  # stops to touch in the band, the longest
_SOURCES: dict[TargetSource, str] = {
    TargetSource.ORDERS: N_("from the orders"),
    TargetSource.PLANT_FILE: N_("OEE %(oee)s, from the plant file"),
    TargetSource.MILESTONE: N_("OEE %(oee)s, from the grant"),
}
_BY_NOW = N_("%(made)s made; target by now %(now)s, at the end %(target)s; forecast %(expected)s")
_FACTORS = ("availability", "effectiveness", "quality_ratio")


@dataclass(frozen=True, slots=True)
class TouchedStop:
    """A stop of the band. `x`, `width` in per cent; `cause`: its reason, or its state."""

    x: float
    width: float
    clock: str
    duration_s: float
    state: str
    cause: str
    is_bare: bool
    link: str


@dataclass(frozen=True)
class ShiftPart:
    """`drawn` None: states with their times are not shown to who looks."""

    window: Window
    title: str
    times: str
    drawn: Timeline | None
    reasons: dict[str, str]
    touched: list[TouchedStop]
    listed: list[TouchedStop]
    stops: int
    next: NextStep


def read_first_screen(queries: Queries, live: Live, language: Language) -> ShiftPart:
    """The shift so far: its states, its stops, and what to do. Raises NotFoundError."""
    plant, _ = queries.line(live.line)
    zone, at = plant.zone, queries.at(live.line)
    whole = live.period.window if live.period else Window(at - WITHOUT_SHIFT, at)
    past = Window(whole.start, max(min(whole.end, at), whole.start + timedelta(seconds=1)))
    found = line_stops(queries, live.line, past, StopsQuestion(language=language.tag))
    found = stops_without(found, live.withheld)
    shows_samples = Confidential.RAW_SAMPLES not in live.withheld
    named = {
        text: reason_named(plant, text) for text in found.intervals["reason"].drop_nulls().unique()
    }
    names = {text: text_in(node.name, language.tag) for text, node in named.items() if node}
    stops = _stops(found, whole, names, language, zone)
    title = language.text(N_("The last eight hours"))
    if live.period:
        name = live.period.name
        title = (
            language.text(N_("Shift %(name)s"), name=name) if name else language.text(N_("Today"))
        )
    longest = sorted(stops, key=lambda it: (it.is_bare, it.duration_s), reverse=True)[:TOUCHED_MAX]
    return ShiftPart(
        whole,
        title,
        from_to(whole.start, whole.end, language, zone),
        timeline(found.intervals.to_dicts(), whole) if shows_samples else None,
        names,
        [it for it in stops if it in longest],
        [it for is_bare in (True, False) for it in stops[::-1] if it.is_bare is is_bare][
            :TOUCH_LIST_MAX
        ],
        len(stops),
        next_step(live, found, language),
    )


def _stops(
    found: StopsAnswer, whole: Window, names: dict[str, str], language: Language, zone: ZoneInfo
) -> list[TouchedStop]:
    """All but unknown time, in the order of time."""
    length = whole.end - whole.start
    bare = set(unexplained(found)["start"])
    stops = []
    for row in found.rows.iter_rows(named=True):
        if row["category"] == MachineState.UNKNOWN.value:
            continue
        start: datetime = row["start"]
        stops.append(
            TouchedStop(
                round((start - whole.start) / length * 100, 3),
                round((row["end"] - start) / length * 100, 3),
                language.time(start, zone),
                row["duration_s"],
                row["state"],
                names.get(row["reason"] or "") or row["reason"] or "",
                start in bare,
                stop_link(found.line.id, start, zone),
            )
        )
    return stops


def now_texts(live: Live, language: Language) -> dict[str, Any]:
    """For the templates that show what the line does now."""
    return {
        "live": live,
        "alerts": alert_words(live.alerts, language),
        "alerts_acknowledged": not unacknowledged(live),
        "name": line_name(live, language),
        "since": when(language, live.since, live),
        "heard": when(language, live.last_heard, live, seconds=True),
        "faults": shown_faults(live, language),
        "silent": [machine_name(live, it.machine, language) for it in live.machines if it.stale],
        "product": product_name(live, language),
        "reason": reason_name(live, language),
        "shift_times": live.period
        and from_to(live.period.window.start, live.period.window.end, language, live.zone),
        **_figures(live, language),
    }


def _figures(live: Live, language: Language) -> dict[str, Any]:
    """The running shift's count against its target, and its OEE; nothing outside of shifts."""
    row, target, forecast = live.kpis, live.target, live.forecast
    if row is None or forecast is None:
        return {"counted": None}
    made, expected = row["good_count"], forecast.good_count
    by_now, at_the_end = (target.good_count_now, target.good_count) if target else (None, None)
    number = language.number
    figures = (row["oee"], row["oee_low"], row["oee_high"])
    wanted = target.oee if target and target.oee is not None else forecast.target_oee
    details: list[KpiDetails] = [kpi_details(row, it, language) for it in ("oee", *_FACTORS)]
    return {
        "counted": count_bar(made, by_now, at_the_end, expected),
        "count_words": language.text(
            _BY_NOW,
            made=number(made),
            now=number(by_now),
            target=number(at_the_end),
            expected=number(expected),
        ),
        "ahead": None if made is None or by_now is None else made - by_now,
        "target": target,
        "target_source": ""
        if target is None
        else language.text(_SOURCES[target.source], oee=language.percent(target.oee)),
        "bar": bounds_bar(*figures, wanted),
        "figures": figures_sentence(language, *figures, target=wanted, show=language.percent),
        "wanted": wanted,
        "details": details,
        "factors": _FACTORS,
    }
