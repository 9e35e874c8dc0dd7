"""The closed list of signals: name, unit and kind; and how far each reaches.

A device profile maps a machine's raw tags to these and to nothing else. `measurement.<name>` is the
one open family: process values under statistical control. Counters only grow, except when they are
reset or roll over. What an agent tells of a machine's source (AGENT_SIGNALS) travels beside them.

What a line did in a window depends on samples outside of it. `Reach` says on which, signal by
signal; the store reads that far, and the analytics refuse a history that does not. An example, the
window 10:00 to 11:00:

    time          08:00  09:10  09:52   10:00     11:00   11:07  12:30
    window                                |=========|
    total_count            50     58         60 90         93     95
    stop_reason                  jam
    product        tea
    state                              ~~           ~~

- total_count: two items were counted between 09:52 and some instant inside, so where they fell
  depends on all that happened since 09:52; likewise until 11:07. Whether 58 and 93 are in line
  show some samples beyond them (50, 95), of which nothing else is needed;
- stop_reason: `jam` holds unless production began after it, so all since then is needed;
- product: `tea` holds whatever happened since: the nearest sample is enough;
- state: a stop or a production shorter than the chatter of a line is none, so a little is needed
  on both sides (~).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from domain.errors import InputError
from domain.plant import CHATTER_MAX_S, REASON_HOLDS_MAX, REASON_REACHES_BACK


class SignalKind(StrEnum):
    STATE = "state"  # one of a closed list; holds until the next sample
    COUNTER = "counter"  # only grows, except when it is reset or rolls over
    GAUGE = "gauge"  # a number; holds until the next sample
    TEXT = "text"  # a text; holds until the next sample


@dataclass(frozen=True, slots=True)
class Signal:
    name: str
    unit: str
    kind: SignalKind


@dataclass(frozen=True, slots=True)
class Reach:
    """What must be known of a signal outside a window to say what it was inside. Always known is
    the nearest sample on each side; a sample is usable if it is neither bad nor empty.

    `margin`: everything this near the window. `before`, `after`: so many usable samples on that
    side, however far away. `increments`: these only where two samples with the window's border
    between them make an increment. `whole`: from the nearest of them on everything, of every
    signal; `whole_max`: unless it is further away than this. `by_state`: the machine's state
    shares out what lies between two samples, so a state that changes reaches to both of them.
    """

    margin: timedelta = timedelta(0)
    before: int = 0
    after: int = 0
    increments: bool = False
    whole: bool = False
    whole_max: timedelta | None = None
    by_state: bool = False


SERIAL_NUMBER = "serial_number"
_CLOSED = (
    Signal("state", "", SignalKind.STATE),
    Signal("mode", "", SignalKind.STATE),
    Signal("total_count", "items", SignalKind.COUNTER),
    Signal("good_count", "items", SignalKind.COUNTER),
    Signal("reject_count", "items", SignalKind.COUNTER),
    Signal("rework_count", "items", SignalKind.COUNTER),
    Signal("speed", "items/s", SignalKind.GAUGE),
    Signal("ideal_speed", "items/s", SignalKind.GAUGE),
    Signal("product", "", SignalKind.TEXT),
    Signal("order", "", SignalKind.TEXT),
    Signal("stop_reason", "", SignalKind.TEXT),
    Signal("alarm", "", SignalKind.TEXT),
    Signal("blocked", "", SignalKind.GAUGE),
    Signal("starved", "", SignalKind.GAUGE),
    Signal("energy", "kWh", SignalKind.COUNTER),
    Signal("power", "kW", SignalKind.GAUGE),
    Signal(SERIAL_NUMBER, "", SignalKind.TEXT),
)
SIGNALS: dict[str, Signal] = {signal.name: signal for signal in _CLOSED}
# Told by an agent of the source of a machine, not by the machine: no profile and no import may name
# them. Whether the machine is connected: CONNECTED or LOST; what is wrong with its clock, empty
# while nothing is; all that is wrong with it, as `domain.source_faults` writes it; and which source
# it is, as `domain.source_identity` writes it.
CONNECTION = "source.connection"
CONNECTED, LOST = "connected", "lost"
CLOCK = "source.clock"
FAULTS = "source.faults"
SOURCE_IDENTITY = "source.identity"
AGENT_SIGNALS: dict[str, Signal] = {
    name: Signal(name, "", SignalKind.TEXT) for name in (CONNECTION, CLOCK, FAULTS, SOURCE_IDENTITY)
}
_BY_KIND = {
    # To the begin of the stop that a reason reaches back to, and of the chatter before it.
    SignalKind.STATE: Reach(margin=timedelta(seconds=CHATTER_MAX_S) + REASON_REACHES_BACK),
    SignalKind.COUNTER: Reach(before=12, after=9, increments=True, whole=True, by_state=True),
    SignalKind.GAUGE: Reach(),
    SignalKind.TEXT: Reach(),
}
_BY_NAME = {
    "stop_reason": Reach(
        margin=REASON_REACHES_BACK, before=1, whole=True, whole_max=REASON_HOLDS_MAX
    ),
    "energy": replace(_BY_KIND[SignalKind.COUNTER], by_state=False),  # used in every state
}
REACHES: dict[str, Reach] = {
    name: _BY_NAME.get(name, _BY_KIND[signal.kind])
    for name, signal in (SIGNALS | AGENT_SIGNALS).items()
}
REACH_MARGIN = max(reach.margin for reach in REACHES.values())
MEASUREMENT_PREFIX = "measurement."
MEASUREMENT_PATTERN = r"^measurement\.[a-z][a-z0-9_-]{0,99}$"  # for polars, too
_MEASUREMENT = re.compile(MEASUREMENT_PATTERN.strip("^$"))


def is_measurement(name: str) -> bool:
    """Whether the name is one of the open family `measurement.<name>`."""
    return bool(_MEASUREMENT.fullmatch(name))


@lru_cache(maxsize=10_000)  # names come from outside too
def signal_named(name: str) -> Signal:
    """The signal of that name. Raises InputError with the closed list."""
    if name in SIGNALS:
        return SIGNALS[name]
    if is_measurement(name):
        return Signal(name, "", SignalKind.GAUGE)
    raise InputError(
        f"unknown signal '{name}'",
        todo=f"Use one of {', '.join(SIGNALS)}, or measurement.<name> for a process value.",
    )


def signal_kind(name: str) -> SignalKind:
    """What kind of signal that is, an agent's own among them. Raises InputError for no signal."""
    told = AGENT_SIGNALS.get(name)
    return signal_named(name).kind if told is None else told.kind


def reach_of(name: str) -> Reach:
    """How far the signal of that name reaches. Raises InputError as `signal_named`."""
    return REACHES.get(name) or _BY_KIND[signal_kind(name)]
