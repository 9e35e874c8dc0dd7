"""What a node makes of its agents' reports, and of their silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from plants import plant

from api.queries.source_faults import machine_faults
from domain.plant import IMPORTED, Line, Machine
from domain.source_faults import FaultCode, SourceFault, to_text

AT = datetime(2026, 3, 2, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NOT_SERVED = SourceFault(FaultCode.ADDRESS_NOT_SERVED, None, "a")
LOST = SourceFault(FaultCode.CONNECTION_LOST, AT)
KNOWS_AHEAD = SourceFault(FaultCode.AGENT_CLOCK_AHEAD, amount_s=180.0)
KNOWS_BEHIND = SourceFault(FaultCode.AGENT_CLOCK_BEHIND, amount_s=-180.0)
# What the agent told, until when the machine was heard, whether its connection was lost since, and
# the faults that are shown.
CASES: dict[str, tuple[str | None, datetime | None, bool, list[FaultCode]]] = {
    "nothing at all": (None, None, False, [FaultCode.NEVER_HEARD]),
    "all is well": ("[]", AT, False, []),
    "an older agent, which reports nothing": (None, AT, False, []),
    "an agent that was killed": ("[]", AT - 2 * MINUTE, False, [FaultCode.SILENT]),
    "lost, and no word why": ("[]", AT, True, [FaultCode.SILENT]),
    "lost, and the word": (to_text([LOST]), AT, True, [FaultCode.CONNECTION_LOST]),
    "lost for long": (to_text([LOST]), AT - 9 * MINUTE, True, [FaultCode.CONNECTION_LOST]),
    "never heard, and the word": (to_text([LOST]), None, False, [FaultCode.CONNECTION_LOST]),
    "started just now": ("[]", None, False, []),
    "heard, and something is wrong": (
        to_text([NOT_SERVED]), AT, False, [FaultCode.ADDRESS_NOT_SERVED],
    ),
    "silent, and something was wrong": (
        to_text([NOT_SERVED]), AT - 2 * MINUTE, False,
        [FaultCode.SILENT, FaultCode.ADDRESS_NOT_SERVED],
    ),
    "an agent whose clock is ahead": ("[]", AT + 9 * MINUTE, False, [FaultCode.AGENT_CLOCK_AHEAD]),
    "two clocks are never quite the same": ("[]", AT + MINUTE / 12, False, []),
    "a clock that is ahead for seconds": (
        "[]", AT + MINUTE / 2, False, [FaultCode.AGENT_CLOCK_AHEAD],
    ),
    "ahead, and still believed": ("[]", AT + 3 * MINUTE, False, [FaultCode.AGENT_CLOCK_AHEAD]),
    "ahead, and lost, and the word": (
        to_text([LOST]), AT + 3 * MINUTE, True,
        [FaultCode.AGENT_CLOCK_AHEAD, FaultCode.CONNECTION_LOST],
    ),
    "ahead, and lost, and no word why": (
        "[]", AT + 3 * MINUTE, True, [FaultCode.SILENT, FaultCode.AGENT_CLOCK_AHEAD],
    ),
    "ahead, and the agent knows it": (
        to_text([KNOWS_AHEAD]), AT + 3 * MINUTE, False, [FaultCode.AGENT_CLOCK_AHEAD],
    ),
    "ahead, and killed since": (
        to_text([KNOWS_AHEAD]), AT + MINUTE, False,
        [FaultCode.SILENT, FaultCode.AGENT_CLOCK_AHEAD],
    ),
    "behind, and heard all the same": (
        to_text([KNOWS_BEHIND]), AT - 3 * MINUTE, False, [FaultCode.AGENT_CLOCK_BEHIND],
    ),
    "a report that is none": ("rubbish", AT, False, []),
}  # fmt: skip


def line(profile: str) -> Line:
    made = plant(roles=("state",)).lines["l1"]
    made.machines["m"] = Machine("m", profile)
    return made


@pytest.mark.parametrize("case", CASES)
def test_the_faults_of_a_machine(case: str) -> None:
    text, end, is_lost, codes = CASES[case]
    heard = {} if end is None else {"m": end}
    found = machine_faults(line("packml/opcua"), {"m": text}, heard, {"m"} if is_lost else (), AT)
    assert [it.fault.code for it in found] == codes
    assert {it.machine for it in found} <= {"m"}


def test_a_machine_without_a_live_source_is_not_missed() -> None:
    assert machine_faults(line(IMPORTED), {}, {}, (), AT) == ()
