"""What lies between the spans, and which of the agent's reports says why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.queries.data_quality.unknown_time import Report, faults_told, unknown_times
from domain.source_faults import FaultCode, SourceFault, to_text
from domain.time import Window

START = datetime(2026, 3, 24, 0, tzinfo=UTC)
LOST = SourceFault(FaultCode.CONNECTION_LOST, START, detail="reset by peer")
CLOCK = SourceFault(FaultCode.CLOCK_AHEAD, START, amount_s=40.0)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def report(minute: float, *faults: SourceFault) -> Report:
    return at(minute), to_text(faults)


@pytest.mark.parametrize(
    ("spans", "unknown"),
    [
        ([], [(0, 60)]),
        ([(0, 60)], []),
        ([(-5, 70)], []),
        ([(-5, 10), (10, 20), (15, 30)], [(30, 60)]),
        ([(10, 20), (40, 50)], [(0, 10), (20, 40), (50, 60)]),
        ([(70, 80)], [(0, 60)]),
        ([(-10, 0)], [(0, 60)]),
    ],
)
def test_what_lies_outside_of_the_spans(
    spans: list[tuple[float, float]], unknown: list[tuple[float, float]]
) -> None:
    heard = [(at(start), at(end)) for start, end in spans]
    found = unknown_times(heard, Window(at(0), at(60)), [])
    assert [(it.window.start, it.window.end) for it in found] == [
        (at(start), at(end)) for start, end in unknown
    ]


@pytest.mark.parametrize(
    ("reports", "cause"),
    [
        ([], None),
        ([report(12, LOST)], LOST),  # told within
        ([report(5, LOST)], LOST),  # told before, and nothing since
        ([report(5, LOST), report(8)], None),  # all was well again before
        ([report(12, CLOCK)], None),  # of the values that come, not why nothing does
        ([report(12, CLOCK), report(13, CLOCK, LOST)], LOST),
        ([report(30, LOST)], None),  # of a later one
        ([(at(12), "no report")], None),
    ],
)
def test_what_the_agent_said_of_it(reports: list[Report], cause: SourceFault | None) -> None:
    (gap,) = unknown_times([(at(0), at(10)), (at(20), at(60))], Window(at(0), at(60)), reports)
    assert [it.code for it in gap.causes] == ([] if cause is None else [cause.code])


def test_each_fault_once_as_it_was_told_last() -> None:
    longer = SourceFault(FaultCode.CLOCK_AHEAD, START, amount_s=50.0)
    told = faults_told([report(1, CLOCK), report(2, LOST, longer), report(3)])
    assert [(it.code, it.amount_s) for it in told] == [
        (FaultCode.CLOCK_AHEAD, 50.0),
        (FaultCode.CONNECTION_LOST, 0.0),
    ]
