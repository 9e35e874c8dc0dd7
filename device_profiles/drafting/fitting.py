"""Which packaged profiles read a machine that was seen, and how much of it. Pure.

A profile of an OPC UA model fits where there is an object of its type; a profile of MQTT messages
fits where one topic has all that it needs below it. A profile whose every address is a parameter
says nothing of where values are: it fits nothing by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from device_profiles.drafting.seen import NodePlace, Seen, SeenValue, TopicPlace
from device_profiles.drafting.standards import outermost
from device_profiles.model.addresses import MqttAddress, OpcUaAddress, QName
from device_profiles.model.profile import Input, Profile, Source
from device_profiles.model.values import Step

_Fields = dict[tuple[QName, ...], dict[tuple[Step, ...], SeenValue]]
_Look = Callable[[Source], SeenValue | None]


@dataclass(frozen=True, slots=True)
class Packaged:
    """A profile of the catalogue; `name_parameter` picks one of several objects of its type.
    `given`: parameters that it has already, for the machine `at` that place."""

    profile: Profile
    name_parameter: str | None
    given: Mapping[str, str] = field(default_factory=dict)
    at: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """`signals`: those whose values are there; `missing`: the profile's others. `values`: what was
    seen of the profile's inputs. `parameters` and `topic`: what the plant file must say. `at`: the
    object or topic. `why`: half a sentence."""

    profile: Profile
    values: Mapping[str, SeenValue]
    signals: tuple[str, ...]
    missing: tuple[str, ...]
    parameters: dict[str, str]
    topic: str
    at: str
    why: str


def fits(seen: Seen, packaged: Iterable[Packaged]) -> list[Fit]:
    """Those that read at least one signal, the one that reads most first."""
    found: list[Fit] = []
    for one in packaged:
        if one.profile.protocol == seen.protocol:
            found += _objects(seen, one) if seen.protocol == "opcua" else _topics(seen, one)
    return sorted(found, key=lambda it: (-len(it.signals), it.profile.name, it.at))


def _objects(seen: Seen, one: Packaged) -> Iterator[Fit]:
    kinds = {
        it.start.instance_of
        for it in one.profile.addresses
        if isinstance(it, OpcUaAddress) and it.start.instance_of is not None
    }
    if one.at and not kinds:
        why = f"'{one.at}' has the nodes of '{one.profile.title['en']}'"
        below = _below((), seen.values)
        yield from _fit(one.profile, _node(below), dict(one.given), "", one.at, why)
    if len(kinds) != 1:
        return
    (kind,) = kinds
    # The source does not look inside an object of the type.
    instances = outermost([it for it in seen.objects if kind in it.kinds])
    for it in instances:
        below = _below(it.path, seen.values)
        name = it.path[-1][1]
        may_be_many = len(instances) > 1 or seen.is_part
        is_named = may_be_many and one.name_parameter is not None
        parameters = {one.name_parameter or "": name} if is_named else {}
        why = f"'{name}' is of type {kind[1]} ({kind[0]})"
        yield from _fit(one.profile, _node(below), parameters, "", name, why)


def _below(path: tuple[QName, ...], values: Sequence[SeenValue]) -> _Fields:
    """The values that were seen, by the path from there and the field."""
    found: _Fields = {}
    for it in values:
        place = it.place
        if isinstance(place, NodePlace) and place.path[: len(path)] == path:
            found.setdefault(place.path[len(path) :], {})[place.field] = it
    return found


def _node(below: _Fields) -> _Look:
    def look(source: Source) -> SeenValue | None:
        address, field = source.address, source.field
        if not isinstance(address, OpcUaAddress) or address.start.node is not None:
            return None
        fields = below.get(address.path, {})
        return next((fields[it] for it in fields if it[: len(field)] == field), None)

    return look


def _topics(seen: Seen, one: Packaged) -> Iterator[Fit]:
    fields: dict[str, dict[str, SeenValue]] = {}
    for it in seen.values:
        if isinstance(it.place, TopicPlace):
            entry = it.place.entry
            inside = it.place.field if entry is None else f"{entry.each}/{entry.value}"
            fields.setdefault(it.place.topic, {})[inside] = it
    suffixes = [it.topic_suffix for it in one.profile.addresses if isinstance(it, MqttAddress)]
    patterns = [re.compile(f"(.+)/{_pattern(it)}") for it in suffixes if "#" not in it]
    roots = {found[1] for it in patterns for topic in fields if (found := it.fullmatch(topic))}
    for root in sorted(roots):
        why = f"'{root}' has the topics and fields of '{one.profile.title['en']}'"
        yield from _fit(one.profile, _field(root, fields), {}, root, root, why)


def _pattern(suffix: str) -> str:
    """A topic's levels as a regular expression (MQTT 5, 4.7.1)."""
    return "/".join("[^/]+" if it == "+" else re.escape(it) for it in suffix.split("/"))


def _field(root: str, topics: Mapping[str, Mapping[str, SeenValue]]) -> _Look:
    def look(source: Source) -> SeenValue | None:
        address = source.address
        if not isinstance(address, MqttAddress) or "#" in address.topic_suffix:
            return None
        pattern = re.compile(f"{re.escape(root)}/{_pattern(address.topic_suffix)}")
        wanted = address.field if address.each is None else address.each
        if address.where:
            wanted = f"{address.each}/{address.where[0][1]}"
        there = (fields for topic, fields in topics.items() if pattern.fullmatch(topic))
        found = (fields[it] for fields in there for it in fields if _is_at(wanted, it))
        return next(found, None)

    return look


def _is_at(wanted: str, field: str) -> bool:
    """Whether the field is the wanted one, or inside it. Of a JMESPath nothing is known but that
    its topic is there."""
    return not wanted.startswith("/") or f"{field}/".startswith(f"{wanted}/")


def _fit(
    profile: Profile,
    look: _Look,
    parameters: dict[str, str],
    topic: str,
    at: str,
    why: str,
) -> Iterator[Fit]:
    values: dict[str, SeenValue] = {}
    for item in profile.inputs:
        for value in map(look, item.sources):
            if value is not None:
                values.setdefault(item.name, value)
    assumed = {it.name for it in profile.inputs if it.absent is not None or _may_lack(it)}
    signals: list[str] = []
    missing: list[str] = []
    for rule in profile.rules:
        inputs = set(profile.inputs_of(rule))
        is_there = bool(inputs & values.keys()) and inputs <= values.keys() | assumed
        (signals if is_there else missing).append(rule.signal)
    is_told = profile.protocol == "opcua" or {it.name for it in profile.inputs} <= (
        values.keys() | assumed
    )
    if signals and is_told:
        yield Fit(profile, values, tuple(signals), tuple(missing), parameters, topic, at, why)


def _may_lack(item: Input) -> bool:
    return all(source.address.optional for source in item.sources)
