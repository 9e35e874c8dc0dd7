"""Whatever is lost, doubled or out of order: no value is told that the node did not say last.

A node says values that only rise, so that a value tells when it was said. Its messages are then
delivered with drops, repetitions and delays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sparkplug_messages import (
    START_MS,
    Heard,
    arrived,
    death_metric,
    metric,
    node_birth,
    payload,
)

from edge.sources.sparkplug.definition import Payload
from edge.sources.sparkplug.order import SEQUENCE
from edge.sources.sparkplug.session import NodeSession
from edge.sources.sparkplug.topics import MessageType

DEVICE = "filler"
NAMES = ("Good", "Bad")
MOMENT_S = 2.0
SLOW_S = 3.0  # more than the moment for which messages are kept


@dataclass
class Said:
    """A message, and the newest value that it has of each metric. `ends`: it is a death."""

    kind: MessageType
    content: Payload
    device: str | None
    values: dict[str, int]
    session: int
    ends: bool = False


@dataclass
class TalkingNode:
    """All that a node says in its life; `is_mixed`: each session has other aliases."""

    first_seq: int
    is_mixed: bool
    said: list[Said] = field(default_factory=list)
    value: int = 0
    seq: int = 0
    session: int = 0
    now_ms: int = 0

    def be_born(self) -> None:
        self.now_ms += 1
        self.seq = self.first_seq
        content = node_birth(self.seq, self.now_ms, self.session)
        self.said.append(Said(MessageType.NBIRTH, content, None, {}, self.session))
        self.say(MessageType.DBIRTH, NAMES)

    def die(self) -> None:
        self.now_ms += 1
        content = payload(death_metric(self.session))
        self.said.append(Said(MessageType.NDEATH, content, None, {}, self.session, ends=True))
        self.session += 1

    def say(self, kind: MessageType, names: Sequence[str]) -> None:
        self.now_ms += 1
        self.seq = (self.seq + 1) % SEQUENCE
        values: dict[str, int] = {}
        metrics: list[dict[str, Any]] = []
        for name in names:
            self.value += 1
            values[name] = self.value
            alias = (NAMES.index(name) + self.session * self.is_mixed) % 2
            named = {"name": name} if kind is MessageType.DBIRTH else {}
            metrics.append(metric(value=self.value, datatype="Int32", alias=alias, **named))
        content = payload(*metrics, timestamp=START_MS + self.now_ms, seq=self.seq)
        death = kind is MessageType.DDEATH
        self.said.append(Said(kind, content, DEVICE, values, self.session, ends=death))


@st.composite
def talking_nodes(draw: st.DrawFn, *, is_mixed: bool = False) -> TalkingNode:
    node = TalkingNode(draw(st.sampled_from((0, 1, 250, 255))), is_mixed)
    node.be_born()
    acts = st.sampled_from(("Good", "Good", "Bad", "both", "rebirth", "restart", "device", "gone"))
    for act in draw(st.lists(acts, max_size=25)):
        if act == "rebirth":
            node.be_born()
        elif act == "restart":
            node.die()
            node.be_born()
        elif act == "device":
            node.say(MessageType.DBIRTH, NAMES)
        elif act == "gone":
            node.say(MessageType.DDEATH, ())
        else:
            node.say(MessageType.DDATA, NAMES if act == "both" else (act,))
    return node


def delivered(heard: Heard, messages: Sequence[tuple[float, Said]]) -> NodeSession:
    session = NodeSession(DEVICE, NAMES, heard, reorder_timeout_s=MOMENT_S)
    for at_s, it in messages:
        session.take(arrived(it.kind, it.content, at_s, device=it.device))
        session.tick(at_s)
    return session


def never_back(heard: Heard, node: TalkingNode) -> None:
    """Each metric's values were said of it, and none is older than the one before."""
    for name in NAMES:
        given_values = [it.value for it in heard.given if it.name == name]
        assert given_values == sorted(set(given_values))  # type: ignore[type-var]  # all are numbers
        assert set(given_values) <= {it.values[name] for it in node.said if name in it.values}


@settings(max_examples=100, deadline=None, derandomize=True, phases=[Phase.generate, Phase.shrink])
@given(node=talking_nodes(), data=st.data())
def test_any_order_with_drops_and_repetitions(node: TalkingNode, data: st.DataObject) -> None:
    count = len(node.said)
    copies = st.sampled_from((0, 1, 1, 1, 1, 1, 2))
    delays = st.one_of(st.just(0), st.just(0), st.integers(0, count))
    sent = [
        (number + data.draw(delays), number, it)
        for number, it in enumerate(node.said)
        for _ in range(data.draw(copies))
    ]
    sent.sort(key=lambda it: it[:2])
    heard = Heard()
    messages = [(place / 1000, it) for place, (_, _, it) in enumerate(sent)]
    session = delivered(heard, messages)
    session.tick(SLOW_S + len(sent))
    never_back(heard, node)
    assert session.is_known == bool(heard.current)
    if session.is_known:  # then nothing that was delivered is newer
        newest = {
            name: v
            for _, _, it in sorted(sent, key=lambda it: it[1])
            for name, v in it.values.items()
        }
        assert heard.current == newest


@settings(max_examples=50, deadline=None, derandomize=True, phases=[Phase.generate, Phase.shrink])
@given(node=talking_nodes(is_mixed=True), data=st.data())
def test_aliases_that_change_with_each_session(node: TalkingNode, data: st.DataObject) -> None:
    """In order, as MQTT delivers to one session; only what is sent with QoS 0 is lost."""
    is_lost = st.sampled_from((False, False, False, False, True))
    at_s = 0.0
    messages: list[tuple[float, Said]] = []
    for it in node.said:
        at_s += data.draw(st.sampled_from((0.001, 0.001, SLOW_S)))
        if it.kind is MessageType.NDEATH or not data.draw(is_lost):
            messages.append((at_s, it))
    heard = Heard()
    session = delivered(heard, messages)
    never_back(heard, node)
    ends = (MessageType.NBIRTH, MessageType.NDEATH)
    if [it.kind for _, it in messages if it.kind in ends][-1:] == [MessageType.NDEATH]:
        assert not session.is_known


@settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.generate, Phase.shrink])
@given(node=talking_nodes())
def test_of_what_comes_whole_and_in_order_everything_is_told(node: TalkingNode) -> None:
    heard = Heard()
    delivered(heard, [(place * 0.01, it) for place, it in enumerate(node.said)])
    said, is_gone = list[tuple[str, int]](), False
    for it in node.said:
        is_gone = it.ends or (is_gone and it.kind is not MessageType.DBIRTH)
        said += () if is_gone else it.values.items()
    assert [(it.name, it.value) for it in heard.given] == said
