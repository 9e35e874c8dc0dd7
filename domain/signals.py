"""The closed list of signals: name, unit and kind.

A device profile maps a machine's raw tags to these and to nothing else. `measurement.<name>` is the
one open family: process values under statistical control. Counters only grow, except when they are
reset or roll over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import InputError


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
)
SIGNALS: dict[str, Signal] = {signal.name: signal for signal in _CLOSED}
_MEASUREMENT = re.compile(r"measurement\.[a-z][a-z0-9_-]*\Z")


def is_measurement(name: str) -> bool:
    """Whether the name is one of the open family `measurement.<name>`."""
    return bool(_MEASUREMENT.match(name))


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
