"""What the addresses of one topic find in a document: values with their times, in order. Pure.

Addresses with `each` read every element of a list, by the elements' times where all have one, since
some gateways send the newest first. A list of timed values of which a profile names single elements
is noticed: what it does not read must not vanish without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from device_profiles.model.addresses import MISSING, MqttAddress, pointed


@dataclass(frozen=True, slots=True)
class FieldValue:
    """The value of an address, or MISSING, and the device's time if it can be read.
    `time_unread`: there should be one."""

    address: MqttAddress
    value: Any
    time: datetime | None
    time_unread: bool


def found(
    addresses: Sequence[MqttAddress], document: Any, received: datetime
) -> Iterator[FieldValue]:
    """Every value that the document has for the addresses; of a list, element by element."""
    by_list = sorted(addresses, key=lambda address: (address.each is not None, address.each or ""))
    for each, together in groupby(by_list, key=lambda address: address.each):
        group = list(together)
        if each is None:
            yield from (_field(address, document, received) for address in group)
            continue
        elements = pointed(document, each)
        if isinstance(elements, dict):  # some gateways send one element without its list
            elements = [elements]
        if not isinstance(elements, list):
            yield from (FieldValue(address, MISSING, None, False) for address in group)
            continue
        read = [[_field(address, it, received) for address in group] for it in elements]
        for fields in _in_time(read):
            yield from fields


def unread_elements(addresses: Iterable[MqttAddress], document: Any) -> dict[str, int]:
    """By the pointer of each list of timed values, how many elements no address names."""
    named: dict[str, set[int]] = {}
    for address in addresses:
        field, time = address.field.split("/"), (address.time_field or "").split("/")
        for depth, step in enumerate(field):
            if field[: depth + 1] == time[: depth + 1] and step.isdecimal():
                named.setdefault("/".join(field[:depth]), set()).add(int(step))
    unread: dict[str, int] = {}
    for pointer, indices in named.items():
        elements = pointed(document, pointer)
        if isinstance(elements, list) and (rest := set(range(len(elements))) - indices):
            unread[pointer] = len(rest)
    return unread


def _field(address: MqttAddress, document: Any, received: datetime) -> FieldValue:
    time = address.source_time(document, received)
    is_unread = address.time_field is not None and time is None
    return FieldValue(address, address.value(document), time, is_unread)


def _in_time(elements: list[list[FieldValue]]) -> list[list[FieldValue]]:
    times = [fields[0].time for fields in elements]
    known = [time for time in times if time is not None]
    if len(known) < len(times):
        return elements
    order = sorted(range(len(known)), key=lambda index: known[index])
    return [elements[index] for index in order]
