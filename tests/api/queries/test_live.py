"""The live state: target, since, staleness; on a real store."""

from __future__ import annotations

from datetime import datetime, timedelta

from telemetry import batch
from web_plant import (
    NOW,
    ZONE,
    Clock,
    confirm,
    connection_told,
    count,
    sample_frame,
    spans,
    store_of,
    tell,
)

from analytics.shift_forecast import target_oee
from api.queries.lines import Queries
from api.queries.live import live
from domain.signals import CONNECTED, LOST
from domain.states import MachineState


def hk(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_the_target_is_the_highest_that_is_still_due(filled: Queries) -> None:
    """HyphaApp/hypha#4180: a due date decides by its day in the plant's zone, not before."""
    projects = filled.projects()
    assert target_oee(projects, "filler-1", ZONE, NOW) == 0.95
    assert target_oee(projects, "filler-2", ZONE, NOW) is None
    last_second = hk("2026-06-30T23:59:59")
    assert target_oee(projects, "filler-1", ZONE, last_second) == 0.95
    assert target_oee(projects, "filler-1", ZONE, last_second + timedelta(seconds=1)) is None


def test_the_state_goes_stale_and_comes_back(own_plant: tuple[Queries, Clock]) -> None:
    """thingsboard-gateway#2119: an old value never looks fresh."""
    queries, clock = own_plant
    clock.now = NOW + timedelta(seconds=59)
    assert live(queries, "filler-1").state == "producing"
    clock.now = NOW + timedelta(seconds=61)
    stale = live(queries, "filler-1")
    assert (stale.state, stale.stale, stale.since) == ("unknown", True, NOW)
    confirm(queries, 1, NOW + timedelta(seconds=70))
    clock.now = NOW + timedelta(seconds=71)
    back = live(queries, "filler-1")
    assert (back.state, back.stale) == ("producing", False)
    assert back.since == hk("2026-03-25T12:40"), "the confirmation covers the silence"


def test_no_stop_shows_the_reason_of_the_one_before(own_plant: tuple[Queries, Clock]) -> None:
    """SysOEE#35: the live line says what the list of stops says. The machine that gave a reason
    at 14:06 never took it back."""
    queries, clock = own_plant
    minute = timedelta(minutes=1)
    states = (MachineState.STOPPED, MachineState.PRODUCING, MachineState.STOPPED)
    tell(queries, 1, *((NOW + n * minute, state) for n, state in enumerate(states, start=1)))
    given = sample_frame(
        "filler-1", "filler", [{"signal": "stop_reason", "time": NOW + minute, "text": "Film"}]
    )
    store_of(queries).append([batch(2, given, agent="agent-live")])
    confirm(queries, 3, NOW + 5 * minute)
    clock.now = NOW + 90 * minute / 60
    assert live(queries, "filler-1").reason == "Film"
    clock.now = NOW + 4 * minute
    found = live(queries, "filler-1")
    assert (found.state, found.reason) == ("stopped", None)


def test_since_when_is_right_after_hours_and_after_a_blink(
    own_plant: tuple[Queries, Clock],
) -> None:
    """What was remembered of a state is not believed where nobody looked in between."""
    queries, clock = own_plant
    assert live(queries, "filler-1").since == hk("2026-03-25T12:40")
    blink = NOW + timedelta(minutes=20)
    tell(
        queries,
        1,
        (blink, MachineState.STOPPED),
        (blink + timedelta(seconds=30), MachineState.PRODUCING),
    )
    confirm(queries, 2, NOW + timedelta(hours=1))
    clock.now = NOW + timedelta(hours=1)
    assert live(queries, "filler-1").since == blink + timedelta(seconds=30)


def test_a_state_out_of_order_is_not_the_latest(own_plant: tuple[Queries, Clock]) -> None:
    """thingsboard#1769, #3119: the latest is the newest by source time, not the last received."""
    queries, clock = own_plant
    tell(queries, 1, (NOW + timedelta(seconds=5), MachineState.FAULT))
    tell(queries, 2, (NOW + timedelta(seconds=2), MachineState.IDLE))
    confirm(queries, 3, NOW + timedelta(seconds=10))
    clock.now = NOW + timedelta(seconds=10)
    assert live(queries, "filler-1").state == "fault"


def test_a_line_that_was_never_heard_is_unknown(filled: Queries) -> None:
    found = live(filled, "press-1")
    assert (found.state, found.since, found.last_heard, found.stale) == (
        "unknown",
        None,
        None,
        True,
    )
    assert found.kpis is not None
    assert found.kpis["coverage"] == 0
    assert found.forecast is not None
    assert found.forecast.good_count is None


def test_a_lost_connection_is_seen_at_once(own_plant: tuple[Queries, Clock]) -> None:
    """Not only after stale_after_s: whoever looks must not read "producing" of a machine that
    nobody hears."""
    queries, clock = own_plant
    connection_told(queries, 1, (NOW + timedelta(seconds=2), LOST))
    clock.now = NOW + timedelta(seconds=3)
    found = live(queries, "filler-1")
    assert (found.state, found.since, found.stale, found.last_heard) == ("unknown", NOW, True, NOW)
    assert [it.lost for it in found.machines] == [True, False], "the meter is heard"
    connection_told(queries, 2, (NOW + timedelta(seconds=4), CONNECTED))
    clock.now = NOW + timedelta(seconds=5)
    assert live(queries, "filler-1").state == "unknown", "nothing has confirmed it yet"
    known = spans(("filler-1", "filler", NOW + timedelta(seconds=6), NOW + timedelta(seconds=7)))
    store_of(queries).append([batch(3, spans=known, agent="agent-source")])
    clock.now = NOW + timedelta(seconds=8)
    back = live(queries, "filler-1")
    assert (back.state, back.stale) == ("producing", False)
    assert back.since == NOW + timedelta(seconds=6), "what was between is unknown for good"


def test_nothing_is_shown_from_a_time_to_come(own_plant: tuple[Queries, Clock]) -> None:
    """A machine's clock that was two hours ahead for a moment, or an agent's."""
    queries, clock = own_plant
    before = live(queries, "filler-1")
    count(queries, 1, NOW + timedelta(hours=2), 5_000)
    store_of(queries).append(
        [
            batch(
                1,
                spans=spans(("filler-1", "meter", NOW, NOW + timedelta(hours=2))),
                agent="agent-ahead",
            )
        ]
    )
    clock.now = NOW + timedelta(seconds=1)
    after = live(queries, "filler-1")
    assert after.total_counter == before.total_counter
    assert all(it.at is None or it.at <= after.at for it in after.machines)


def test_what_an_agent_confirms_of_a_time_to_come_says_nothing_of_the_present(
    own_plant: tuple[Queries, Clock],
) -> None:
    """Its clock is an hour ahead: it may have been gone for an hour."""
    queries, clock = own_plant
    confirm(queries, 1, NOW + timedelta(hours=1))
    for minutes in (0.5, 30, 54):
        clock.now = NOW + timedelta(minutes=minutes)
        found = live(queries, "filler-1")
        assert (found.state, found.stale, found.since) == ("unknown", True, None)
        assert found.last_heard == clock.now
