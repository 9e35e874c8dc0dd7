"""What to do next: the most urgent thing, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from web_plant import NOW

from analytics.shift_forecast import ShiftTarget, TargetSource
from api.i18n import language
from api.pages.operator.next_step import next_step
from api.queries.lines import Queries
from api.queries.live import Live, live

EN = language("en")


@pytest.fixture
def running(filled: Queries) -> Live:
    return live(filled, "filler-1")


def target(by_now: float) -> ShiftTarget:
    return ShiftTarget(TargetSource.ORDERS, None, 2 * by_now, by_now, on_pace=None)


def test_a_silent_machine_goes_before_a_missed_target(filled: Queries) -> None:
    silent = replace(live(filled, "filler-2"), target=target(1e6))
    found = next_step(silent, None, EN)
    assert found.sentence.startswith("The machine has been silent since 13:05")
    assert next_step(live(filled, "press-1"), None, EN).sentence.startswith("No signal has ever")


def test_behind_the_target_it_says_by_how_much_and_where_to_look(running: Live) -> None:
    assert running.kpis is not None
    made = running.kpis["good_count"]
    behind = next_step(replace(running, target=target(made + 1_234)), None, EN)
    assert (behind.sentence, behind.icon, behind.link) == (
        "1,234 good items behind the target. See what cost the time.",
        "warn",
        "/lines/filler-1?tab=losses",
    )
    on_target = next_step(replace(running, target=target(made)), None, EN)
    assert (on_target.sentence, on_target.icon) == ("On target: nothing to do.", "check")


def test_outside_every_shift_it_says_when_the_next_one_begins(running: Live) -> None:
    off = replace(running, period=None, kpis=None, forecast=None, target=None)
    later = replace(off, next_period=NOW + timedelta(hours=1))
    assert next_step(later, None, EN).sentence == "No shift now. The next one begins 15:05."
    never = next_step(replace(off, next_period=None), None, EN)
    assert never.sentence == "No shift now, and none is planned in the next eight days."
