"""What a line does at one instant, since when, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from plants import history, local, plant

from analytics.timeline.present import Present, last_said, present
from domain.corrections import Correction, CorrectionKind
from domain.signals import CONNECTED, CONNECTION, LOST
from domain.states import MachineState

PLANT = plant(roles=("state",))
LINE = PLANT.lines["l1"]
START = local("2026-03-02 09:00")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


# Producing from 09:00, stopped from 09:20 on with the reason jam.
TOLD = history(
    [("state", at(0), "producing"), ("state", at(20), "stopped"), ("stop_reason", at(21), "jam")],
    at(-10),
    at(40),
)


def said(kind: CorrectionKind, start: float, end: float, reason: str) -> Correction:
    return Correction(
        id=reason,
        line="l1",
        kind=kind,
        start=at(start),
        end=at(end),
        author="Ann",
        recorded_at=at(39),
        reason=reason,
    )


def test_a_stop_has_its_beginning_and_its_reason() -> None:
    found = present(PLANT, LINE, TOLD, at(40))
    assert found == Present(MachineState.STOPPED, at(20), "jam")


def test_production_has_no_reason() -> None:
    assert present(PLANT, LINE, TOLD, at(20)) == Present(MachineState.PRODUCING, at(0), None)


def test_what_was_before_the_history_began_is_not_said() -> None:
    told = history([("state", at(-30), "producing")], at(-10), at(40), spans=[(at(-30), at(40))])
    told = replace(told, start=at(-10), end=at(40))
    assert present(PLANT, LINE, told, at(40)).since is None
    nothing = history([], at(-10), at(40), spans=[])
    assert present(PLANT, LINE, nothing, at(40)) == Present(MachineState.UNKNOWN, None, None)


def test_the_reason_that_people_gave_up_to_then_holds_while_the_stop_goes_on() -> None:
    told = replace(TOLD, corrections=(said(CorrectionKind.REASON, 20, 30, "film"),))
    assert present(PLANT, LINE, told, at(40)).reason == "film"
    before = replace(TOLD, corrections=(said(CorrectionKind.REASON, 5, 15, "film"),))
    assert present(PLANT, LINE, before, at(40)).reason == "jam", "of a stop before production"


def test_the_last_reason_that_was_given_is_the_last() -> None:
    first, second = (said(CorrectionKind.REASON, 0, 5, name) for name in ("a", "b"))
    merge = said(CorrectionKind.MERGE, 0, 5, "")
    assert last_said((first, second, merge)) is second
    assert last_said((merge,)) is None


# A machine that produces, last confirmed at 09:30; the line trusts it for a minute. What its agent
# says of the connection, and what the line does at 09:30:40 (and a second later).
CONNECTIONS = {
    "nothing, so it is trusted": ([], "producing"),
    "it was connected before": ([(29, CONNECTED)], "producing"),
    "lost before the last confirmation": ([(10, LOST), (11, CONNECTED)], "producing"),
    "lost at the last confirmation": ([(30, LOST)], "unknown"),
    "lost a moment after it": ([(30.1, LOST)], "unknown"),
    "connected again, not confirmed yet": ([(30.1, LOST), (30.2, CONNECTED)], "unknown"),
    "lost twice": ([(30.1, LOST), (30.2, CONNECTED), (30.3, LOST)], "unknown"),
    "an agent that starts anew": ([(30.5, LOST)], "unknown"),
    "of an agent whose clock was ahead": ([(30.1, LOST), (90, CONNECTED)], "unknown"),
}


@pytest.mark.parametrize("case", CONNECTIONS)
def test_a_lost_connection_ends_what_held_at_the_last_confirmation(case: str) -> None:
    said, state = CONNECTIONS[case]
    told = history(
        [("state", at(0), "producing"), *((CONNECTION, at(m), text) for m, text in said)],
        at(-10),
        at(31),
        spans=[(at(-10), at(30))],
    )
    found = present(PLANT, LINE, told, at(30 + 40 / 60))
    since = at(0) if state == "producing" else at(30)
    assert found == Present(MachineState(state), since, None)


def test_a_confirmation_after_the_loss_brings_the_state_back() -> None:
    told = history(
        [("state", at(0), "producing"), (CONNECTION, at(30.1), LOST)],
        at(-10),
        at(33),
        spans=[(at(-10), at(30)), (at(32), at(32.1))],
    )
    found = present(PLANT, LINE, told, at(32.5))
    assert found == Present(MachineState.PRODUCING, at(32), None)
