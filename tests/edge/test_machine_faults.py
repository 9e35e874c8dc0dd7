"""Which faults follow from what an agent knows of a machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mqtt_machine import PROFILE

from device_profiles.decoding.address_times import Doubt
from device_profiles.decoding.clock_error import ClockError
from device_profiles.decoding.source_time import Doubted
from device_profiles.files.catalogue import load
from domain.source_faults import FaultCode, SourceFault
from edge.collector_clock import AgentClock
from edge.machine_faults import (
    BAD_TOLD_MAX,
    DOUBTED_LASTS,
    REASONS_KEPT_MAX,
    REASONS_TOLD_MAX,
    REJECTED_LASTS,
    RIGHT,
    BadValue,
    Known,
    Rejected,
    clock_now,
    faults_of,
    never_read,
)
from edge.sources.base import SourceStatus

AT = datetime(2026, 3, 2, 7, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NOW = AT + 61 * SECOND
CONNECTED = SourceStatus("filler", connected=True, since=AT, connects=1, readings=5)
AWAY = SourceStatus("filler", since=AT, error="no route")
WELL = Known(AT, "", CONNECTED, None, {}, (), Rejected(), {}, None)
ADDRESS = (("a/b", "no such node"),)


def doubted(**changes: Any) -> Doubted:
    return Doubted(
        **{"since": AT, "last": NOW, "address": "a", "ahead_s": 40.0, "count": 7} | changes
    )


CASES: dict[str, tuple[dict[str, Any], list[SourceFault]]] = {
    "all is well": ({}, []),
    "it never works": (
        {"problem": "no key", "source": replace(AWAY, error="no key")},
        [SourceFault(FaultCode.MISCONFIGURED, AT, detail="no key")],
    ),
    "it never works, for a reason that has a name": (
        {"problem": "k.pem: no key", "problem_where": "k.pem", "cause": "certificate_unreadable"},
        [
            SourceFault(
                FaultCode.MISCONFIGURED, AT, "k.pem", "k.pem: no key", "certificate_unreadable"
            )
        ],
    ),
    "never connected": (
        {"source": AWAY},
        [SourceFault(FaultCode.NO_CONNECTION, AT, detail="no route")],
    ),
    "not tried yet": ({"source": replace(AWAY, error="")}, []),
    "lost": (
        {"source": replace(AWAY, connects=2)},
        [SourceFault(FaultCode.CONNECTION_LOST, AT, detail="no route")],
    ),
    "refused": (
        {"source": replace(AWAY, fault=FaultCode.SIGN_IN_REFUSED)},
        [SourceFault(FaultCode.SIGN_IN_REFUSED, AT, detail="no route")],
    ),
    "an address is not there": (
        {"source": replace(CONNECTED, failed_addresses=ADDRESS, there_instead=(("a/b", ("c",)),))},
        [SourceFault(FaultCode.ADDRESS_NOT_SERVED, None, "a/b", "no such node", "", ("c",))],
    ),
    "refused, by a name of the protocol": (
        {
            "peer": "mqtt://b",
            "source": replace(AWAY, error_status="MQTT 135", error_there=("x",)),
        },
        [SourceFault(FaultCode.NO_CONNECTION, AT, "mqtt://b", "no route", "MQTT 135", ("x",))],
    ),
    "an address is refused, by a name of the protocol": (
        {
            "source": replace(
                CONNECTED, failed_addresses=ADDRESS, failed_as=(("a/b", "BadNotReadable"),)
            )
        },
        [SourceFault(FaultCode.ADDRESS_NOT_SERVED, None, "a/b", "no such node", "BadNotReadable")],
    ),
    "it says that it is offline": (
        {"offline": AT},
        [SourceFault(FaultCode.MACHINE_OFFLINE, AT)],
    ),
    "offline, and then the broker is gone": (
        {"offline": AT, "source": replace(AWAY, connects=1)},
        [SourceFault(FaultCode.CONNECTION_LOST, AT, detail="no route")],
    ),
    "its heartbeat stands still": (
        {"heartbeat": ("Alive", AT)},
        [SourceFault(FaultCode.HEARTBEAT_STILL, AT, "Alive")],
    ),
    "its heartbeat moved a moment ago": ({"heartbeat": ("Alive", NOW - 60 * SECOND)}, []),
    "its heartbeat stands still because nothing comes": (
        {"heartbeat": ("Alive", AT), "source": replace(AWAY, connects=2)},
        [SourceFault(FaultCode.CONNECTION_LOST, AT, detail="no route")],
    ),
    "a value is bad": (
        {"bad": {"a/c": BadValue(AT, "BadSensorFailure")}},
        [SourceFault(FaultCode.BAD_QUALITY, AT, "a/c", status="BadSensorFailure")],
    ),
    "many values are bad": (
        {"bad": {f"a/{n}": BadValue(AT + n * SECOND) for n in range(40)}},
        [
            SourceFault(FaultCode.BAD_QUALITY, AT + n * SECOND, f"a/{n}")
            for n in range(BAD_TOLD_MAX)
        ],
    ),
    "bad because it is not there": (
        {"bad": {"a/b": BadValue(AT)}, "source": replace(CONNECTED, failed_addresses=ADDRESS)},
        [SourceFault(FaultCode.ADDRESS_NOT_SERVED, None, "a/b", "no such node")],
    ),
    "nothing at all came": (
        {"source": replace(CONNECTED, readings=0), "silent": ("state", "total")},
        [SourceFault(FaultCode.NOTHING_RECEIVED, AT, "state, total")],
    ),
    "nothing came, and others are there": (
        {
            "source": replace(
                CONNECTED, readings=0, there_instead=(("state", ("x", "y")), ("total", ("y", "z")))
            ),
            "silent": ("state", "total"),
        },
        [SourceFault(FaultCode.NOTHING_RECEIVED, AT, "state, total", there=("x", "y", "z"))],
    ),
    "one of them never came, and another is there": (
        {
            "source": replace(CONNECTED, there_instead=(("total", ("totl",)),)),
            "silent": ("total",),
        },
        [SourceFault(FaultCode.ADDRESS_SILENT, AT, "total", there=("totl",))],
    ),
    "one of them never came": (
        {"silent": ("total",)},
        [SourceFault(FaultCode.ADDRESS_SILENT, AT, "total")],
    ),
    "it never came because it is not there": (
        {"source": replace(CONNECTED, failed_addresses=ADDRESS), "silent": ("a/b",)},
        [SourceFault(FaultCode.ADDRESS_NOT_SERVED, None, "a/b", "no such node")],
    ),
    "it has just been connected": (
        {"source": replace(CONNECTED, since=NOW - 60 * SECOND), "silent": ("total",)},
        [],
    ),
    "the clock is ahead": (
        {"clock_error": ClockError(3600.0), "doubted": {Doubt.AHEAD: doubted()}},
        [SourceFault(FaultCode.CLOCK_AHEAD, amount_s=3600.0)],
    ),
    "the agent's own clock is ahead, so all machines look as if they were behind": (
        {
            "agent_clock": AgentClock(180.0),
            "clock_error": ClockError(-180.0),
            "doubted": {Doubt.BEHIND: doubted()},
        },
        [SourceFault(FaultCode.AGENT_CLOCK_AHEAD, amount_s=180.0)],
    ),
    "the agent's own clock is behind": (
        {"agent_clock": AgentClock(-90.0), "source": AWAY},
        [
            SourceFault(FaultCode.AGENT_CLOCK_BEHIND, amount_s=-90.0),
            SourceFault(FaultCode.NO_CONNECTION, AT, detail="no route"),
        ],
    ),
    "the clock is behind": (
        {"clock_error": ClockError(-90.0)},
        [SourceFault(FaultCode.CLOCK_BEHIND, amount_s=-90.0)],
    ),
    "single values are ahead": (
        {"doubted": {Doubt.AHEAD: doubted()}},
        [SourceFault(FaultCode.SOURCE_TIME_AHEAD, AT, "a", count=7, amount_s=40.0)],
    ),
    "the source time stands still": (
        {"doubted": {Doubt.STILL: doubted()}},
        [SourceFault(FaultCode.SOURCE_TIME_FROZEN, AT, "a", count=7)],
    ),
    "the clock was never set": (
        {"doubted": {Doubt.NEVER_SET: doubted()}},
        [SourceFault(FaultCode.CLOCK_NEVER_SET, AT, "a", count=7)],
    ),
    "a doubt of long ago": (
        {"doubted": {Doubt.AHEAD: doubted(last=NOW - DOUBTED_LASTS - SECOND)}},
        [],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong(case: str) -> None:
    changes, faults = CASES[case]
    assert faults_of(replace(WELL, **changes), NOW, 60) == faults


def test_rejected_values_are_counted_by_reason_and_forgotten_after_a_while() -> None:
    rejected = Rejected()
    for number in range(12):
        rejected.add("not a number", AT + number * SECOND)
    rejected.add("unknown code '7'", AT)
    rejected.add(Doubt.AHEAD.value, AT)
    assert rejected.faults(AT + 12 * SECOND) == [
        SourceFault(FaultCode.VALUES_REJECTED, AT, "not a number", count=12),
        SourceFault(FaultCode.VALUES_REJECTED, AT, "unknown code '7'", count=1),
    ]
    assert [it.subject for it in rejected.faults(AT + REJECTED_LASTS + SECOND)] == ["not a number"]
    assert rejected.faults(AT + REJECTED_LASTS + 12 * SECOND) == []


def test_reasons_are_few_however_many_there_are() -> None:
    rejected = Rejected()
    for number in range(2 * REASONS_KEPT_MAX):
        rejected.add(f"unknown code '{number}'", AT)
    rejected.add("unknown code '3'", AT)
    found = rejected.faults(AT)
    assert len(found) == REASONS_TOLD_MAX
    assert (found[0].subject, found[0].count) == ("unknown code '3'", 2)


def test_only_the_state_and_what_is_made_must_come_and_one_source_of_each_is_enough(
    tmp_path: Path,
) -> None:
    file = tmp_path / "profile.yaml"
    file.write_text(
        f"""{PROFILE}
inputs:
  state: {{sources: [{{topic: main, field: /state}}, {{topic: old, field: /state}}]}}
  total: {{sources: [{{topic: counts, field: /total}}]}}
  spare: {{sources: [{{topic: counts, field: /good, optional: true}}]}}
  note: {{sources: [{{topic: alarms, field: /text}}]}}
  bad: {{sources: [{{topic: rejects, field: /total}}]}}
signals:
  state: {{input: state, codes: {{1: producing}}}}
  total_count: {{input: total}}
  good_count: {{input: spare}}
  alarm: {{input: note}}
  reject_count: {{input: bad}}
""",
        encoding="utf-8",
    )
    profile = load(str(file), {})
    assert never_read(profile, set()) == ("main#/state", "counts#/total")
    assert never_read(profile, {"old#/state"}) == ("counts#/total",)
    assert never_read(profile, {"main#/state", "counts#/total"}) == ()


# How the clock is, and since when (seconds before now).
CLOCKS: dict[str, tuple[dict[str, Any], tuple[str, int]]] = {
    "right": ({}, (RIGHT, 0)),
    "every value ahead": ({"clock_error": ClockError(3600.0)}, ("ahead", 0)),
    "and doubted since": (
        {"clock_error": ClockError(3600.0), "doubted": {Doubt.AHEAD: doubted()}},
        ("ahead", 61),
    ),
    "every value behind": ({"clock_error": ClockError(-90.0)}, ("behind", 0)),
    "doubted just now": ({"doubted": {Doubt.STILL: doubted(since=NOW)}}, ("still", 0)),
    "doubted a moment ago": ({"doubted": {Doubt.AHEAD: doubted(last=AT + SECOND)}}, ("ahead", 61)),
    "judged by an agent's that is wrong itself": (
        {
            "agent_clock": AgentClock(7.0),
            "clock_error": ClockError(90.0),
            "doubted": {Doubt.AHEAD: doubted()},
        },
        ("agent", 61),
    ),
    "doubted before": ({"doubted": {Doubt.AHEAD: doubted(last=AT)}}, (RIGHT, 0)),
    # Of the agent's own clock nothing was known since its start, or since a receipt, which may have
    # come before a restart; and a clock that was set back since knows of times to come.
    "the agent's ahead": ({"agent_clock": AgentClock(90.0)}, ("agent", 61)),
    "the agent's behind": ({"agent_clock": AgentClock(-90.0)}, ("agent", 61)),
    "the agent's was right": ({"agent_clock": AgentClock(90.0, NOW - 9 * SECOND)}, ("agent", 9)),
    "the agent's was right long ago": (
        {"agent_clock": AgentClock(-90.0, AT - 9 * SECOND)},
        ("agent", 70),
    ),
    "the agent's was right at a time to come": (
        {"agent_clock": AgentClock(-90.0, NOW + 9 * SECOND)},
        ("agent", 0),
    ),
    "the agent's is right": ({"agent_clock": AgentClock(0.0, NOW - 9 * SECOND)}, (RIGHT, 0)),
}


@pytest.mark.parametrize("case", CLOCKS)
def test_what_is_said_of_the_clock(case: str) -> None:
    changes, (said, ago_s) = CLOCKS[case]
    assert clock_now(replace(WELL, **changes), NOW) == (said, NOW - ago_s * SECOND)
