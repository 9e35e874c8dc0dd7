"""What the addresses of one topic find in a document: values with their times, in order. Pure.

Addresses with `each` read every element of a list, by the elements' times where all have one, since
some gateways send the newest first. A list of timed values of which a profile names single elements
is noticed: what it does not read must not vanish without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from device_profiles.model.addresses import MqttAddress
from device_profiles.model.selectors import MISSING, pointed, selected
from device_profiles.model.values import Unusable, shown, symbol
from domain.samples import Quality

_QUALITIES = {"good": Quality.GOOD, "uncertain": Quality.UNCERTAIN, "bad": Quality.BAD}


@dataclass(frozen=True, slots=True)
class FieldValue:
    """The value of an address, or MISSING, and the device's time if it can be read.
    `time_unread`: there should be one. `quality`: what the message says of the value, in whose
    words (`quality_word`); `is_quality_known`: the profile knows them."""

    address: MqttAddress
    value: Any
    time: datetime | None
    time_unread: bool
    quality: Quality = Quality.GOOD
    quality_word: str = ""
    is_quality_known: bool = True


def found(
    addresses: Sequence[MqttAddress],
    document: Any,
    received: datetime,
    levels: Sequence[str] = (),
) -> Iterator[FieldValue]:
    """Every value that the document has for the addresses; of a list, element by element. `levels`:
    those of its topic, below the connection's."""
    for address in addresses:
        if address.level is not None:
            yield _with_quality(_of_topic(address, document, received, levels), document)
    in_document = [address for address in addresses if address.level is None]
    for _, together in groupby(sorted(in_document, key=_list_of), key=_list_of):
        group = list(together)
        each = group[0].each
        if each is None:
            yield from (_field(address, document, received) for address in group)
            continue
        elements = selected(document, each)
        if isinstance(elements, dict):  # some gateways send one element without its list
            elements = [elements]
        if not isinstance(elements, list):
            yield from (FieldValue(address, MISSING, None, False) for address in group)
            continue
        meant = [it for it in elements if group[0].is_chosen(it)]
        read = [[_field(address, it, received) for address in group] for it in meant]
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


def _list_of(address: MqttAddress) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Addresses that are read of the same elements stand together; those of no list first."""
    return "" if address.each is None else f"[{address.each}", address.where


def _field(address: MqttAddress, document: Any, received: datetime) -> FieldValue:
    time = address.source_time(document, received)
    is_unread = address.time_field is not None and time is None
    return _with_quality(FieldValue(address, address.value(document), time, is_unread), document)


def _of_topic(
    address: MqttAddress, document: Any, received: datetime, levels: Sequence[str]
) -> FieldValue:
    level = address.level or 1
    place = level - 1 if level > 0 else level
    value = levels[place] if -len(levels) <= place < len(levels) else MISSING
    time = address.source_time(document, received)
    return FieldValue(address, value, time, address.time_field is not None and time is None)


def _with_quality(field: FieldValue, document: Any) -> FieldValue:
    said = field.address.quality
    if said is None:
        return field
    value = selected(document, said.field)
    if value is MISSING:
        return replace(field, quality=_QUALITIES[said.absent])
    code = symbol(value)
    word = shown(value) if isinstance(code, Unusable) else code
    quality = None if isinstance(code, Unusable) else dict(said.words).get(code)
    known = quality is not None
    return replace(
        field, quality=_QUALITIES[quality or "bad"], quality_word=word, is_quality_known=known
    )


def _in_time(elements: list[list[FieldValue]]) -> list[list[FieldValue]]:
    times = [fields[0].time for fields in elements]
    known = [time for time in times if time is not None]
    if len(known) < len(times):
        return elements
    order = sorted(range(len(known)), key=lambda index: known[index])
    return [elements[index] for index in order]
