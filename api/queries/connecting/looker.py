"""What the page that connects machines asks of whoever can reach them. Pages reach no machine
themselves: the composition root gives them a `Looker`, which knows where it may look.

What is typed in to sign in at a machine is in no text that is shown, kept or logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.samples import Reading


@dataclass(frozen=True, slots=True)
class MachineAddress:
    """`settings`: of the connection, as a plant file has them; `below`: look below this node or
    topic alone; `seconds`: how long to look."""

    url: str
    settings: Mapping[str, str] = field(repr=False)
    below: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ProposedSignal:
    """`place`: where the value is found at the machine; `last`: what it was; `reasons`: why it is
    taken for that signal."""

    signal: str
    place: str
    last: str
    unit: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    """What was seen of a machine, and what is proposed.

    `profile`: the text of a profile of its own; None where the packaged one called `packaged` fits,
    with these `parameters`, because of `why`. `connection`: settings that it needs besides the
    address. `entry`: the machine's entry of a plant file. `others`: (place, value) of what is no
    signal. `undecided`, `notes`, `ask`: sentences.
    """

    profile: str | None
    packaged: str
    why: str
    parameters: Mapping[str, str]
    connection: Mapping[str, str]
    entry: str
    signals: tuple[ProposedSignal, ...]
    others: tuple[tuple[str, str], ...]
    undecided: tuple[str, ...]
    notes: tuple[str, ...]
    ask: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawValue:
    """The last value of an input as the machine said it; empty where nothing came."""

    input: str
    address: str
    value: str
    quality: str


@dataclass(frozen=True, slots=True)
class DecodedValue:
    """The last sample of a signal."""

    signal: str
    value: str
    quality: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A machine that was read by a profile from `begin` to `end`. `readings`: all that came, up to
    a limit; `wrong`: a sentence each."""

    profile: str
    parameters: Mapping[str, str]
    raw: tuple[RawValue, ...]
    decoded: tuple[DecodedValue, ...]
    wrong: tuple[str, ...]
    readings: tuple[Reading, ...]
    begin: datetime
    end: datetime


class Looker(Protocol):
    """Waits for the machine, so it is asked in a thread. Every question is answered within a
    minute, and raises LineproofError: for an address where it may not look, for a machine that is
    not there or refuses, and where nothing can be proposed."""

    @property
    def networks(self) -> tuple[str, ...]:
        """Where it may look; none: nowhere."""
        ...

    def check(self, url: str) -> None:
        """Whether it may look there at all; nothing is connected to."""
        ...

    def look(self, address: MachineAddress) -> Proposed: ...

    def try_out(
        self, address: MachineAddress, profile: str, parameters: Mapping[str, str]
    ) -> Trial:
        """`profile`: the name of a packaged one, or a text that begins with its keys."""
        ...
