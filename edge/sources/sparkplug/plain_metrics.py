"""Messages in which every metric says a single value and nothing else, read into columns. Pure.

Most messages are such: an alias or a name, perhaps a time and a datatype, and a value of the
datatype that the birth told. Then one question to each metric (which fields has it?) tells all.
Whatever else a message says (a null, properties, a historical value, a number that its datatype
cannot have, a name or an alias that is not known) leaves it to `births`, metric by metric.

    alias 7, double_value 1.5            "Speed", 1.5, at the message's time
    alias 8, timestamp …, int_value 4    "Good", 4, at its own time
    alias 7, is_null                     the message is left to `births`
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from device_profiles.model.values import Unusable
from domain.samples import Quality
from domain.time import instant
from edge.sources.sparkplug.datatypes import VALUE_FIELDS, as_it_is, whole
from edge.sources.sparkplug.definition import METRIC_FIELDS, Payload
from edge.sources.sparkplug.metrics import TIME_MAX_MS, DefinedMetric, MetricValue

_NAME, _ALIAS = METRIC_FIELDS["name"], METRIC_FIELDS["alias"]
_TIMESTAMP, _DATATYPE = METRIC_FIELDS["timestamp"], METRIC_FIELDS["datatype"]
_ABOUT = (_NAME, _ALIAS, _TIMESTAMP, _DATATYPE)  # fields that stand before a value
# By datatype and field: the bits of the field where its numbers are whole, else 0; and below what a
# number is as the field says it.
_FIELDS = {
    datatype: {METRIC_FIELDS[name]: (width, as_it_is(datatype)) for name, width in fields.items()}
    for datatype, fields in VALUE_FIELDS.items()
}
_NO_FIELDS: dict[Any, tuple[int | None, int]] = {}
_NO_FIELD = None, 0
_NO_VALUES = (Unusable, bytes)
_NOT_THERE = DefinedMetric("", 0, None)  # its datatype has no fields


class PlainValues(NamedTuple):
    """Good values of metrics, a place each; times in microseconds since 1970."""

    names: list[str]
    values: list[int | float | bool | str]
    times_us: list[int]

    def one_by_one(self) -> list[MetricValue]:
        """The same, an object each."""
        return [
            MetricValue(name, value, instant(time_us), Quality.GOOD)
            for name, value, time_us in zip(*self, strict=True)
        ]


def plain_values(
    payload: Payload,
    by_name: Mapping[str, DefinedMetric | None],
    by_alias: Mapping[int, DefinedMetric | None],
) -> PlainValues | None:
    """What a message says, by the metrics of its birth (None: not wanted); None: not so simple."""
    names, values, times_us = plain = PlainValues([], [], [])
    message_us = _time_us(payload.timestamp)
    for fields in [metric.ListFields() for metric in payload.metrics]:
        if len(fields) == 2 and fields[0][0] is _ALIAS:  # as most are
            known, time_us = by_alias.get(fields[0][1], _NOT_THERE), message_us
        elif not fields or fields[-1][0] in _ABOUT:
            return None
        else:
            known, time_ms = _about(fields[:-1], by_name, by_alias)
            time_us = _time_us(time_ms) if time_ms else message_us
        if known is None or known.refusal:
            continue
        field, value = fields[-1]
        width, limit = _FIELDS.get(known.datatype, _NO_FIELDS).get(field, _NO_FIELD)
        if width and value >= limit:
            value = whole(value, known.datatype, width)
        if width is None or time_us is None or type(value) in _NO_VALUES:
            return None
        names.append(known.name)
        values.append(value)
        times_us.append(time_us)
    return plain


def _time_us(time_ms: int) -> int | None:
    """None: it is no time of any machine."""
    return time_ms * 1000 if 0 < time_ms <= TIME_MAX_MS else None


def _about(
    fields: Sequence[tuple[Any, Any]],
    by_name: Mapping[str, DefinedMetric | None],
    by_alias: Mapping[int, DefinedMetric | None],
) -> tuple[DefinedMetric | None, int]:
    """The metric that fields before a value tell, or `_NOT_THERE`, and its time; 0: none."""
    known: DefinedMetric | None = _NOT_THERE
    time_ms, datatype = 0, None
    for field, said in fields:
        if field is _ALIAS:
            found = by_alias.get(said, _NOT_THERE)
            if known is not found and known is not _NOT_THERE:
                return _NOT_THERE, 0
            known = found
        elif field is _NAME and said in by_name:
            known = by_name[said]
        elif field is _TIMESTAMP:
            time_ms = said
        elif field is _DATATYPE:
            datatype = said
        else:
            return _NOT_THERE, 0
    if known is not None and datatype not in (None, known.datatype):
        return _NOT_THERE, 0
    return known, time_ms
