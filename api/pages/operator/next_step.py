"""What somebody at a line should do next, in one sentence: the most urgent thing alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from api.i18n import Language
from api.pages.operator.floor import shown_faults, when
from api.pages.operator.stop_links import stop_link
from api.queries.live import Live
from api.queries.stops import StopsAnswer
from domain.plant import Confidential
from domain.states import STOP_STATES, MachineState
from domain.texts import N_

_STOPS = tuple(state.value for state in STOP_STATES)


@dataclass(frozen=True, slots=True)
class NextStep:
    """A sentence, and where it leads ("" : nowhere). `icon`: warn, or check where all is well."""

    sentence: str
    icon: str = "warn"
    link: str = ""


def unexplained(found: StopsAnswer) -> pl.DataFrame:
    """The stops that somebody could give a reason and nobody did; those that are minor need
    none."""
    if not found.plant.reasons or Confidential.REASONS in found.withheld:
        return found.rows.clear()
    return found.rows.filter(pl.col("reason").is_null() & (pl.col("category") == "major"))


def next_step(live: Live, stops: StopsAnswer | None, language: Language) -> NextStep:
    """Data first, since nothing is known without them; then stops, then the target."""
    return (
        _silence(live, language)
        or _stops(live, stops, language)
        or _target(live, language)
        or _plan(live, language)
    )


def _silence(live: Live, language: Language) -> NextStep | None:
    faults = shown_faults(live, language)
    if faults:
        more = len(faults) - 1
        sentence = f"{faults[0].sentence} {faults[0].todo}"
        if more:
            sentence += " " + language.text(N_("And %(count)s more."), count=language.number(more))
        return NextStep(sentence)
    if live.last_heard is None:
        return NextStep(
            language.text(
                N_(
                    "No signal has ever come from the machine. Check that its agent is running and "
                    "that the address in the plant file is right."
                )
            )
        )
    if live.stale:
        return NextStep(
            language.text(
                N_(
                    "The machine has been silent since %(time)s. Until it sends signals again, its "
                    "time is unknown."
                ),
                time=when(language, live.last_heard, live, seconds=True),
            )
        )
    return None


def _stops(live: Live, stops: StopsAnswer | None, language: Language) -> NextStep | None:
    if stops is None:
        return None
    bare = unexplained(stops)
    if bare.is_empty():
        return None
    latest: datetime = bare["start"].max()  # type: ignore[assignment]  # a time
    link = stop_link(live.line, latest, live.zone)
    clock = language.time(latest, live.zone)
    if live.state in _STOPS and bare["end"].max() == stops.intervals["end"].max():
        return NextStep(
            language.text(N_("It has stood still since %(time)s: say why."), time=clock), link=link
        )
    if len(bare) == 1:
        return NextStep(
            language.text(N_("Say why it stood still at %(time)s."), time=clock), link=link
        )
    return NextStep(
        language.text(
            N_("%(count)s stops have no reason yet. Begin with the one at %(time)s."),
            count=language.number(len(bare)),
            time=clock,
        ),
        link=link,
    )


def _target(live: Live, language: Language) -> NextStep | None:
    target, row = live.target, live.kpis
    if target is None or row is None or row["good_count"] is None:
        return None
    if target.good_count_now is None or target.good_count is None:
        return None
    behind = target.good_count_now - row["good_count"]
    if round(behind) > 0:
        sentence = N_("%(count)s good items behind the target. See what cost the time.")
        text = language.text(sentence, count=language.number(behind))
        return NextStep(text, link=f"{_line(live)}?tab=losses")
    return NextStep(language.text(N_("On target: nothing to do.")), icon="check")


def _plan(live: Live, language: Language) -> NextStep:
    if live.period is not None:
        if live.state in (*_STOPS, MachineState.UNKNOWN.value):
            return NextStep(language.text(N_("The line does not produce.")))
        return NextStep(language.text(N_("Nothing to do.")), icon="check")
    if live.next_period is not None:
        begin = when(language, live.next_period, live)
        sentence = N_("No shift now. The next one begins %(time)s.")
        return NextStep(language.text(sentence, time=begin), icon="clock")
    sentence = N_("No shift now, and none is planned in the next eight days.")
    return NextStep(language.text(sentence), icon="clock")


def _line(live: Live) -> str:
    return f"/lines/{live.line}"
