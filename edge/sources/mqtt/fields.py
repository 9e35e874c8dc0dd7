"""What the addresses of one topic find in a document: values with their times, in order. Pure.

Addresses with `each` read every element of a list, by the elements' times where all have one, since
some gateways send the newest first. A list of timed values of which a profile names single elements
is noticed: what it does not read must not vanish without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from device_profiles.model.addresses import MqttAddress
from device_profiles.model.selectors import MISSING, pointed, selected
from device_profiles.model.values import Unusable, shown, symbol
from domain.samples import Quality

_QUALITIES = {"good": Quality.GOOD, "uncertain": Quality.UNCERTAIN, "bad": Quality.BAD}


class FieldValue(NamedTuple):
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


class Fields:
    """What addresses that are read of one document find in it; what depends on them alone is worked
    out once."""

    def __init__(self, addresses: Sequence[MqttAddress]) -> None:
        self._of_topic = [it for it in addresses if it.level is not None]
        in_document = sorted((it for it in addresses if it.level is None), key=_list_of)
        self._groups = [_Group(list(group)) for _, group in groupby(in_document, key=_list_of)]
        self._named = _named_elements(addresses)

    def found(
        self, document: Any, received: datetime, levels: Sequence[str] = ()
    ) -> Iterator[FieldValue]:
        """Every value that the document has for the addresses; of a list, element by element.
        `levels`: those of its topic, below the connection's."""
        for address in self._of_topic:
            yield _with_quality(_of_topic(address, document, received, levels), document)
        for group in self._groups:
            first = group.addresses[0]
            if first.each is None:
                yield from group.read(document, received)
                continue
            elements = selected(document, first.each)
            if isinstance(elements, dict):  # some gateways send one element without its list
                elements = [elements]
            if not isinstance(elements, list):
                yield from (FieldValue(it, MISSING, None, False) for it in group.addresses)
                continue
            read = [group.read(it, received) for it in elements if first.is_chosen(it)]
            for fields in _in_time(read):
                yield from fields

    def unread_elements(self, document: Any) -> dict[str, int]:
        """By the pointer of each list of timed values, how many elements no address names."""
        unread: dict[str, int] = {}
        for pointer, indices in self._named.items():
            elements = pointed(document, pointer)
            if isinstance(elements, list) and (rest := set(range(len(elements))) - indices):
                unread[pointer] = len(rest)
        return unread


class _Group:
    """Addresses that are read of the same elements. Most have their time of the same field, which
    is read once."""

    def __init__(self, addresses: Sequence[MqttAddress]) -> None:
        self.addresses = addresses
        times = [(it.time_field, it.time_unit, it.time_zone) for it in addresses]
        places = {time: place for place, time in enumerate(dict.fromkeys(times))}
        self._place_of = [places[it] for it in times]
        self._timed = [addresses[times.index(it)] for it in places]

    def read(self, element: Any, received: datetime) -> list[FieldValue]:
        """What each of them finds there."""
        times = [it.source_time(element, received) for it in self._timed]
        return [
            _field(address, element, times[place])
            for address, place in zip(self.addresses, self._place_of, strict=True)
        ]


def _named_elements(addresses: Iterable[MqttAddress]) -> dict[str, set[int]]:
    """By the pointer of each list of timed values, the elements that addresses name."""
    named: dict[str, set[int]] = {}
    for address in addresses:
        field, time = address.field.split("/"), (address.time_field or "").split("/")
        for depth, step in enumerate(field):
            if field[: depth + 1] == time[: depth + 1] and step.isdecimal():
                named.setdefault("/".join(field[:depth]), set()).add(int(step))
    return named


def _list_of(address: MqttAddress) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Addresses that are read of the same elements stand together; those of no list first."""
    return "" if address.each is None else f"[{address.each}", address.where


def _field(address: MqttAddress, element: Any, time: datetime | None) -> FieldValue:
    is_unread = address.time_field is not None and time is None
    return _with_quality(FieldValue(address, address.value(element), time, is_unread), element)


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
        return field._replace(quality=_QUALITIES[said.absent])
    code = symbol(value)
    word = shown(value) if isinstance(code, Unusable) else code
    quality = None if isinstance(code, Unusable) else dict(said.words).get(code)
    known = quality is not None
    return field._replace(
        quality=_QUALITIES[quality or "bad"], quality_word=word, is_quality_known=known
    )


def _in_time(elements: list[list[FieldValue]]) -> list[list[FieldValue]]:
    times = [fields[0].time for fields in elements]
    known = [time for time in times if time is not None]
    if len(known) < len(times):
        return elements
    order = sorted(range(len(known)), key=lambda index: known[index])
    return [elements[index] for index in order]
