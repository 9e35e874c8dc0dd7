"""A wrong clock is said once, with what to do, and again when it changes."""

from __future__ import annotations

from structlog.testing import capture_logs

from device_profiles.decoding.clock_error import ClockError
from edge.clock_log import ClockLog


def test_a_wrong_clock_is_said_once_and_so_is_its_end() -> None:
    log = ClockLog("line-1/filler")
    with capture_logs() as said:
        for error in (None, ClockError(28_800), ClockError(28_803), None, None):
            log.tell(error)
    assert [(it["event"], it.get("by")) for it in said] == [
        ("machine's clock is off", "8 h 0 min ahead"),
        ("machine's clock agrees with ours again", None),
    ]
    assert "time zone" in said[0]["todo"]


def test_another_amount_is_said_anew() -> None:
    log = ClockLog("line-1/filler")
    with capture_logs() as said:
        for ahead_s in (-100, -130, -900):
            log.tell(ClockError(ahead_s))
    assert [it["by"] for it in said] == ["1 min 40 s behind", "15 min 0 s behind"]
    assert "NTP" in said[0]["todo"]
