"""Who is needed where: rows of what a line does, and what the floor says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from web_plant import NOW

from api.pages.operator.attention import need_of, needs, worst_first
from api.queries.lines import Queries
from api.queries.live import Heard, Live, live
from domain.alerts import Acknowledgement, Alert, AlertCause, AlertKind
from domain.plant import Confidential

AGO = NOW - timedelta(minutes=10)
JUST_NOW = NOW - timedelta(seconds=30)
HEARD = Heard("filler", NOW, stale=False, lost=False)
SILENT = Heard("meter", AGO, stale=True, lost=False)
ALERT = Alert(1, AlertCause("filler-1", AlertKind.OEE, 0.5, AGO, 0.4), AGO)
NEVER = Heard("meter", None, stale=True, lost=False)


@pytest.fixture
def running(filled: Queries) -> Live:
    """Filling line 1, which runs and lacks nothing, in a plant that asks for reasons."""
    return replace(live(filled, "filler-1"), machines=(HEARD,), asks_why=True)


@pytest.mark.parametrize(
    ("now", "kind"),
    [
        ({}, None),
        ({"state": "fault", "since": JUST_NOW}, "fault"),
        ({"state": "fault", "since": AGO, "plan": "planned_down"}, None),
        ({"state": "fault", "since": AGO, "plan": "not_planned"}, None),
        ({"machines": (HEARD, SILENT)}, "no_data"),
        ({"machines": (HEARD, replace(SILENT, is_imported=True))}, None),
        ({"machines": (HEARD, SILENT), "plan": "not_planned"}, None),
        ({"state": "fault", "since": AGO, "machines": (SILENT,)}, "no_data"),
        ({"state": "stopped", "since": AGO}, "no_reason"),
        ({"state": "stopped", "since": None}, "no_reason"),
        ({"state": "stopped", "since": JUST_NOW}, None),
        ({"state": "stopped", "since": AGO, "reason": "jam"}, None),
        ({"state": "stopped", "since": AGO, "asks_why": False}, None),
        ({"state": "stopped", "since": AGO, "withheld": {Confidential.REASONS}}, None),
        ({"state": "starved", "since": AGO}, None),
        ({"state": "blocked", "since": AGO}, None),
        ({"state": "off", "since": AGO}, "no_reason"),
        ({"alerts": (ALERT,)}, "alert"),
        ({"alerts": (ALERT,), "state": "fault", "since": AGO}, "fault"),
        ({"alerts": (replace(ALERT, acknowledged=Acknowledgement("wong", NOW)),)}, None),
    ],
)
def test_what_a_line_needs_someone_for(
    running: Live, now: dict[str, object], kind: str | None
) -> None:
    need = need_of(replace(running, **now))  # type: ignore[arg-type]  # fields by their names
    assert (need and need.kind) == kind


def test_who_waits_longest_is_first(running: Live) -> None:
    fault, silent, never = (
        replace(running, line="fault", state="fault", since=JUST_NOW),
        replace(running, line="silent", machines=(SILENT, HEARD)),
        replace(running, line="never", machines=(NEVER, SILENT)),
    )
    found = needs([fault, running, silent, never])
    assert [it.live.line for it in found] == ["never", "silent", "fault"]
    assert [it.seconds for it in found] == [None, 600, 30]
    assert [it.silent for it in found] == [("meter", "meter"), ("meter",), ()]


def test_the_worst_is_first(running: Live) -> None:
    assert running.forecast is not None
    fine = replace(running, forecast=replace(running.forecast, on_pace=True))
    lines = [
        replace(fine, line="resting", plan="not_planned", kpis=None),
        fine,
        replace(fine, line="late", forecast=replace(running.forecast, on_pace=False)),
        replace(fine, line="waiting", state="starved", since=AGO),
        replace(fine, line="fault", state="fault", since=JUST_NOW),
        replace(fine, line="silent", machines=(SILENT,)),
    ]
    assert [it.line for it in worst_first(lines)] == [
        "silent",
        "fault",
        "waiting",
        "late",
        "filler-1",
        "resting",
    ]
