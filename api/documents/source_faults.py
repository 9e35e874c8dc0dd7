"""Faults of machines' sources in words: which machine, what, how much, and what to do.

What a protocol says is told in plain words where it is known (`status_words`). Other details (an
address, a server's own word, what is there instead) are quoted as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from analytics.timeline.confirmation import CONFIRMED_AHEAD_MAX
from api.documents.status_words import status_words
from api.documents.times import local_text
from api.i18n import Language
from domain.source_faults import FaultCode, SourceFault
from domain.texts import N_
from domain.time import zone_hours

_TOO_FAR_S = CONFIRMED_AHEAD_MAX.total_seconds()
_REACH = N_("Check that the machine is on, its network, and its address in the plant file.")
_ADDRESS = N_("Correct the address in the profile, or its parameters in the plant file.")
_CLOCK = N_("Set the machine's clock, best by NTP; or write 'time: receipt' in the profile.")
_BOTH_CLOCKS = N_("Set both clocks right, best by NTP.")
_ZONE = N_(
    "It looks like a wrong time zone: set the machine's, or its server's, to UTC or its own; or "
    "write 'time: receipt' in the profile."
)
# code → (what, what to do)
_SENTENCES: dict[FaultCode, tuple[str, str]] = {
    FaultCode.MISCONFIGURED: (
        N_("%(machine)s is not read: %(detail)s"),
        N_("Correct its connection or profile in the plant file and start the agent again."),
    ),
    FaultCode.NO_CONNECTION: (
        N_("%(machine)s could not be reached since %(time)s: %(detail)s"),
        _REACH,
    ),
    FaultCode.CONNECTION_LOST: (
        N_("The connection with %(machine)s was lost at %(time)s: %(detail)s"),
        _REACH,
    ),
    FaultCode.SIGN_IN_REFUSED: (
        N_("%(machine)s refuses our sign-in since %(time)s: %(detail)s"),
        N_("Correct user and password in the plant file, or allow them at the machine."),
    ),
    FaultCode.SECURITY_REFUSED: (
        N_("%(machine)s refuses the secure connection since %(time)s: %(detail)s"),
        N_("Have the certificates trusted on both sides, and name a security that both have."),
    ),
    FaultCode.SUBSCRIPTION_REFUSED: (
        N_("The broker of %(machine)s refuses the subscription since %(time)s: %(detail)s"),
        N_("Correct the topic in the plant file, or allow our user to read it at the broker."),
    ),
    FaultCode.MACHINE_OFFLINE: (
        N_("%(machine)s said at %(time)s that it is offline."),
        N_("Check that the machine is on, and its network."),
    ),
    FaultCode.HEARTBEAT_STILL: (
        N_(
            "The heartbeat %(subject)s of %(machine)s stands still since %(time)s: its time is "
            "unknown since."
        ),
        N_("Look at the controller behind the server or gateway: it answers, but does not run."),
    ),
    FaultCode.ADDRESS_NOT_SERVED: (
        N_("%(machine)s does not serve %(subject)s: %(detail)s"),
        _ADDRESS,
    ),
    FaultCode.NOTHING_RECEIVED: (
        N_("Nothing has come from %(machine)s since %(time)s, though it is connected: %(subject)s"),
        N_("Check that the machine sends, and the topic or address in the plant file."),
    ),
    FaultCode.ADDRESS_SILENT: (
        N_("Nothing has come of %(subject)s since %(time)s, while %(machine)s sends other values."),
        N_("Check that the machine sends it, and its topic or address."),
    ),
    FaultCode.BAD_QUALITY: (
        N_("%(machine)s says since %(time)s that its value of %(subject)s is bad."),
        N_("Look at the machine, or at the gateway and its connection to the machine."),
    ),
    FaultCode.VALUES_REJECTED: (
        N_("%(count)s values of %(machine)s could not be used: %(subject)s"),
        N_("Correct the profile or its parameters; the raw values are kept."),
    ),
    FaultCode.CLOCK_AHEAD: (N_("The clock of %(machine)s is %(amount)s ahead."), _CLOCK),
    FaultCode.CLOCK_BEHIND: (N_("The clock of %(machine)s is %(amount)s behind."), _CLOCK),
    FaultCode.CLOCK_NEVER_SET: (
        N_(
            "The clock of %(machine)s was never set: for %(count)s values the time of receipt "
            "counts instead."
        ),
        _CLOCK,
    ),
    FaultCode.SOURCE_TIME_AHEAD: (
        N_(
            "%(count)s values of %(machine)s had a time to come (last by %(amount)s): the time of "
            "receipt counts instead."
        ),
        _CLOCK,
    ),
    FaultCode.SOURCE_TIME_BEHIND: (
        N_(
            "%(count)s values of %(machine)s had a time from before what had come already (last by "
            "%(amount)s) that is not believed."
        ),
        _CLOCK,
    ),
    FaultCode.SOURCE_TIME_FROZEN: (
        N_(
            "%(machine)s gives new values the same old time: for %(count)s values of %(subject)s "
            "the time of receipt counts instead."
        ),
        N_("Have the machine give each value its time, or write 'time: receipt' in the profile."),
    ),
    FaultCode.AGENT_STOPPED: (
        N_("The agent that reads %(machine)s was stopped at %(time)s."),
        N_("Start it again."),
    ),
    FaultCode.SILENT: (
        N_("Nothing has been heard of %(machine)s since %(time)s: its time is unknown since."),
        N_("Check that the machine is on and that its agent runs."),
    ),
    FaultCode.AGENT_CLOCK_AHEAD: (
        N_(
            "The clock of the agent that reads %(machine)s is %(amount)s ahead of this node's: its "
            "values stand too late, and it would be noticed as much later that it is silent."
        ),
        _BOTH_CLOCKS,
    ),
    FaultCode.AGENT_CLOCK_BEHIND: (
        N_(
            "The clock of the agent that reads %(machine)s is %(amount)s behind this node's: its "
            "values stand too early, and what the machine does now may be shown as unknown."
        ),
        _BOTH_CLOCKS,
    ),
    FaultCode.COUNTER_OUT_OF_LINE: (
        N_(
            "Since %(time)s %(count)s readings of the counter %(subject)s of %(machine)s fitted "
            "neither what came before nor what came after. Such readings are not believed and "
            "count nothing."
        ),
        N_(
            "Look at what gives this counter: a gateway that starts with 0, a register that is "
            "read in halves, a second device under its address."
        ),
    ),
    FaultCode.COUNTER_LEAPT: (
        N_(
            "Since %(time)s %(count)s readings of the counter %(subject)s of %(machine)s leapt by "
            "more than the machine can make. Such readings are not believed: the leap is in the "
            "upper bounds alone."
        ),
        N_(
            "Compare the counter with its panel: its address, its unit, a reset. If it was right, "
            "name what it can make ('max_rate_per_s' under 'counters' of the line)."
        ),
    ),
    FaultCode.NEVER_HEARD: (
        N_("Nothing has ever come from %(machine)s."),
        N_("Check that its agent runs, and its connection in the plant file."),
    ),
}
_BAD_FOR = N_("%(machine)s says since %(time)s that its value of %(subject)s is bad: %(detail)s")
# Of an agent's clock that is so far ahead that nothing is shown as present by it.
_FAR_AHEAD = N_(
    "The clock of the agent that reads %(machine)s is %(amount)s ahead of this node's: its values "
    "stand too late, and what the machine does now is shown as unknown."
)
_THERE = N_("There is: %(names)s.")


@dataclass(frozen=True, slots=True)
class FaultWords:
    """`what` names the machine and how much; `todo` what to do about it."""

    what: str
    todo: str

    @property
    def sentence(self) -> str:
        """`what` with a full stop, that of the language, also where it ends with a detail."""
        full_stop = self.todo[-1:]
        return self.what if self.what.endswith(full_stop) else self.what + full_stop


def fault_words(machine: str, fault: SourceFault, language: Language, zone: ZoneInfo) -> FaultWords:
    """The fault in the language."""
    what, todo = _SENTENCES[fault.code]
    if fault.code is FaultCode.AGENT_CLOCK_AHEAD and fault.amount_s > _TOO_FAR_S:
        what = _FAR_AHEAD
    if fault.code is FaultCode.BAD_QUALITY and fault.status:
        what = _BAD_FOR
    zone_h = zone_hours(fault.amount_s)  # then this is the amount, the rest is how it drifts
    detail = fault.detail or fault.status
    if words := status_words(fault.status, language):
        is_address_told = "%(subject)s" in what or not fault.subject
        detail = words if is_address_told else f"{fault.subject}: {words}"
    said = language.text(
        what,
        machine=machine,
        time=language.moment(fault.since, zone),
        detail=detail,
        subject=fault.subject,
        count=language.number(fault.count),
        amount=language.duration(abs(fault.amount_s if zone_h is None else zone_h * 3600)),
    )
    if fault.there:
        there = language.text(_THERE, names=language.listed(fault.there))
        said = f"{said}{'' if said.endswith(('.', '。')) else '.'} {there}"
    if todo is _CLOCK and zone_h is not None:
        todo = _ZONE
    return FaultWords(said, language.text(todo))


def fault_json(
    machine: str, fault: SourceFault, language: Language, zone: ZoneInfo
) -> dict[str, Any]:
    """Its code, details and words; what it has none of is null or empty."""
    words = fault_words(machine, fault, language, zone)
    return {
        "machine": machine,
        "code": fault.code.value,
        "since": local_text(fault.since, zone),
        "subject": fault.subject,
        "detail": fault.detail,
        "status": fault.status,
        "there": list(fault.there),
        "count": fault.count,
        "amount_s": fault.amount_s,
        "says": words.what,
        "todo": words.todo,
    }
