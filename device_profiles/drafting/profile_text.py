"""Proposals as the text of a profile.yaml, with the reason of each beside it. Pure.

The file loads at once. States and modes are `unknown` in it, whatever their codes, until somebody
who knows the machine has written what each code means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from device_profiles.drafting.message_quality import SaidQuality, said_quality
from device_profiles.drafting.proposing import Proposal, Proposals, name_of
from device_profiles.drafting.seen import (
    TEXT,
    MessageTime,
    MetricPlace,
    NodePlace,
    Seen,
    SeenValue,
    TopicPlace,
    shared_beginning,
    time_at,
)
from device_profiles.drafting.yaml_words import comment, quoted, slug
from device_profiles.model.node_text import node_text
from domain.signals import SIGNALS, SignalKind

RIVALS_MAX = 3  # that are named beside a value
OTHERS_MAX = 40  # values that are listed as being no signal
_SPOKEN = {"opcua": "OPC UA", "mqtt-json": "MQTT", "sparkplug-b": "Sparkplug B"}


@dataclass(frozen=True, slots=True)
class About:
    """What a draft says of itself: the address that was looked at, and the day."""

    url: str
    day: str


def profile_text(found: Proposals, seen: Seen, about: About) -> str:
    """The file. At least one value must have been proposed."""
    lines = [*_head(found, seen, about), ""]
    lines += ["inputs:", *(line for it in found.chosen for line in _input(it, seen, found)), ""]
    lines += ["signals:", *(line for it in found.chosen for line in _signal(it))]
    return "\n".join([*lines, *_others(found.others), ""])


def machine_name(found: Proposals) -> str:
    """What the machine is called: the name above its first values."""
    names = [it.looked.value.place.names for it in found.chosen]
    shared = shared_beginning(names) if len(names) > 1 else names[0][:-1]
    return shared[-1] if shared else ""


def connection_topic(found: Proposals) -> str:
    """What the topics of the proposals begin with; empty where they share nothing."""
    topics = [it.topic.split("/")[:-1] for it in _topic_places(found)]
    return "/".join(shared_beginning(topics))


def _topic_places(found: Proposals) -> Iterator[TopicPlace]:
    for it in found.chosen:
        if isinstance(it.looked.value.place, TopicPlace):
            yield it.looked.value.place


def _head(found: Proposals, seen: Seen, about: About) -> Iterator[str]:
    title = " ".join(it for it in (seen.vendor, seen.model) if it) or machine_name(found)
    title = f"{title or 'Machine'} ({_SPOKEN[seen.protocol]})"
    yield "# A draft by `lineproof profile draft`. Beside each value stands why: check all of it."
    yield comment(f"Looked at {about.url} for {seen.seconds:g} s on {about.day}.")
    for sentence in found.undecided:
        yield comment(f"Not decided: {sentence}.")
    yield f"name: draft/{slug(seen.model or machine_name(found), 'machine')}"
    yield f"vendor: {quoted(seen.vendor or 'to be filled in')}"
    yield f"model: {quoted(seen.model or 'to be filled in')}"
    yield f"protocol: {seen.protocol}"
    yield f"title: {{en: {quoted(title)}}}"
    yield "documentation: []  # where the vendor says what each value means"
    yield "caveats:"
    yield '  - "A draft that a program made of names and movements: not checked by anybody yet."'
    if seen.protocol == "mqtt-json" and (topic := connection_topic(found)):
        yield comment("The topics below follow the connection's topic, in the plant file:")
        yield comment(f"topic: {quoted(topic)}")


def _input(it: Proposal, seen: Seen, found: Proposals) -> Iterator[str]:
    value = it.looked.value
    yield f"  {it.signal}:  {comment('; '.join(it.reasons))}"
    if it.rivals:
        rivals = ", ".join(name_of(other) for other in it.rivals[:RIVALS_MAX])
        yield f"    {comment(f'or is it {rivals}?')}"
    source = _source(value, seen, found)
    if it.looked.moved.mark is not None and SIGNALS[it.signal].kind in _NUMBERS:
        source += f", decimal_mark: {quoted(it.looked.moved.mark)}"
    yield f"    sources: [{{{source}}}]"
    if isinstance(value.place, TopicPlace):
        yield f"    {comment(_time_said(time_at(seen, value.place)))}"


_NUMBERS = (SignalKind.COUNTER, SignalKind.GAUGE)


def _source(value: SeenValue, seen: Seen, found: Proposals) -> str:
    place = value.place
    if isinstance(place, NodePlace):
        field = ", ".join(str(it) if isinstance(it, int) else quoted(it) for it in place.field)
        node = f"node: {quoted(node_text(place.path))}"
        return f"{node}, field: [{field}]" if field else node
    if isinstance(place, MetricPlace):
        return f"metric: {quoted(place.metric)}"
    above = connection_topic(found)
    topic = place.topic.removeprefix(f"{above}/") if above else place.topic
    if value.kind == TEXT:
        return f"topic: {quoted(topic)}, payload: text"
    text = f"topic: {quoted(topic)}{_form(place)}, field: {quoted(place.field)}"
    if place.entry is not None:
        chosen = f"{quoted(place.entry.key)}: {quoted(place.entry.value)}"
        text += f", each: {quoted(place.entry.each)}, where: {{{chosen}}}"
    time = time_at(seen, place)
    if time is not None:
        text += f", time: {quoted(time.field)}, time_unit: {time.unit}"
        text += f", time_zone: {time.zone}" if time.zone is not None else ""
    return text + _quality(said_quality(place, seen.values))


def _form(place: TopicPlace) -> str:
    if place.form is None:
        return ""
    header = ", header: true" if place.form.header else ""
    return f", payload: csv, separator: {quoted(place.form.separator)}{header}"


def _quality(said: SaidQuality | None) -> str:
    if said is None:
        return ""
    lists = (("good", said.good), ("uncertain", said.uncertain), ("bad", said.bad))
    words = [f"{name}: [{', '.join(map(quoted, them))}]" for name, them in lists if them]
    return f", quality: {{field: {quoted(said.field)}, {', '.join(words)}}}"


def _time_said(time: MessageTime | None) -> str:
    if time is None:
        return "its messages say no time: values stand at their receipt and are uncertain"
    return time.why


def _signal(it: Proposal) -> Iterator[str]:
    if it.codes is None:
        unit = f", unit: {it.unit}" if it.unit else ""
        why = f"  {_unit_said(it)}" if SIGNALS[it.signal].unit not in ("", "items") else ""
        yield f"  {it.signal}: {{input: {it.signal}{unit}}}{why}"
        return
    yield f"  {it.signal}:"
    yield f"    input: {it.signal}"
    yield f"    codes:  {comment('write in the place of unknown what each code means')}"
    for code in it.codes:
        told = [f"the machine calls it '{code.text}'"] if code.text else []
        told += ["seen"] if code.seen else ["not seen meanwhile"]
        yield f"      {quoted(code.code)}: unknown  {comment(', '.join(told))}"


def _unit_said(it: Proposal) -> str:
    if it.unit:
        return comment("check the unit")
    return comment(f"no unit was told: taken as {SIGNALS[it.signal].unit}; say otherwise by unit")


def _others(others: Sequence[SeenValue]) -> Iterator[str]:
    if not others:
        return
    yield ""
    yield "# What else is there, as no signal. A process value can be `measurement.<name>`:"
    for it in others[:OTHERS_MAX]:
        unit = f" {it.unit}" if it.unit else ""
        yield comment(f"  {name_of(it)} = {it.last!r}{unit}")
    if len(others) > OTHERS_MAX:
        yield f"# and {len(others) - OTHERS_MAX} more: lineproof profile browse"
