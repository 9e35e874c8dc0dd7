"""The topics of an edge node and of hosts."""

from __future__ import annotations

import pytest

from edge.sources.sparkplug.topics import EdgeNode, MessageType, state_topic

NODE = EdgeNode("plant 1", "line-1")


def test_all_of_a_node_and_nothing_else_is_subscribed() -> None:
    assert NODE.filters == (
        "spBv1.0/plant 1/NBIRTH/line-1",
        "spBv1.0/plant 1/NDATA/line-1",
        "spBv1.0/plant 1/NDEATH/line-1",
        "spBv1.0/plant 1/DBIRTH/line-1/+",
        "spBv1.0/plant 1/DDATA/line-1/+",
        "spBv1.0/plant 1/DDEATH/line-1/+",
    )
    assert NODE.command_topic == "spBv1.0/plant 1/NCMD/line-1"
    assert state_topic("host") == "spBv1.0/STATE/host"


def test_messages_of_a_node_and_of_its_devices() -> None:
    assert NODE.parsed("spBv1.0/plant 1/NDATA/line-1") == (MessageType.NDATA, None)
    assert NODE.parsed("spBv1.0/plant 1/DBIRTH/line-1/a b") == (MessageType.DBIRTH, "a b")


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "spBv1.0/STATE/host",
        "spBv1.0/plant 1/NCMD/line-1",
        "spBv1.0/plant 1/NDATA/line-1/device",
        "spBv1.0/plant 1/DDATA/line-1",
        "spBv1.0/plant 1/DDATA/line-1/a/b",
        "spBv1.0/plant 2/NDATA/line-1",
        "spBv1.0/plant 1/NDATA/line-2",
        "spAv1.0/plant 1/NDATA/line-1",
    ],
)
def test_other_topics(topic: str) -> None:
    assert NODE.parsed(topic) is None
