"""Sources that became others, asked for or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from examining import LINE, MONDAY, at, examined, told

from analytics.integrity.changed_sources import changed_sources
from analytics.integrity.examined import LineRecorded, SourceTold
from domain.change_requests import ChangeDecision, ChangeKind, ChangeRequest
from domain.signals import SERIAL_NUMBER, SOURCE_IDENTITY
from domain.source_identity import SourceIdentity

LAST = date(2026, 3, 15)
DAY = date(2026, 3, 10)
IDENTITY = SourceIdentity("hall-2", "packml/opcua", "9f2b", "opc.tcp://10.0.0.5:4840")
OTHER = replace(IDENTITY, profile_digest="41c0")


def identity(when: datetime, given: SourceIdentity = IDENTITY, machine: str = "m") -> SourceTold:
    return SourceTold(machine, SOURCE_IDENTITY, when, given.to_text())


def serial(when: datetime, number: str) -> SourceTold:
    return SourceTold("m", SERIAL_NUMBER, when, number)


def found(*sources: SourceTold, requests: tuple[ChangeRequest, ...] = ()) -> list[dict[str, Any]]:
    recorded = {LINE: LineRecorded(sources=sources)}
    return told(changed_sources, examined(MONDAY, LAST, recorded=recorded, requests=requests))


def request(when: datetime, *, approved: bool = True, machine: str = "m") -> ChangeRequest:
    asked = ChangeRequest("P", 1, ChangeKind.EQUIPMENT, "EM-7", "EM-9", "broken", "lee", when)
    decision = ChangeDecision(approved, "chan", when)
    return replace(asked, line=LINE, machine=machine, replaced_at=when, decision=decision)


def test_an_agent_that_starts_again_is_the_same_source() -> None:
    assert found(*(identity(at(DAY, hour)) for hour in range(5))) == []
    assert found(identity(at(DAY), OTHER)) == []  # the first one


def test_another_profile() -> None:
    assert found(identity(at(MONDAY, -900)), identity(at(DAY, 9), OTHER)) == [
        {
            "flag": "source_changed",
            "severity": "warns",
            "lines": (LINE,),
            "days": (DAY, DAY),
            "says": "What m of filler-1 tells comes from another source than before, and no change "
            "request was approved for it: 2026-03-10 profile_digest: 9f2b → 41c0.",
        }
    ]


def test_another_meter() -> None:
    [one] = found(serial(at(MONDAY), "EM-7"), serial(at(DAY), "EM-9"), serial(at(DAY, 9), "EM-7"))
    assert one["says"].endswith("2026-03-10 EM-7 → EM-9; 2026-03-10 EM-9 → EM-7.")


def test_signals_and_machines_are_not_mixed() -> None:
    assert found(identity(at(DAY)), serial(at(DAY, 1), "EM-7")) == []
    assert found(identity(at(DAY)), identity(at(DAY, 1), OTHER, machine="n")) == []


@pytest.mark.parametrize("when", [at(MONDAY, -0.1), at(LAST, 24)])
def test_changes_outside_the_days(when: datetime) -> None:
    assert found(identity(at(MONDAY, -99)), identity(when, OTHER)) == []


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        (request(at(DAY, 12)), 0),
        (request(at(DAY, 34)), 1),  # more than a day later
        (request(at(DAY, 12), approved=False), 1),
        (request(at(DAY, 12), machine="n"), 1),
    ],
)
def test_what_was_asked_for(asked: ChangeRequest, count: int) -> None:
    sources = (serial(at(MONDAY), "EM-7"), serial(at(DAY, 9), "EM-9"))
    assert len(found(*sources, requests=(asked,))) == count
