"""What is wrong between an agent and a machine: a closed list of codes, each with its details.

An agent tells all faults of a machine as one text (`to_text`, JSON). It comes from outside, so
`from_text` takes what it can use and nothing more: codes that are known, texts that are short and
have no control characters, few of each. How a fault is said to people is for who shows it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.time import instant, micros

FAULTS_MAX = 20  # of a machine; more of them say nothing more
TEXT_MAX = 300  # characters
THERE_MAX = 8
_NAME_MAX = 80
REPORT_MAX = 40_000  # characters of the text of all faults
_COUNT_MAX = 10**15
_TIME_MAX_US = 4_102_444_800_000_000  # the year 2100


class FaultCode(StrEnum):
    """The names are stored, counted and sent: keep them."""

    MISCONFIGURED = "misconfigured"  # its configuration can never work
    NO_CONNECTION = "no_connection"  # none since the agent started
    CONNECTION_LOST = "connection_lost"
    SIGN_IN_REFUSED = "sign_in_refused"
    SECURITY_REFUSED = "security_refused"  # encryption or certificates
    SUBSCRIPTION_REFUSED = "subscription_refused"
    MACHINE_OFFLINE = "machine_offline"  # it said so itself, as by an MQTT last will
    HEARTBEAT_STILL = "heartbeat_still"  # though it is connected
    ADDRESS_NOT_SERVED = "address_not_served"
    NOTHING_RECEIVED = "nothing_received"  # since the agent started, though it is connected
    ADDRESS_SILENT = "address_silent"  # nothing of it since then, though others come
    BAD_QUALITY = "bad_quality"  # the machine itself does not vouch for the value
    VALUES_REJECTED = "values_rejected"
    CLOCK_AHEAD = "clock_ahead"  # every value of some time
    CLOCK_BEHIND = "clock_behind"
    CLOCK_NEVER_SET = "clock_never_set"
    SOURCE_TIME_AHEAD = "source_time_ahead"  # single values
    SOURCE_TIME_BEHIND = "source_time_behind"
    SOURCE_TIME_FROZEN = "source_time_frozen"
    AGENT_STOPPED = "agent_stopped"
    # seen by a node itself
    SILENT = "silent"
    NEVER_HEARD = "never_heard"
    COUNTER_OUT_OF_LINE = "counter_out_of_line"  # readings of it are not believed
    COUNTER_LEAPT = "counter_leapt"  # by more than the machine can make
    AGENT_CLOCK_AHEAD = "agent_clock_ahead"  # of the node's: what it confirms has yet to come
    AGENT_CLOCK_BEHIND = "agent_clock_behind"


_CODES = frozenset(FaultCode)


class Cause(StrEnum):
    """Why something does not work, where neither the protocol nor the system has a name for it.
    They are sent: keep them."""

    NO_ANSWER = "no_answer"
    CLOSED = "closed"  # by the other side
    NO_NAMESPACE = "no_namespace"
    NO_SUCH_TYPE = "no_such_type"
    NO_SUCH_OBJECT = "no_such_object"
    SEVERAL_OBJECTS = "several_objects"
    NO_SUCH_SECURITY = "no_such_security"
    UNTRUSTED = "untrusted"
    CERTIFICATE_UNREADABLE = "certificate_unreadable"  # or its key
    FILE_MISSING = "file_missing"  # that the connection names
    NO_APPLICATION_URI = "no_application_uri"
    SOURCE_FAILED = "source_failed"  # a fault of the program's own


@dataclass(frozen=True, slots=True)
class SourceFault:
    """`subject`: an address, or the reason of a rejection; `detail`: a sentence of the program that
    found it; `status`: what the protocol or the system calls it, or a `Cause`; `there`: names that
    are there instead; `amount_s`: of a clock."""

    code: FaultCode
    since: datetime | None = None
    subject: str = ""
    detail: str = ""
    status: str = ""
    there: tuple[str, ...] = ()
    count: int = 0
    amount_s: float = 0.0


def to_text(faults: Sequence[SourceFault]) -> str:
    """All faults of a machine, within the limits; what says nothing is left out."""
    return json.dumps(
        [_said(fault) for fault in faults[:FAULTS_MAX]],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )


def from_text(text: str | None) -> tuple[SourceFault, ...]:
    """The faults that can be read from it."""
    if not text or len(text) > REPORT_MAX:
        return ()
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(listed, list):
        return ()
    found = (_read(it) for it in listed[:FAULTS_MAX] if isinstance(it, dict))
    return tuple(fault for fault in found if fault is not None)


def _said(fault: SourceFault) -> dict[str, Any]:
    named = {
        "code": fault.code.value,
        "since": None if fault.since is None else micros(fault.since),
        "subject": _clean(fault.subject),
        "detail": _clean(fault.detail),
        "status": _clean(fault.status, _NAME_MAX),
        "there": [_clean(name, _NAME_MAX) for name in fault.there[:THERE_MAX]],
        "count": fault.count,
        "amount_s": round(fault.amount_s, 3),
    }
    assert named.keys() == {field.name for field in fields(SourceFault)}
    return {name: value for name, value in named.items() if value}


def _read(given: dict[str, Any]) -> SourceFault | None:
    code = given.get("code")
    if not isinstance(code, str) or code not in _CODES:
        return None
    there = given.get("there")
    amount_s = given.get("amount_s")
    if not isinstance(amount_s, int | float) or not math.isfinite(amount_s):
        amount_s = 0.0
    since_us = _whole(given.get("since"), _TIME_MAX_US)
    return SourceFault(
        FaultCode(code),
        instant(since_us) if since_us else None,
        _clean(given.get("subject")),
        _clean(given.get("detail")),
        _clean(given.get("status"), _NAME_MAX),
        _names(there) if isinstance(there, list) else (),
        _whole(given.get("count"), _COUNT_MAX),
        float(amount_s),
    )


def _names(given: Iterable[Any]) -> tuple[str, ...]:
    names = (_clean(name, _NAME_MAX) for name in given)
    return tuple(name for name in names if name)[:THERE_MAX]


def _whole(given: Any, most: int) -> int:
    """A whole number from 0 to `most`; 0 where it is none."""
    is_whole = isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= most
    return given if is_whole else 0


def _clean(given: Any, most: int = TEXT_MAX) -> str:
    """The text in one line without control characters, shortened."""
    if not isinstance(given, str):
        return ""
    text = "".join(it if it.isprintable() else " " for it in given[: 4 * most]).strip()
    return text if len(text) <= most else text[: most - 1] + "…"
