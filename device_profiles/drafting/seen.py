"""What was seen of a machine in the seconds in which it was looked at: values, nothing else. Pure.

`edge.browsing` fills this in, the rest of this room reads it. Every text in it comes from a foreign
machine: it may have any length and any character.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from device_profiles.model.addresses import PayloadForm, QName
from device_profiles.model.machine_time import TimeUnit
from device_profiles.model.profile import Protocol
from device_profiles.model.values import Step

Plain = bool | int | float | str
TEXT = "text"  # the kind of a message that is no JSON


@dataclass(frozen=True, slots=True)
class NodePlace:
    """A variable by its browse path from the Objects folder; `field`: within a structured value."""

    path: tuple[QName, ...]
    field: tuple[Step, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*(name for _, name in self.path), *(str(it) for it in self.field))


@dataclass(frozen=True, slots=True)
class ChosenEntry:
    """The entry of the list at `each` (JSON Pointer) whose field `key` has this value."""

    each: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class TopicPlace:
    """A field (JSON Pointer) of the messages on a topic; `entry`: in which entry of a list;
    `form`: of messages that are no JSON but rows of columns."""

    topic: str
    field: str = ""
    entry: ChosenEntry | None = None
    form: PayloadForm | None = None

    @property
    def names(self) -> tuple[str, ...]:
        entry = () if self.entry is None else re.split(r"[./]", self.entry.value)
        steps = [it.replace("~1", "/").replace("~0", "~") for it in self.field.split("/")[1:]]
        return (*self.topic.split("/"), *entry, *steps)


@dataclass(frozen=True, slots=True)
class MetricPlace:
    """A Sparkplug B metric of `device`, as `group/node` or `group/node/device`."""

    device: str
    metric: str

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.device.split("/"), *self.metric.split("/"))


Place = NodePlace | TopicPlace | MetricPlace


@dataclass(frozen=True, slots=True)
class SeenValue:
    """`kind`: its type in the protocol's word; `unit`: as the machine says it; `moments`: the
    values that it took, each with its second of the look, one for each change; `texts`: what the
    machine itself calls its codes, where it says so. Without moments: it is there, without a value.
    """

    place: Place
    kind: str
    unit: str
    moments: tuple[tuple[float, Plain], ...]
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def last(self) -> Plain:
        return self.moments[-1][1]


@dataclass(frozen=True, slots=True)
class SeenObject:
    """An OPC UA object. `kinds`: its type and that type's supertypes."""

    path: tuple[QName, ...]
    kinds: frozenset[QName]


@dataclass(frozen=True, slots=True)
class MessageTime:
    """Where a message, or an entry of a list, says its own time, as a profile writes it; `why` it
    is taken for that."""

    field: str
    unit: TimeUnit
    zone: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Seen:
    """`seconds`: how long was looked; `is_part`: at a part alone of what is there; `namespaces`:
    URIs of an OPC UA server; `times`: by topic and list (empty: the message itself); `vendor`,
    `model`: as the machine says itself; `left_out`: what there was besides, a sentence."""

    protocol: Protocol
    seconds: float
    values: Sequence[SeenValue]
    objects: Sequence[SeenObject] = ()
    namespaces: Sequence[str] = ()
    times: Mapping[tuple[str, str], MessageTime] = field(default_factory=dict)
    vendor: str = ""
    model: str = ""
    left_out: str = ""
    is_part: bool = False


def time_at(seen: Seen, place: TopicPlace) -> MessageTime | None:
    """The time of the messages, or of the entries of the list, that have the value."""
    return seen.times.get((place.topic, "" if place.entry is None else place.entry.each))


def shared_beginning(names: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """What all of them begin with.

    >>> shared_beginning([["hall", "press", "good"], ["hall", "press", "bad"]])
    ('hall', 'press')
    """
    same = takewhile(lambda it: len(set(it)) == 1, zip(*names, strict=False))
    return tuple(it[0] for it in same)
