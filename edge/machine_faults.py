"""What is wrong with the source of a machine, from what is known of it now. Pure.

Faults that a person must mend stand as long as they last; rejected values and source times that
were not believed for some time after the last one, since each comes by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from device_profiles.decoding.address_times import Doubt
from device_profiles.decoding.clock_error import ClockError
from device_profiles.decoding.source_time import EPISODE, Doubted
from device_profiles.model.profile import Profile
from domain.source_faults import FaultCode, SourceFault
from edge.collector_clock import AgentClock
from edge.sources.base import SourceStatus

REASONS_KEPT_MAX = 200  # of rejections; some name a value
REASONS_TOLD_MAX = 5  # the most frequent ones
BAD_TOLD_MAX = 5  # addresses; a gateway without its controller has nothing but bad ones
REJECTED_LASTS = timedelta(minutes=70)  # what goes on is rejected at least once an hour
DOUBTED_LASTS = timedelta(minutes=10)
_DOUBTS = {
    Doubt.AHEAD: FaultCode.SOURCE_TIME_AHEAD,
    Doubt.NEVER_SET: FaultCode.CLOCK_NEVER_SET,
    Doubt.BEHIND: FaultCode.SOURCE_TIME_BEHIND,
    Doubt.STILL: FaultCode.SOURCE_TIME_FROZEN,
}
_ALWAYS_TOLD = ("state", "total_count", "good_count")
# What is said of the clock, by what is wrong with it (source.clock).
RIGHT, AHEAD, BEHIND, AGENTS = "", "ahead", "behind", "agent"
_SAID = {
    Doubt.AHEAD: AHEAD,
    Doubt.NEVER_SET: "never set",
    Doubt.BEHIND: BEHIND,
    Doubt.STILL: "still",
}
_OF_THE_CLOCK = (FaultCode.SOURCE_TIME_AHEAD, FaultCode.SOURCE_TIME_BEHIND)
_DOUBT_REASONS = frozenset(doubt.value for doubt in Doubt)


@dataclass(slots=True)
class _Tally:
    since: datetime
    last: datetime
    count: int = 0


class Rejected:
    """How many values could not be used since the agent's start, by reason."""

    def __init__(self) -> None:
        self._by_reason: dict[str, _Tally] = {}

    def add(self, reason: str, at: datetime) -> None:
        if reason in _DOUBT_REASONS:  # told as what it says of the clock
            return
        if reason not in self._by_reason and len(self._by_reason) >= REASONS_KEPT_MAX:
            return
        tally = self._by_reason.setdefault(reason, _Tally(at, at))
        tally.last = at
        tally.count += 1

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """By reason, the most frequent first."""
        counts = ((reason, tally.count) for reason, tally in self._by_reason.items())
        return tuple(sorted(counts, key=lambda it: (-it[1], it[0])))

    def faults(self, now: datetime) -> list[SourceFault]:
        """Of the reasons that came up lately, the most frequent first."""
        lately = [it for it in self._by_reason.items() if now - it[1].last <= REJECTED_LASTS]
        lately.sort(key=lambda it: (-it[1].count, it[0]))
        return [
            SourceFault(FaultCode.VALUES_REJECTED, tally.since, reason, count=tally.count)
            for reason, tally in lately[:REASONS_TOLD_MAX]
        ]


@dataclass(frozen=True, slots=True)
class BadValue:
    """Since when a value is bad, and what the protocol calls it; empty where it has no name."""

    since: datetime
    status: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What an agent knows of a machine.

    `problem`: why it is not read at all, else empty, `problem_where` in which file, and `cause` the
    name of that (`Cause`); `offline`: since when it says that it is; `bad`: addresses whose last
    value had bad quality; `silent`: those that matter and of which nothing ever came (see
    `never_read`); `peer`: the address of the server or broker; `agent_clock`: the agent's own;
    `heartbeat`: the address of one that must move, and since when it stands.
    """

    started: datetime
    problem: str
    source: SourceStatus
    offline: datetime | None
    bad: Mapping[str, BadValue]
    silent: tuple[str, ...]
    rejected: Rejected
    doubted: dict[Doubt, Doubted]
    clock_error: ClockError | None
    peer: str = ""
    agent_clock: AgentClock = field(default_factory=AgentClock)
    problem_where: str = ""
    cause: str = ""
    heartbeat: tuple[str, datetime] | None = None


def faults_of(known: Known, now: datetime, stale_after_s: float) -> list[SourceFault]:
    """All that is wrong, the gravest first."""
    return [
        *_clock_of_agent(known),
        *_unconnected(known),
        *_still(known, now, timedelta(seconds=stale_after_s)),
        *_unserved(known),
        *_unheard(known, now, timedelta(seconds=stale_after_s)),
        *_clock(known, now),
        *known.rejected.faults(now),
    ]


def clock_now(known: Known, now: datetime) -> tuple[str, datetime]:
    """What is wrong with the machine's clock, RIGHT if nothing is, and since when: as long as all
    its times are off, and after a doubt for EPISODE; or with the agent's, by which it is judged:
    since nobody knew that it was right, because it may have been off for as long, before a restart
    too."""
    if known.agent_clock.ahead_s:
        return AGENTS, min(known.agent_clock.unsure_since or known.started, now)
    doubts = [it for it in known.doubted.items() if now - it[1].last <= EPISODE]
    since = min((doubted.since for _, doubted in doubts), default=now)
    if known.clock_error is not None:
        return (AHEAD if known.clock_error.ahead_s > 0 else BEHIND), since
    return (_SAID[doubts[0][0]] if doubts else RIGHT), since


def never_read(profile: Profile, read: set[str]) -> tuple[str, ...]:
    """Addresses of the state and of what is made, of which nothing has been `read` and where no
    other source gives the same. What else it has (rejects, alarms) may be silent for long."""
    inputs = {item.name: item for item in profile.inputs}
    found: dict[str, None] = {}
    for rule in profile.rules:
        for name in profile.inputs_of(rule) if rule.signal in _ALWAYS_TOLD else ():
            addresses = [it.address for it in inputs[name].sources]
            needed = [it for it in addresses if not it.optional]
            if needed and read.isdisjoint(it.key for it in addresses):
                found[needed[0].key] = None
    return tuple(found)


def _unconnected(known: Known) -> Iterator[SourceFault]:
    source = known.source
    if known.problem:
        yield SourceFault(
            FaultCode.MISCONFIGURED,
            known.started,
            known.problem_where,
            known.problem,
            known.cause,
        )
    elif not source.connected and source.error:
        plain = FaultCode.CONNECTION_LOST if source.connects else FaultCode.NO_CONNECTION
        yield SourceFault(
            source.fault or plain,
            source.since,
            known.peer,
            source.error,
            source.error_status,
            source.error_there,
        )
    elif known.offline is not None:
        yield SourceFault(FaultCode.MACHINE_OFFLINE, known.offline)


def _still(known: Known, now: datetime, patience: timedelta) -> Iterator[SourceFault]:
    """The server answers for a machine that does nothing."""
    if known.source.connected and known.heartbeat is not None:
        address, since = known.heartbeat
        if now - since > patience:
            yield SourceFault(FaultCode.HEARTBEAT_STILL, since, address)


def _unserved(known: Known) -> Iterator[SourceFault]:
    there, failed_as = dict(known.source.there_instead), dict(known.source.failed_as)
    if known.source.connected:
        for address, why in known.source.failed_addresses:
            status, names = failed_as.get(address, ""), there.get(address, ())
            yield SourceFault(FaultCode.ADDRESS_NOT_SERVED, None, address, why, status, names)
        failed = dict(known.source.failed_addresses)
        bad = sorted((it.since, address, it.status) for address, it in known.bad.items())
        for since, address, status in [it for it in bad if it[1] not in failed][:BAD_TOLD_MAX]:
            yield SourceFault(FaultCode.BAD_QUALITY, since, address, status=status)


def _unheard(known: Known, now: datetime, patience: timedelta) -> Iterator[SourceFault]:
    source = known.source
    if not source.connected or source.since is None or now - source.since <= patience:
        return
    failed = {address for address, _ in source.failed_addresses}
    there = dict(source.there_instead)
    if not source.readings and not source.rejections:
        subject = ", ".join(known.silent)
        names = dict.fromkeys(name for it in known.silent for name in there.get(it, ()))
        yield SourceFault(FaultCode.NOTHING_RECEIVED, known.started, subject, there=tuple(names))
        return
    for address in known.silent:
        if address not in failed:
            names_there = there.get(address, ())
            yield SourceFault(FaultCode.ADDRESS_SILENT, known.started, address, there=names_there)


def _clock_of_agent(known: Known) -> Iterator[SourceFault]:
    ahead_s = known.agent_clock.ahead_s
    if ahead_s:
        code = FaultCode.AGENT_CLOCK_AHEAD if ahead_s > 0 else FaultCode.AGENT_CLOCK_BEHIND
        yield SourceFault(code, amount_s=ahead_s)


def _clock(known: Known, now: datetime) -> Iterator[SourceFault]:
    """Of the machine; nothing while the agent's own clock is off, by which it is judged."""
    if known.agent_clock.ahead_s:
        return
    error = known.clock_error
    if error is not None:
        code = FaultCode.CLOCK_AHEAD if error.ahead_s > 0 else FaultCode.CLOCK_BEHIND
        yield SourceFault(code, amount_s=error.ahead_s)
    for doubt, doubted in known.doubted.items():
        code = _DOUBTS[doubt]
        if now - doubted.last > DOUBTED_LASTS or (error is not None and code in _OF_THE_CLOCK):
            continue
        amount_s = doubted.ahead_s if code in _OF_THE_CLOCK else 0.0
        yield SourceFault(
            code, doubted.since, doubted.address, count=doubted.count, amount_s=amount_s
        )
