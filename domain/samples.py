"""Readings as they come off the wire, samples as everything later uses them.

A `Reading` is what a library's callback gave, untouched. A `Sample` is a value in domain units at
its source time. What cannot become a sample becomes a `Rejection`: counted, kept, with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

RAW_LENGTH_MAX = 500  # characters of what a machine said, as they are kept
TEXT_LENGTH_MAX = 1_000  # characters of an order, product, reason or alarm; a longer one is none


class Quality(IntEnum):
    """How far the source vouches for a value (OPC UA status, Sparkplug Quality)."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """One value off the wire.

    `address` names the value within the machine (browse path, topic and field).
    `source_time` is the device's own time (aware, UTC), None where it has none;
    `received` is the agent's clock at arrival (aware, UTC). `unchanged`: nothing new; a source
    that reports only changes says that its last value still held at `source_time`.
    `not_before`: a source that keeps the order of an address had handed over all of the address
    up to then, so that no true source time lies before it; None where it cannot say so.
    `status`: what the protocol calls it, where the quality is bad. `is_news`: it was said just now,
    and not kept by a broker for whoever comes (a retained message).
    """

    machine: str
    address: str
    value: Any
    source_time: datetime | None
    received: datetime
    quality: Quality
    unchanged: bool = False
    not_before: datetime | None = None
    status: str = ""
    is_news: bool = True


@dataclass(frozen=True, slots=True)
class Sample:
    """One value in domain units.

    State and mode signals carry the permanent code in `value` and the name in `text`; counters and
    gauges only `value`; text signals only `text`. `raw` is what the machine said, as text, where
    that differs from the decoded value.
    """

    line: str
    machine: str
    signal: str
    time: datetime
    received: datetime
    value: float | None
    text: str | None
    quality: Quality
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A reading (or an imported row) that could not become a sample, and why."""

    line: str
    machine: str
    address: str
    raw: str
    time: datetime | None
    received: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Span:
    """The agent confirms: from `start` to `end` this machine was alive and heard.

    Spans are never bridged: time outside every span of a machine is unknown.
    """

    line: str
    machine: str
    start: datetime
    end: datetime
