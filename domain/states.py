"""Machine states, unit modes and time classes: the closed lists.

Codes are permanent: they are stored and sealed. A new member goes to the end. Machine states are
ours; unit modes follow ISA-TR88.00.02 (PackML UnitMode); time classes carry the names of the ISO
22400-2 time elements.
"""

from __future__ import annotations

from enum import StrEnum


class _Coded(StrEnum):
    """A name with a small permanent number: its place in the list."""

    @property
    def code(self) -> int:
        return list(type(self)).index(self)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(member.value for member in cls)


class MachineState(_Coded):
    """What the machine itself does. Device profiles map raw codes to these."""

    UNKNOWN = "unknown"
    PRODUCING = "producing"
    IDLE = "idle"
    STARVED = "starved"
    BLOCKED = "blocked"
    SETUP = "setup"
    STOPPED = "stopped"
    FAULT = "fault"
    MAINTENANCE = "maintenance"
    OFF = "off"


class MachineMode(_Coded):
    """The operating mode (PackML UnitMode; 0 is Invalid there)."""

    UNKNOWN = "unknown"
    PRODUCE = "produce"
    MAINTENANCE = "maintenance"
    MANUAL = "manual"


class Plan(_Coded):
    """What the calendar says of a second: part of PBT, of PDOT, or not planned."""

    NOT_PLANNED = "not_planned"
    BUSY = "busy"
    PLANNED_DOWN = "planned_down"


class OrderIs(_Coded):
    """What is known of a line's order; without an order signal there is none of these."""

    ACTIVE = "active"
    NONE = "none"
    UNKNOWN = "unknown"  # what was said last cannot be used


class ReasonKind(_Coded):
    """What a stop's reason makes of its time. All but the first two are planned ones."""

    UNPLANNED = "unplanned"
    BREAKDOWN = "breakdown"  # a failure event (FE) whatever state the machine shows
    PLANNED = "planned"
    SETUP = "setup"  # a changeover that the machine reports as a stop
    MAINTENANCE = "maintenance"


class TimeClass(_Coded):
    """One class for every second of a line's calendar time; they partition it."""

    PRODUCTION = "production"  # APT, actual production time
    SETUP = "setup"  # AUST, actual unit setup time
    DELAY = "delay"  # ADET, actual unit delay time
    DOWN = "down"  # ADOT, actual unit down time: available, no order
    MAINTENANCE = "maintenance"  # under maintenance inside planned busy time
    PLANNED_DOWN = "planned_down"  # PDOT, planned down time: breaks, overhauls
    NOT_PLANNED = "not_planned"  # outside the planned operation time
    UNKNOWN = "unknown"  # inside planned busy time, and the state is unknown


STOP_STATES = frozenset(
    {
        MachineState.IDLE,
        MachineState.STARVED,
        MachineState.BLOCKED,
        MachineState.STOPPED,
        MachineState.FAULT,
        MachineState.OFF,
    }
)
