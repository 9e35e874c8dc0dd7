"""The status of an agent in words of a language: what its page shows.

Every state has a word and a sign of its own; colour adds to them. Sentences of faults are those
that a node shows. What comes from outside (an error of the system, a reason) is quoted in English.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from api.documents.source_faults import FaultWords, fault_words
from api.i18n import DASH, Language
from device_profiles.decoding.clock_error import TOLERANCE
from domain.texts import N_
from edge.agent import AgentStatus
from edge.last_minute import Pace
from edge.machine_status import MachineStatus
from edge.spool.depth import SpoolDepth
from edge.uplink import Trouble, UplinkStatus

RELOAD_S = 10
_REJECTED_SHOWN = 10
_TOLERANCE_S = TOLERANCE.total_seconds()

# word and sign of a state
_HEARD = (N_("heard"), "check")
_UNHEARD = (N_("not heard"), "warn")
_UNCONNECTED = (N_("not connected"), "cross")
_NOT_READ = (N_("not read"), "cross")
_TAKES = (N_("takes batches"), "check")
_TAKES_NONE = (N_("takes no batches"), "cross")
_NOT_ASKED = (N_("not asked yet"), "clock")
_HAS_ROOM = (N_("has room"), "check")
_REFUSES = (N_("takes no more"), "cross")

_TROUBLES = {
    Trouble.UNREACHABLE: N_("The collector cannot be reached since %(time)s."),
    Trouble.NOT_TRUSTED: N_("The collector's certificate is not believed since %(time)s."),
    Trouble.BUSY: N_("The collector is busy or fails since %(time)s."),
    Trouble.REFUSED: N_("The collector refuses this agent's batches since %(time)s."),
    Trouble.NO_RECEIPT: N_(
        "What answers at the collector's address since %(time)s is no collector."
    ),
    Trouble.DISK: N_("The agent's own disk refuses what the collector took, since %(time)s."),
}


@dataclass(frozen=True, slots=True)
class State:
    """`word` and `sign` (an icon's name) say the same; `is_well`: nobody need do anything."""

    word: str
    sign: str

    @property
    def is_well(self) -> bool:
        return self.sign in ("check", "clock")


@dataclass(frozen=True, slots=True)
class Row:
    """A name and what holds of it."""

    name: str
    says: str


@dataclass(frozen=True, slots=True)
class Part:
    """A machine, the spool or the collector. `problem`: as it was told, in English; `rejected`:
    reasons, in English, and how often."""

    title: str
    state: State
    says: str
    rows: tuple[Row, ...]
    faults: tuple[FaultWords, ...] = ()
    problem: str = ""
    rejected: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AgentPage:
    """`heard`: how many of its machines are."""

    agent: str
    now: str
    started: str
    heard: int
    machines: tuple[Part, ...]
    spool: Part
    collector: Part


def agent_page(status: AgentStatus, language: Language, zone: ZoneInfo, now: datetime) -> AgentPage:
    """What the page shows of the agent at that instant."""
    words = _Words(language, zone)
    return AgentPage(
        status.name,
        words.instant(now),
        words.instant(status.started),
        sum(it.alive for it in status.machines),
        tuple(words.machine(it) for it in status.machines),
        words.spool(status),
        words.collector(status),
    )


@dataclass(frozen=True, slots=True)
class _Words:
    language: Language
    zone: ZoneInfo

    def instant(self, at: datetime | None) -> str:
        if at is None:
            return DASH
        day = self.language.day(at.astimezone(self.zone).date())
        return f"{day} {self.language.time(at, self.zone, seconds=True)}"

    def machine(self, machine: MachineStatus) -> Part:
        text = self.language.text
        state, says = self._state(machine)
        source = machine.source
        counts = text(
            N_("%(connects)s made, %(losses)s lost; in %(kept)s losses nothing went missing"),
            connects=self.language.number(source.connects),
            losses=self.language.number(source.losses),
            kept=self.language.number(source.bridged),
        )
        rows = [
            Row(text(N_("Values")), self._values(machine.pace)),
            Row(text(N_("Heard last")), self.instant(source.last_heard)),
            Row(text(N_("Delay")), self._lag(machine.pace)),
            Row(text(N_("Its clock")), self._machine_clock(machine)),
            Row(text(N_("Connections")), counts),
            Row(text(N_("Address")), machine.address or DASH),
            Row(text(N_("Device profile")), machine.profile),
        ]
        if source.overflows:
            lost = text(N_("changes were lost %(count)s times"), count=source.overflows)
            rows.insert(1, Row(text(N_("Losses")), lost))
        return Part(
            f"{machine.line} / {machine.machine}",
            state,
            says,
            tuple(rows),
            tuple(
                fault_words(machine.machine, it, self.language, self.zone) for it in machine.faults
            ),
            rejected=tuple(
                (reason, self.language.number(count))
                for reason, count in machine.rejected[:_REJECTED_SHOWN]
            ),
        )

    def spool(self, status: AgentStatus) -> Part:
        text, spool = self.language.text, status.spool
        if status.problem:
            state, says = (
                self._named(_REFUSES),
                text(
                    N_("The sources wait for %(duration)s: the spool keeps what it has."),
                    duration=self.language.duration(status.problem_s),
                ),
            )
        else:
            state, says = (
                self._named(_HAS_ROOM),
                text(N_("What machines say is kept on this disk until the collector has it.")),
            )
        rows = (
            Row(text(N_("Waits")), self._waits(spool, status.unsaved)),
            Row(text(N_("Oldest batch sealed")), self.instant(spool.oldest_sealed)),
            Row(text(N_("Size")), self._size(spool)),
        )
        return Part(text(N_("Spool")), state, says, rows, problem=status.problem)

    def collector(self, status: AgentStatus) -> Part:
        text, uplink = self.language.text, status.uplink
        state, says = self._uplink(uplink)
        rows = [
            Row(text(N_("Last batch taken")), self.instant(uplink.last_acknowledged)),
            Row(text(N_("Batches taken since the start")), self.language.number(uplink.sent)),
            Row(text(N_("This agent's clock")), self._own_clock(status)),
            Row(text(N_("Address")), uplink.url),
        ]
        if uplink.last_problem and not uplink.problem:
            rows.append(Row(text(N_("Last problem")), self.instant(uplink.last_problem_at)))
        return Part(text(N_("Collector")), state, says, tuple(rows), problem=uplink.last_problem)

    def _named(self, state: tuple[str, str]) -> State:
        return State(self.language.text(state[0]), state[1])

    def _state(self, machine: MachineStatus) -> tuple[State, str]:
        text, since = self.language.text, self.instant(machine.source.since)
        if machine.problem:
            return self._named(_NOT_READ), text(N_("The agent cannot read it."))
        if not machine.source.connected:
            said = N_("There is no connection since %(time)s; the agent tries again and again.")
            return self._named(_UNCONNECTED), text(said, time=since)
        if not machine.alive:
            said = N_(
                "The connection stands since %(time)s, but nothing that can be used comes: what "
                "the machine does is unknown."
            )
            return self._named(_UNHEARD), text(said, time=since)
        return self._named(_HEARD), text(
            N_("The connection stands since %(time)s, and the machine is heard."), time=since
        )

    def _values(self, pace: Pace) -> str:
        rate = self.language.number(pace.values_per_s, 0 if pace.values_per_s >= 100 else 2)
        return self.language.text(N_("%(rate)s a second, over the last minute"), rate=rate)

    def _lag(self, pace: Pace) -> str:
        if pace.lag_s is None or pace.lag_max_s is None:
            return self.language.text(N_("no value with a time of the machine in the last minute"))
        return self.language.text(
            N_("%(middle)s s from the machine's time to its receipt, %(most)s s at most"),
            middle=self.language.number(pace.lag_s, 2),
            most=self.language.number(pace.lag_max_s, 2),
        )

    def _machine_clock(self, machine: MachineStatus) -> str:
        return self._clock(machine.clock_error.ahead_s if machine.clock_error else 0.0)

    def _own_clock(self, status: AgentStatus) -> str:
        if not status.clock.is_compared:
            return self.language.text(N_("not compared with the collector's yet"))
        return self._clock(status.clock.ahead_s)

    def _clock(self, ahead_s: float) -> str:
        amount = self.language.duration(abs(ahead_s) or _TOLERANCE_S)
        if not ahead_s:
            said = N_("no difference of more than %(amount)s was seen")
        else:
            said = N_("%(amount)s ahead") if ahead_s > 0 else N_("%(amount)s behind")
        return self.language.text(said, amount=amount)

    def _waits(self, spool: SpoolDepth, unsaved: int) -> str:
        number = self.language.number
        return self.language.text(
            N_("%(sealed)s values in %(batches)s sealed batches, %(pending)s not sealed yet"),
            sealed=number(spool.sealed_rows),
            batches=number(spool.sealed_batches),
            pending=number(spool.pending_rows + unsaved),
        )

    def _size(self, spool: SpoolDepth) -> str:
        return self.language.text(
            N_("%(size)s MB of %(limit)s MB (%(share)s)"),
            size=self.language.number(spool.bytes / 1e6, 1),
            limit=self.language.number(spool.limit_bytes / 1e6),
            share=self.language.percent(spool.bytes / spool.limit_bytes),
        )

    def _uplink(self, uplink: UplinkStatus) -> tuple[State, str]:
        text, since = self.language.text, self.instant(uplink.since)
        if uplink.trouble is not None:
            return self._named(_TAKES_NONE), text(_TROUBLES[uplink.trouble], time=since)
        if uplink.since is None:
            said = N_("No batch has been sent since the start.")
            return self._named(_NOT_ASKED), text(said)
        return self._named(_TAKES), text(
            N_("The collector takes what this agent sends since %(time)s."), time=since
        )
