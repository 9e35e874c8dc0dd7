"""A birth certificate: which metrics there are, and what their aliases mean later. Pure.

A birth names every metric with datatype and value, and may give each an alias, by which alone later
messages name it (Sparkplug 3.0, 6.4.6). Only the metrics that are wanted are read; of the others it
is known that they are there. A metric that says it is historical is no current value, and one that
is transient is not to be stored: both are refused by name, and what held before goes on.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from device_profiles.model.values import Unusable
from domain.samples import Quality
from edge.sources.sparkplug.datatypes import name_of, refusal, value_of
from edge.sources.sparkplug.definition import Payload
from edge.sources.sparkplug.metrics import TIME_MAX_MS, DefinedMetric, MetricValue
from edge.sources.sparkplug.plain_metrics import PlainValues, plain_values

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUALITY = "Quality"
_GOOD = 192  # of 0 bad, 192 good, 500 stale
_HISTORICAL = "a historical value: it is no current one, and is only kept here"
_TRANSIENT = "a transient value: its node asks not to store it"


class UnknownAliasError(Exception):
    """An alias that the birth did not give: nothing that the message says can be told apart."""


class Birth:
    """What `payload`, an NBIRTH or DBIRTH, says of the metrics `wanted`, by their names."""

    def __init__(self, payload: Payload, wanted: Collection[str]) -> None:
        self._by_name: dict[str, DefinedMetric | None] = {}  # None: not wanted
        self._by_alias: dict[int, DefinedMetric | None] = {}
        twice: set[int] = set()
        for metric in payload.metrics:
            name = metric.name
            if not isinstance(name, str) or not name:
                continue
            known = _defined(metric) if name in wanted else None
            if name in self._by_name:
                known = known and DefinedMetric(name, known.datatype, "its birth names it twice")
            self._by_name[name] = known
            if metric.HasField("alias"):
                alias = metric.alias
                if alias in self._by_alias and known is not self._by_alias[alias]:
                    twice.add(alias)
                self._by_alias[alias] = known
        for alias in twice:  # whoever says it, it is not known of which metric
            del self._by_alias[alias]

    @property
    def names(self) -> Collection[str]:
        """Of all metrics, wanted or not."""
        return self._by_name.keys()

    @property
    def refused(self) -> dict[str, str]:
        """The wanted metrics that are there and cannot be read, with the reason."""
        metrics = (it for it in self._by_name.values() if it is not None)
        return {it.name: it.refusal for it in metrics if it.refusal is not None}

    def read_plain(self, payload: Payload) -> PlainValues | None:
        """What a message of this birth says, if that is single values and nothing else."""
        return plain_values(payload, self._by_name, self._by_alias)

    def read(self, payload: Payload) -> tuple[list[MetricValue], list[str]]:
        """What a message of this birth says, in its order, and names that the birth does not have.

        Raises UnknownAliasError."""
        values: list[MetricValue] = []
        unknown: list[str] = []
        by_name, by_alias = self._by_name, self._by_alias
        times = _Times(payload)
        for metric in payload.metrics:
            name = metric.name
            if name:
                known = by_name.get(name, _NOT_THERE)
                if known is _NOT_THERE:
                    unknown.append(str(name))
                    continue
                if metric.HasField("alias") and by_alias.get(metric.alias, known) is not known:
                    raise UnknownAliasError
            else:
                alias = metric.alias
                known = by_alias.get(alias, _NOT_THERE)
                if known is _NOT_THERE or (not alias and not metric.HasField("alias")):
                    raise UnknownAliasError
            if known is None or known.refusal is not None:
                continue
            values.append(_value(metric, known, times.of(metric)))
        return values, unknown


_NOT_THERE = DefinedMetric("", 0, None)


class _Times:
    """The times of a message's metrics; many are the same."""

    def __init__(self, payload: Payload) -> None:
        self._payload_ms = payload.timestamp
        self._last_ms = -1
        self._last: datetime | None = None

    def of(self, metric: Any) -> datetime | None:
        """Its own, else the message's; None where neither makes sense."""
        time_ms = metric.timestamp or self._payload_ms
        if time_ms != self._last_ms:
            self._last_ms, self._last = time_ms, time_of(time_ms)
        return self._last


def time_of(time_ms: int) -> datetime | None:
    """UTC milliseconds since 1970; None for none, and for what no clock says."""
    if not 0 < time_ms <= TIME_MAX_MS:
        return None
    return _EPOCH + timedelta(milliseconds=time_ms)


def bd_seq(payload: Payload) -> int | None:
    """The number that a death certificate shares with the birth of its session (6.4.8, 6.4.20)."""
    for metric in payload.metrics:
        if metric.name == "bdSeq" and not metric.is_null:
            field = metric.WhichOneof("value")
            if field in ("int_value", "long_value"):
                return int(getattr(metric, field))
    return None


def _defined(metric: Any) -> DefinedMetric:
    name, datatype = metric.name, metric.datatype
    if not metric.HasField("datatype"):
        return DefinedMetric(name, datatype, "its birth gives it no datatype")
    return DefinedMetric(name, datatype, refusal(datatype))


def _value(metric: Any, known: DefinedMetric, time: datetime | None) -> MetricValue:
    value = value_of(metric, known.datatype)
    if metric.datatype and metric.datatype != known.datatype:
        said, born = name_of(metric.datatype), name_of(known.datatype)
        value = Unusable(f"its message says {said}, its birth {born}")
    for is_so, why in ((metric.is_historical, _HISTORICAL), (metric.is_transient, _TRANSIENT)):
        if is_so:
            shown = None if isinstance(value, Unusable) else value
            return MetricValue(known.name, shown, time, Quality.GOOD, "", why, False)
    if isinstance(value, Unusable):
        return MetricValue(known.name, None, time, Quality.BAD, refusal=value.reason)
    if metric.HasField("properties"):
        quality, status = _quality(metric.properties)
        return MetricValue(known.name, value, time, quality, status)
    return MetricValue(known.name, value, time, Quality.GOOD)


def _quality(properties: Any) -> tuple[Quality, str]:
    """By the property Quality (6.4.11); without it the value is good."""
    for key, said in zip(properties.keys, properties.values, strict=False):
        if key == _QUALITY and not said.is_null:
            field = said.WhichOneof("value")
            code = getattr(said, field) if field in ("int_value", "long_value") else -1
            if code == _GOOD:
                return Quality.GOOD, ""
            return Quality.BAD, f"Quality {code}" if code >= 0 else "Quality"
    return Quality.GOOD, ""
