"""Messages of a Sparkplug edge node, made by hand: right ones and wrong ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from edge.sources.sparkplug.births import Birth
from edge.sources.sparkplug.datatypes import NUMBERS
from edge.sources.sparkplug.definition import Payload, PayloadMessage, payload_of
from edge.sources.sparkplug.metrics import MetricValue
from edge.sources.sparkplug.order import Arrived
from edge.sources.sparkplug.plain_metrics import PlainValues
from edge.sources.sparkplug.topics import REBIRTH, MessageType

START = datetime(2026, 11, 21, 8, tzinfo=UTC)
START_MS = int(START.timestamp() * 1000)
FIELDS = {
    **dict.fromkeys(("Int8", "Int16", "Int32", "UInt8", "UInt16"), "int_value"),
    **dict.fromkeys(("Int64", "UInt32", "UInt64", "DateTime"), "long_value"),
    **dict.fromkeys(("String", "Text", "UUID"), "string_value"),
    "Float": "float_value",
    "Double": "double_value",
    "Boolean": "boolean_value",
}


def metric(
    name: str | None = None, value: Any = None, datatype: str | None = None, **more: Any
) -> dict[str, Any]:
    """A metric by its fields; `value` stands in the field of its datatype, an Int32 by default."""
    said: dict[str, Any] = dict(more)
    if name is not None:
        said["name"] = name
    if datatype is not None:
        said["datatype"] = NUMBERS[datatype]
    if value is not None:
        said[FIELDS[datatype or "Int32"]] = value
    return said


def payload(*metrics: dict[str, Any], **fields: Any) -> Payload:
    made = PayloadMessage(**fields)
    for it in metrics:
        made.metrics.add(**it)
    return payload_of(made.SerializeToString())


def birth_metrics(values: Mapping[str, int], *, aliases: bool = True) -> list[dict[str, Any]]:
    """Int32 metrics with their values, and aliases 1, 2, 3 … in this order."""
    return [
        metric(name, value, "Int32", **({"alias": alias} if aliases else {}))
        for alias, (name, value) in enumerate(values.items(), 1)
    ]


def death_metric(bd_seq: int) -> dict[str, Any]:
    return metric("bdSeq", bd_seq, "Int64")


def node_birth(
    seq: int | None,
    at_ms: int,
    bd_seq: int = 0,
    *more: dict[str, Any],
) -> Payload:
    rebirth = metric(REBIRTH, False, "Boolean")
    numbered = {} if seq is None else {"seq": seq}
    return payload(death_metric(bd_seq), rebirth, *more, timestamp=START_MS + at_ms, **numbered)


def arrived(
    kind: MessageType, content: Payload, at_s: float, *, device: str | None = None
) -> Arrived:
    """As if it were received `at_s` after START."""
    data = content.SerializeToString()
    received = START + timedelta(seconds=at_s)
    mark = hash((kind, device, data))
    return Arrived(kind, device, content, received, at_s, mark, len(data), received)


@dataclass
class Heard:
    """A `Listener` that keeps what it is told: `log` has a word for each call; `current` what is
    known of each metric."""

    log: list[str] = field(default_factory=list)
    current: dict[str, Any] = field(default_factory=dict)
    given: list[MetricValue] = field(default_factory=list)
    whys: list[str] = field(default_factory=list)

    def born(self, birth: Birth) -> None:
        self.log.append("born")
        self.current.clear()

    def values(self, values: Sequence[MetricValue], received: datetime) -> None:
        self.log += [f"{it.name}={it.value}" for it in values]
        self.given += values
        self.current.update({it.name: it.value for it in values})

    def plain_values(self, values: PlainValues, received: datetime) -> None:
        self.values(values.one_by_one(), received)

    def in_order(self, at: datetime) -> None:
        self.log.append("in order")

    def died(self, received: datetime) -> None:
        self.log.append("died")
        self.current.clear()

    def broken(self, why: str) -> None:
        self.log.append("broken")
        self.whys.append(why)
        self.current.clear()

    def refused(self, message: Arrived, why: str) -> None:
        self.log.append(f"refused {message.kind}")
        self.whys.append(why)

    def unknown_names(self, names: Sequence[str], received: datetime) -> None:
        self.log += [f"unknown {it}" for it in names]

    def repeated(self) -> None:
        self.log.append("repeated")

    def rebirth_wanted(self) -> None:
        self.log.append("rebirth wanted")

    def rebirth_came(self) -> None:
        self.log.append("rebirth came")

    def take(self) -> list[str]:
        """The log since the last call."""
        log, self.log = self.log, []
        return log
