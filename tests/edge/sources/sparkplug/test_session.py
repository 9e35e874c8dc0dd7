"""What an edge node says, in and out of order, up to its deaths."""

from __future__ import annotations

from typing import Any

import pytest
from sparkplug_messages import (
    START_MS,
    Heard,
    arrived,
    birth_metrics,
    death_metric,
    metric,
    node_birth,
    payload,
)

from edge.sources.sparkplug.order import SEQUENCE
from edge.sources.sparkplug.session import EARLIER, NO_BIRTH_OF_DEVICE, NOT_BORN, NodeSession
from edge.sources.sparkplug.topics import MessageType

DEVICE = "filler"
MOMENT_S = 2.0


class Node:
    """A node and its session: each call is a message that arrives at `at_s`, published as late as
    `sent_ms` says (after the start; by default it is not late)."""

    def __init__(self, device: str | None = DEVICE) -> None:
        self.heard = Heard()
        self.device = device
        self.session = NodeSession(device, ("Good", "Bad"), self.heard, reorder_timeout_s=MOMENT_S)

    def nbirth(
        self,
        at_s: float,
        *,
        seq: int | None = 0,
        bd: int = 0,
        sent_ms: float | None = None,
        good: int = 0,
    ) -> list[str]:
        sent_ms = at_s * 1000 if sent_ms is None else sent_ms
        own = birth_metrics({"Good": good}) if self.device is None else []
        content = node_birth(seq, int(sent_ms), bd, *own)
        return self._take(MessageType.NBIRTH, content, at_s, None)

    def ndeath(self, at_s: float, *, bd: int | None = 0) -> list[str]:
        metrics = [] if bd is None else [death_metric(bd)]
        return self._take(MessageType.NDEATH, payload(*metrics), at_s, None)

    def dbirth(
        self,
        at_s: float,
        seq: int,
        good: int,
        *,
        sent_ms: float | None = None,
        device: str = DEVICE,
    ) -> list[str]:
        return self._say(
            MessageType.DBIRTH, at_s, seq, birth_metrics({"Good": good}), sent_ms, device
        )

    def ddata(
        self,
        at_s: float,
        seq: int | None,
        good: int,
        *,
        sent_ms: float | None = None,
        device: str = DEVICE,
    ) -> list[str]:
        said = [{"alias": 1, "int_value": good}]
        return self._say(MessageType.DDATA, at_s, seq, said, sent_ms, device)

    def ddeath(self, at_s: float, seq: int, *, device: str = DEVICE) -> list[str]:
        return self._say(MessageType.DDEATH, at_s, seq, [], None, device)

    def ndata(self, at_s: float, seq: int, *metrics: dict[str, Any]) -> list[str]:
        return self._say(MessageType.NDATA, at_s, seq, metrics, None, None)

    def tick(self, at_s: float) -> list[str]:
        self.session.tick(at_s)
        return self.heard.take()

    def alive(self) -> Node:
        """Born with its device at 0 s; the next number is 2."""
        self.nbirth(0)
        assert self.dbirth(0, 1, 10) == ["born", "Good=10", "in order"]
        return self

    def _say(
        self,
        kind: MessageType,
        at_s: float,
        seq: int | None,
        metrics: Any,
        sent_ms: float | None,
        device: str | None,
    ) -> list[str]:
        numbered = {} if seq is None else {"seq": seq}
        sent = int(START_MS + (at_s * 1000 if sent_ms is None else sent_ms))
        return self._take(kind, payload(*metrics, timestamp=sent, **numbered), at_s, device)

    def _take(self, kind: MessageType, content: Any, at_s: float, device: str | None) -> list[str]:
        self.session.take(arrived(kind, content, at_s, device=device))
        return self.heard.take()


def test_births_and_data_in_order() -> None:
    node = Node()
    assert node.nbirth(0) == ["rebirth came"]
    assert node.dbirth(0.1, 1, 10) == ["born", "Good=10", "in order"]
    assert node.ddata(0.2, 2, 11) == ["Good=11", "in order"]
    assert node.ndata(0.3, 3) == ["in order"]  # the node itself: the device is known up to here
    assert node.ddata(0.4, 4, 7, device="other") == ["in order"]
    assert node.session.due_s is None


def test_the_node_itself_is_watched() -> None:
    node = Node(device=None)
    assert node.nbirth(0, good=3) == ["rebirth came", "born", "Good=3", "in order"]
    assert node.ndata(1, 1, {"alias": 1, "int_value": 4}) == ["Good=4", "in order"]
    assert node.dbirth(2, 2, 9) == ["in order"]
    assert node.ndeath(3) == ["died"]


def test_numbers_wrap() -> None:
    node = Node()
    node.nbirth(0, seq=254)
    assert node.dbirth(1, 255, 1) == ["born", "Good=1", "in order"]
    assert node.ddata(2, 0, 2) == ["Good=2", "in order"]
    for number in range(1, 600):
        assert node.ddata(3 + number, number % SEQUENCE, number) == [f"Good={number}", "in order"]


def test_a_gap_that_is_filled_in_time_changes_nothing() -> None:
    node = Node().alive()
    assert node.ddata(5, 4, 13, sent_ms=4900) == []
    assert node.ddata(5.5, 3, 12, sent_ms=4800) == []
    assert node.session.due_s == 5 + MOMENT_S
    assert node.ddata(6, 2, 11, sent_ms=4700) == [
        f"Good={n}" if x else "in order" for n in (11, 12, 13) for x in (1, 0)
    ]
    assert node.session.due_s is None
    assert node.tick(100) == []


def test_a_gap_that_is_not_filled_ends_what_is_known() -> None:
    node = Node().alive()
    node.ddata(5, 4, 13)
    assert node.tick(6.9) == []
    assert node.tick(7) == ["broken", "rebirth wanted"]
    assert node.heard.whys == ["message 2 of the edge node is missing"]
    assert node.ddata(8, 2, 11) == []
    assert node.tick(8) == ["refused DDATA"] * 2 + ["rebirth wanted"]
    assert node.heard.whys[-1] == NOT_BORN
    assert node.nbirth(11) == ["rebirth came"]
    assert node.dbirth(11, 1, 14) == ["born", "Good=14", "in order"]


def test_a_second_gap_has_its_own_time() -> None:
    node = Node().alive()
    node.ddata(5, 3, 12, sent_ms=4800)
    node.ddata(6, 5, 14, sent_ms=4900)
    node.ddata(6.5, 2, 11, sent_ms=4700)
    assert node.session.due_s == 6 + MOMENT_S


def test_data_before_any_birth_are_not_used() -> None:
    node = Node()
    assert node.ddata(0, 5, 1) == []
    assert node.tick(2) == ["refused DDATA", "rebirth wanted"]
    node.nbirth(3)
    assert node.ddata(4, 1, 2) == ["refused DDATA", "rebirth wanted"]  # its device has no birth
    assert node.heard.whys[-1] == NO_BIRTH_OF_DEVICE


def test_a_death_ends_what_is_known() -> None:
    node = Node().alive()
    assert node.ndeath(5) == ["died"]
    assert not node.session.is_known
    assert node.ddata(6, 2, 11) == []
    assert node.tick(8) == ["refused DDATA", "rebirth wanted"]
    node.nbirth(9, bd=1)
    assert node.dbirth(9, 1, 12) == ["born", "Good=12", "in order"]


def test_a_death_of_another_session_is_ignored() -> None:
    node = Node()
    node.nbirth(0, bd=7)
    node.dbirth(0, 1, 10)
    assert node.ndeath(1, bd=6) == []
    assert node.session.is_known
    assert node.ndeath(2, bd=7) == ["died"]


def test_a_death_that_overtakes_its_birth() -> None:
    node = Node().alive()
    assert node.ndeath(5, bd=1) == ["broken", "rebirth wanted"]
    assert node.nbirth(5.1, bd=1) == ["rebirth came", "died", "rebirth wanted"]
    assert node.nbirth(9, bd=2) == ["rebirth came"]
    assert node.ndeath(10, bd=3) == ["rebirth wanted"]
    assert node.nbirth(99, bd=3) == ["rebirth came"]  # numbers wrap: that was long ago
    assert node.dbirth(99, 1, 1) == ["born", "Good=1", "in order"]


def test_a_node_with_the_same_number_in_every_session() -> None:
    node = Node().alive()
    assert node.ndeath(1) == ["died"]
    assert node.nbirth(1.1) == ["rebirth came"]
    assert node.dbirth(1.2, 1, 11) == ["born", "Good=11", "in order"]


def test_a_death_that_does_not_say_of_what() -> None:
    node = Node().alive()
    assert node.ndeath(1, bd=None) == ["refused NDEATH", "broken", "rebirth wanted"]


def test_a_device_dies_alone() -> None:
    node = Node().alive()
    assert node.ddeath(1, 2) == ["died"]
    assert node.ndata(2, 3) == []
    assert node.ddata(3, 4, 11) == ["refused DDATA", "rebirth wanted"]
    assert node.dbirth(4, 5, 12) == ["born", "Good=12", "in order"]
    assert node.ddeath(5, 6, device="other") == ["in order"]


def test_a_birth_that_comes_before_its_nodes() -> None:
    node = Node()
    assert node.dbirth(0, 1, 10, sent_ms=5) == []
    assert node.ddata(0.1, 2, 11, sent_ms=6) == []
    assert node.nbirth(0.2, sent_ms=4) == [
        *("rebirth came", "born", "Good=10", "in order", "Good=11", "in order"),
    ]


@pytest.mark.parametrize(("sent_ms", "at_s"), [(3, 0.0), (4, 0.0), (5, -3.0)])
def test_what_may_be_from_before_a_birth_is_not_used(sent_ms: int, at_s: float) -> None:
    node = Node()
    node.ddata(at_s, 1, 11, sent_ms=sent_ms)
    assert node.nbirth(0.2, sent_ms=4) == ["rebirth came", "refused DDATA"]


def test_a_message_of_the_session_before() -> None:
    node = Node().alive()
    node.nbirth(5, bd=1)
    assert node.dbirth(5.1, 1, 99, sent_ms=4900) == ["refused DBIRTH"]
    assert node.heard.whys[-1] == EARLIER
    assert node.dbirth(5.2, 1, 20) == ["born", "Good=20", "in order"]


def test_a_clock_that_is_set_back_is_followed() -> None:
    node = Node().alive()
    assert node.ddata(10, 2, 11, sent_ms=-5000) == ["Good=11", "in order"]
    assert node.nbirth(20, sent_ms=-4000, bd=1) == ["broken", "rebirth came"]
    assert node.dbirth(20, 1, 12, sent_ms=-3900) == ["born", "Good=12", "in order"]


def test_a_node_whose_times_say_nothing_of_the_order() -> None:
    node = Node()
    node.nbirth(100)
    node.dbirth(100, 1, 10)
    assert node.ddata(101, 2, 11, sent_ms=-5000) == ["refused DDATA"]
    node.ddata(102, 3, 12)
    assert node.tick(104) == ["broken", "rebirth wanted"]
    node.nbirth(105)
    node.dbirth(105, 1, 13)
    assert node.ddata(106, 2, 14, sent_ms=-5000) == ["Good=14", "in order"]


def test_a_node_that_stamps_its_messages_before_it_numbers_them() -> None:
    node = Node().alive()
    node.ddata(1, 2, 11, sent_ms=900)
    assert node.ddata(1.1, 3, 12, sent_ms=899) == ["broken", "rebirth wanted"]
    node.nbirth(5)
    node.dbirth(5, 1, 13)
    node.ddata(6, 2, 14, sent_ms=5900)
    assert node.ddata(6.1, 3, 15, sent_ms=5899) == ["broken", "rebirth wanted"]
    node.nbirth(9)
    node.dbirth(9, 1, 16)
    node.ddata(10, 2, 17, sent_ms=9900)
    assert node.ddata(10.1, 3, 18, sent_ms=9899) == ["Good=18", "in order"]


def test_a_message_of_a_session_that_was_never_born() -> None:
    node = Node().alive()
    node.ddata(1, 2, 99, sent_ms=950)
    assert node.dbirth(1.1, 1, 98, sent_ms=940) == ["broken", "rebirth wanted"]


def test_what_waited_and_is_older_than_what_was_used() -> None:
    node = Node().alive()
    node.ddata(1, 3, 11, sent_ms=100)
    assert node.ddata(1.1, 2, 99, sent_ms=900) == [
        *("Good=99", "in order", "broken", "rebirth wanted"),
    ]


def test_an_old_birth_after_a_new_one_leaves_nothing_known() -> None:
    node = Node().alive()
    assert node.nbirth(1, sent_ms=-50) == ["refused NBIRTH", "broken", "rebirth wanted"]
    assert node.ddata(1.1, 1, 5) == []
    assert not node.session.is_known


def test_a_birth_anew_leaves_the_time_before_it_unknown() -> None:
    node = Node().alive()
    assert node.nbirth(1) == ["broken", "rebirth came"]


def test_repetitions_are_not_used_twice() -> None:
    node = Node().alive()
    assert node.nbirth(0) == ["repeated"]
    assert node.ddata(1, 2, 11) == ["Good=11", "in order"]
    assert node.ddata(1, 2, 11) == ["repeated"]
    assert node.ddata(2, 4, 13) == []
    assert node.ddata(2, 4, 13) == ["repeated"]
    assert node.ddata(2, 3, 12)[0] == "Good=12"


def test_two_messages_with_one_number() -> None:
    node = Node().alive()
    node.ddata(1, 3, 12)
    assert node.ddata(1, 3, 13) == ["broken", "rebirth wanted"]
    assert node.tick(4) == ["refused DDATA"] * 2 + ["rebirth wanted"]


def test_messages_without_a_number() -> None:
    node = Node().alive()
    assert node.ddata(1, None, 11) == ["broken", "rebirth wanted"]
    assert node.nbirth(2, seq=None) == ["rebirth wanted"]
    assert node.nbirth(2, seq=256) == ["rebirth wanted"]


def test_an_alias_that_nobody_knows_ends_what_is_known() -> None:
    node = Node().alive()
    said = [{"alias": 1, "int_value": 11}, {"alias": 77, "int_value": 1}]
    assert node._say(MessageType.DDATA, 1, 2, said, None, DEVICE) == [
        *("refused DDATA", "broken", "rebirth wanted"),
    ]


def test_a_name_that_the_birth_does_not_have_costs_itself() -> None:
    node = Node().alive()
    said = [metric("New", 1), metric("Good", 11)]
    assert node._say(MessageType.DDATA, 1, 2, said, None, DEVICE) == [
        *("Good=11", "unknown New", "rebirth wanted", "in order"),
    ]


def test_after_our_own_loss_nothing_is_known() -> None:
    node = Node().alive()
    node.ndeath(0.5, bd=5)
    node.session.disconnected()
    assert not node.session.is_known
    assert node.ddata(1, 2, 11) == []
    assert node.nbirth(2, bd=5)[0] == "rebirth came"
    assert node.dbirth(2, 1, 1)[0] == "born"


def test_what_waits_is_bounded() -> None:
    node = Node()
    node.nbirth(0)
    big = "x" * 1_900_000
    for seq in (3, 4, 5, 6):
        assert node.ndata(0.1, seq, metric("t", big, "String")) == []
    assert node.ndata(0.1, 7, metric("t", big, "String")) == ["rebirth wanted", "refused NDATA"]
