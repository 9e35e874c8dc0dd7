"""What a server kept of an outage, decoded beside live values; and what holds after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from edge_samples import seal_cut
from packml_readings import PROFILE, at, decoder, reading, running, samples

from device_profiles.model.addresses import OpcUaAddress, OpcUaStart
from device_profiles.model.profile import Heartbeat
from domain.samples import Quality, Reading, Rejection, Sample
from edge.collector_clock import AgentClock
from edge.config import MachineConfig
from edge.keys import agent_key
from edge.known_clocks import KnownClocks
from edge.machine import EdgeMachine
from edge.machine_history import MachineHistory, without_between
from edge.sources.history import HistoryPart
from edge.spool.outbox import Outbox
from edge.spool.spool import Spool

HELD = [*running(), reading("execute_state", 6), reading("processed", 100)]
STARVED = reading("starved", True, 20)
STOPS = [replace(it, received=at(900)) for it in (reading("execute_state", 5, 10), STARVED)]


def told(rows: Sequence[Sample | Rejection], signal: str) -> list[tuple[str | float | None, float]]:
    found = samples(list(rows), signal)
    return [(it.text or it.value, (it.time - at(0)).total_seconds()) for it in found]


def test_a_part_begins_with_what_held_and_tells_only_what_came_then() -> None:
    """Fifteen minutes late, which a live value may not be."""
    counts = [reading("processed", 100 + second, second, received_s=900) for second in (3, 4)]
    part = HistoryPart(HELD, [*counts, *STOPS], None)
    rows = MachineHistory(PROFILE, "l", "m", 60).rows(part)
    assert told(rows, "total_count") == [(103.0, 3.0), (104.0, 4.0)]
    assert told(rows, "state") == [("stopped", 10.0), ("starved", 20.0)]
    assert not [it for it in rows if isinstance(it, Rejection)]
    assert {it.received for it in rows} == {at(900)}


def test_of_what_holds_after_an_outage_no_mixture_of_old_and_new_is_told() -> None:
    """It stood, and was starved from then on: when that began, the other input may have said
    something else, which its value after the outage does not tell."""
    live = decoder()
    live.decode_all(HELD)
    rows = live.decode_all(STOPS)
    assert told(rows, "state") == [("stopped", 10.0), ("starved", 20.0)]
    assert told(without_between(rows, STOPS, PROFILE), "state") == [("starved", 20.0)]


def test_what_comes_after_the_first_values_is_kept() -> None:
    live = decoder()
    live.decode_all(HELD)
    later = [*STOPS, reading("starved", False, 30), reading("processed", 101, 5)]
    kept = without_between(live.decode_all(later), later, PROFILE)
    assert told(kept, "state") == [("starved", 20.0), ("stopped", 30.0)]
    assert told(kept, "total_count") == [(101.0, 5.0)]
    assert without_between(kept, [], PROFILE) == kept


BEAT = OpcUaAddress(OpcUaStart(), (("urn:press", "Alive"),))
BEATING = replace(PROFILE, heartbeat=Heartbeat(BEAT, moves=True))


def beat(second: float) -> Reading:
    """A counter that moves."""
    return Reading("m", BEAT.key, second, at(second), at(900), Quality.GOOD)


def known(history: MachineHistory, part: HistoryPart) -> list[tuple[float, float]]:
    return [
        ((a - at(0)).total_seconds(), (b - at(0)).total_seconds()) for a, b in history.known(part)
    ]


def test_with_a_heartbeat_only_the_time_between_its_moves_is_known() -> None:
    """Also over the end of a part; a controller that stood still is unknown."""
    history = MachineHistory(BEATING, "l", "m", 10)
    beats = [beat(it) for it in (3, 8, 40, 48)]
    first = HistoryPart([beat(-2)], beats, (at(0), at(50)))
    assert known(history, first) == [(0, 3), (3, 8), (40, 48)]
    second = HistoryPart([beat(48)], [beat(55)], (at(50), at(60)))
    assert known(history, second) == [(48, 55)]
    apart = HistoryPart([beat(55)], [beat(63), beat(70)], (at(61), at(69)))
    assert known(history, apart) == [(61, 63), (63, 69)]
    still = [replace(it, value=1) for it in (beat(71), beat(72), beat(73))]
    assert known(history, HistoryPart([], still, (at(71), at(80)))) == []
    assert known(history, HistoryPart([beat(73)], [beat(75)], None)) == []


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    spool, key = Spool(tmp_path, "agent-1", limit_bytes=1 << 20), agent_key(tmp_path)
    yield Outbox(
        spool,
        seal=lambda cut: seal_cut(key, cut),
        take_spans=list,
        profiles={},
        max_samples=100,
        max_age_s=1,
    )
    spool.close()


RIGHT, FAST = reading("processed", 1, 5), reading("processed", 1, 3600, received_s=5)


@pytest.mark.parametrize(
    ("live", "agent_clock", "is_believed"),
    [
        (RIGHT, AgentClock(), True),
        (None, AgentClock(), False),
        (FAST, AgentClock(), False),
        (RIGHT, AgentClock(ahead_s=60), False),
    ],
)
def test_a_history_stands_by_a_clock_that_is_known_to_be_right(
    tmp_path: Path,
    outbox: Outbox,
    live: Reading | None,
    agent_clock: AgentClock,
    is_believed: bool,
) -> None:
    connection = {"url": "opc.tcp://127.0.0.1:1", "security": "none"}
    config = MachineConfig(line="l", machine="m", profile="packml/opcua", connection=connection)
    clocks = KnownClocks(tmp_path, is_used=False)
    machine = EdgeMachine(config, "a", lambda: at(6), clocks, lambda: agent_clock, tmp_path)
    machine._outbox = outbox
    if live is not None:
        machine.reading(live)
    machine.heard("m", at(5))
    before = machine.status.samples
    part = HistoryPart(HELD, [reading("processed", 101, 3)], (at(1), at(4)))
    assert machine.history("m", part) is is_believed
    assert machine.status.samples - before == is_believed
    spans = [(it.start, it.end) for it in machine.take_spans()]
    assert spans == ([(at(1), at(4))] if is_believed else [])
