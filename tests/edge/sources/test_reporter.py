"""What a source reads goes to the sink, and the health pages have its numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from recording_sink import RecordingSink

from domain.samples import RAW_LENGTH_MAX, Quality
from domain.source_faults import FaultCode
from edge.sources.reporter import Reporter

AT = datetime(2026, 3, 2, tzinfo=UTC)


class Running:
    """A reporter that runs, its sink, and its clock."""

    def __init__(self) -> None:
        self.at = AT
        self.sink = RecordingSink()
        self.reporter = Reporter("filler-1", "filler", lambda: self.at)
        self.reporter.start(self.sink)


@pytest.fixture
def running() -> Running:
    return Running()


def test_it_reports_only_while_it_runs() -> None:
    with pytest.raises(RuntimeError, match="only while it runs"):
        Reporter("filler-1", "filler", lambda: AT).heard(AT)


def test_readings_carry_the_machines_name_and_are_counted(running: Running) -> None:
    running.reporter.reading("a", 1, None, AT, Quality.GOOD)
    running.reporter.unchanged("a", 1, AT, Quality.GOOD)
    kinds = [(kind, it.machine, it.value) for kind, it in running.sink.events]
    assert kinds == [("reading", "filler", 1), ("unchanged", "filler", 1)]
    assert running.reporter.status.readings == 1, "what has not changed is no reading more"


def test_what_cannot_be_read_is_kept_shortened(running: Running) -> None:
    running.reporter.rejection("a", "x" * 10_000, None, AT, "too long")
    ((_, kept),) = running.sink.events
    assert (kept.line, kept.machine, kept.reason) == ("filler-1", "filler", "too long")
    assert len(kept.raw) == RAW_LENGTH_MAX
    assert running.reporter.status.rejections == 1


def test_what_was_heard_before_a_connection_stood_is_lost_with_it(running: Running) -> None:
    """As what a broker tells at once: nothing may join it with what is heard by the next one."""
    running.reporter.connected()
    running.reporter.lost("broken")
    running.reporter.came(AT, until=AT)
    running.reporter.lost("broken")
    running.reporter.lost("broken")
    assert [kind for kind, _ in running.sink.events] == ["lost", "came", "lost"]
    assert running.reporter.status.losses == 1


def test_a_loss_is_told_once_for_each_reason(running: Running) -> None:
    running.reporter.connected()
    for why in ("broken", "broken", "refused"):
        running.at += timedelta(seconds=1)
        running.reporter.lost(why)
    assert running.sink.events == [("lost", "broken"), ("lost", "refused")]
    status = running.reporter.status
    assert (status.connected, status.losses, status.error) == (False, 1, "refused")
    assert status.since == AT + timedelta(seconds=1)
    running.reporter.connected()
    assert (running.reporter.status.connects, running.reporter.status.error) == (2, "")


def test_changes_lost_on_the_way_leave_the_connection_standing(running: Running) -> None:
    running.reporter.connected()
    running.reporter.overflowed("queue full")
    assert running.sink.events == [("lost", "queue full")]
    assert (running.reporter.status.connected, running.reporter.status.overflows) == (True, 1)


def test_addresses_that_fail_are_listed_until_they_work(running: Running) -> None:
    for address in ("b", "a"):
        running.reporter.address_failed(address, "no node")
    assert running.reporter.status.failed_addresses == (("a", "no node"), ("b", "no node"))
    running.reporter.address_works("a")
    running.reporter.address_works("never failed")
    assert running.reporter.status.failed_addresses == (("b", "no node"),)


def test_the_status_and_what_is_there_instead_stand_beside_the_reason(running: Running) -> None:
    reporter = running.reporter
    reporter.lost("no", FaultCode.SECURITY_REFUSED, "no_such_security", ("none",))
    status = reporter.status
    assert (status.fault, status.error_status) == (FaultCode.SECURITY_REFUSED, "no_such_security")
    assert status.error_there == ("none",)
    reporter.connected()
    assert (reporter.status.fault, reporter.status.error_status) == (None, "")
    assert reporter.status.error_there == ()
    reporter.address_failed("a", "no node", "BadNoMatch", ("b",))
    reporter.address_silent("c", ("d",))
    assert reporter.status.failed_as == (("a", "BadNoMatch"),)
    assert reporter.status.there_instead == (("a", ("b",)), ("c", ("d",)))
    reporter.address_works("a")
    reporter.address_works("c")
    assert (reporter.status.failed_as, reporter.status.there_instead) == ((), ())
