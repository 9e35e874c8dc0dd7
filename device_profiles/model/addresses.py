"""What a source must read: addresses of values within one machine, by name and never by index.

An address is data. `key` is its stable text: a source puts it into `Reading.address`, and the
decoder knows the value by it. Connections (URL, security, topic prefix) are not part of it.
Pure: finding a node or subscribing to a topic is the edge's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Final, Literal

from device_profiles.model.machine_time import TimeUnit, machine_time
from device_profiles.model.selectors import selected
from device_profiles.model.values import symbol

QName = tuple[str, str]  # (namespace URI, browse name)
QualityWord = Literal["good", "uncertain", "bad"]

OPC_UA: Final = "http://opcfoundation.org/UA/"  # namespace 0


@dataclass(frozen=True, slots=True)
class NodeName:
    """A node by its NodeId, its namespace by URI. `kind`: `i`, `s`, `g` or `b` (OPC 10000-6,
    5.1.12)."""

    namespace: str
    kind: str
    identifier: str

    @property
    def key(self) -> str:
        """As in `nsu=urn:vendor;s=Machine.Good`, or `i=2258` of namespace 0."""
        own = f"{self.kind}={self.identifier}"
        uri = self.namespace.replace("%", "%25").replace(";", "%3B")
        return own if self.namespace == OPC_UA else f"nsu={uri};{own}"


@dataclass(frozen=True, slots=True)
class OpcUaStart:
    """Where browse paths begin.

    `node`: that one. Neither it nor `instance_of`: the Objects folder. `instance_of`: the one
    object below that folder whose type definition it is, or a supertype; `name` (a browse name, any
    namespace) picks one when the server has several. With several and no name a source must
    refuse, not guess.
    """

    instance_of: QName | None = None
    name: str | None = None
    node: NodeName | None = None

    @property
    def key(self) -> str:
        if self.node is not None:
            return self.node.key
        if self.instance_of is None:
            return ""
        return f"<{_segment(self.instance_of)}>{escaped(self.name or '')}"


@dataclass(frozen=True, slots=True)
class OpcUaAddress:
    """A variable found from `start` by hierarchical references along `path`; without one it is the
    node at the start itself.

    `optional`: a machine of this kind need not have it; its absence is no fault.
    """

    start: OpcUaStart
    path: tuple[QName, ...]
    optional: bool = field(default=False, compare=False)

    @property
    def key(self) -> str:
        """As in `<{http://…/PackML/}PackMLBaseObjectType>/{http://…/PackML/}Status/…`."""
        return self.start.key + "".join(f"/{_segment(step)}" for step in self.path)


@dataclass(frozen=True, slots=True)
class OpcUaFolder:
    """Every variable with one number below a node, each a measurement of its own.

    `patterns`: only those whose browse name fits one (`*`, `?` and `[…]`, whatever the case); none:
    all. `levels`: how many steps deep. `most`: of more variables the rest is not read. `taken`:
    names of measurements that the profile tells by other means.
    """

    node: OpcUaAddress
    patterns: tuple[str, ...] = ()
    levels: int = 1
    most: int = 100
    taken: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """As in `/{urn:v}Machine/{urn:v}Process/*`, or `…/*Temp*|Speed`."""
        return f"{self.node.key}/{'|'.join(self.patterns) or '*'}"

    @property
    def optional(self) -> bool:
        return self.node.optional

    def takes(self, path: Sequence[QName]) -> bool:
        """Whether a variable along that path below the node is one of them."""
        name = path[-1][1].lower()
        fits = any(fnmatchcase(name, it.lower()) for it in self.patterns)
        return len(path) <= self.levels and (fits or not self.patterns)


@dataclass(frozen=True, slots=True)
class PayloadForm:
    """A payload that is no JSON. `text`: one value, the whole of it; `csv`: rows whose columns are
    named by their numbers, from 1, and by the first row if that is a `header`."""

    kind: Literal["text", "csv"]
    separator: str = ","
    header: bool = False


@dataclass(frozen=True, slots=True)
class QualityField:
    """A field that says how good the value is. `words`: what each of its values means; one that is
    none of these is bad. `absent`: what it means that the field is not there."""

    field: str
    words: tuple[tuple[str, QualityWord], ...]
    absent: QualityWord


@dataclass(frozen=True, slots=True)
class MqttAddress:
    """One field of the documents on topic `<connection topic>/<topic_suffix>`, which may hold the
    wildcards + and # (MQTT 5, 4.7.1).

    `field` and `time_field` are JSON Pointers or JMESPath expressions (`selectors`; "" is the whole
    document). `time_field` names the device's own time in the same document (see `machine_time`);
    None: the device gives none. `each`: where in the document a list stands of whose every element
    `field` and `time_field` are to be read; `where`: only of those whose fields have these values.
    `nul_ended`: the payload ends in NUL characters. `plain`: a payload that is no JSON is a text.
    `form`: the payload is no JSON. `level`: the value is this level of the topic suffix, from 1, or
    from the end, -1. `any_topic`: of a wildcard every topic gives values of this address; else one
    may. `quality`: where it is said how good the value is; None: it is good.
    """

    topic_suffix: str
    field: str
    time_field: str | None = None
    time_unit: TimeUnit = "s"
    optional: bool = False
    each: str | None = None
    time_zone: str | None = None
    nul_ended: bool = False
    plain: bool = False
    where: tuple[tuple[str, str], ...] = ()
    form: PayloadForm | None = None
    level: int | None = None
    any_topic: bool = False
    quality: QualityField | None = None

    @property
    def key(self) -> str:
        """As in `status/em:0#/total_act_power`, `telemetry#/list[*]/value` of a list,
        `iot#/values[id=Good]/v` of chosen entries, `log#csv[*]/3`, or `event/+#level 2`."""
        if self.level is not None:
            return f"{self.topic_suffix}#level {self.level}"
        form = "" if self.form is None else self.form.kind
        chosen = ",".join(f"{name}={value}" for name, value in self.where) or "*"
        each = "" if self.each is None else f"{self.each}[{chosen}]"
        return f"{self.topic_suffix}#{form}{each}{self.field}"

    @property
    def has_wildcard(self) -> bool:
        return "+" in self.topic_suffix or "#" in self.topic_suffix

    @property
    def needs_document(self) -> bool:
        """Whether anything is read of the payload."""
        return self.level is None or self.time_field is not None or self.quality is not None

    def value(self, document: Any) -> Any:
        """The field's value; MISSING when this message does not carry it."""
        return selected(document, self.field)

    def is_chosen(self, element: Any) -> bool:
        """Whether an element of the list at `each` is meant."""
        return all(symbol(selected(element, name)) == value for name, value in self.where)

    def source_time(self, document: Any, received: datetime) -> datetime | None:
        """The device's time in the document (UTC); None where it has none that makes sense."""
        if self.time_field is None:
            return None
        given = selected(document, self.time_field)
        return machine_time(given, self.time_unit, self.time_zone, received)


@dataclass(frozen=True, slots=True)
class SparkplugAddress:
    """A metric of the Sparkplug edge node or device that the connection names.

    `optional`: a machine of this kind need not have it; its absence is no fault.
    """

    metric: str
    optional: bool = field(default=False, compare=False)

    @property
    def key(self) -> str:
        """As in `Counters/Good`."""
        return self.metric


Address = OpcUaAddress | OpcUaFolder | MqttAddress | SparkplugAddress


def _segment(name: QName) -> str:
    return f"{{{name[0]}}}{escaped(name[1])}"


def escaped(name: str) -> str:
    """A browse name as it stands in a key."""
    return re.sub(r"[&/<>{}]", r"&\g<0>", name)
