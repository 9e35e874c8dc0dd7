"""Values whose place no profile can name are left out, not written wrongly."""

from __future__ import annotations

from dataclasses import replace

import pytest
from seen_machines import field_value, metric_value, node_value

from device_profiles.drafting.seen import NodePlace, SeenValue
from device_profiles.drafting.writable import writable


@pytest.mark.parametrize(
    ("uri", "name", "is_written"),
    [
        ("urn:v", "Good", True),
        ("urn:v", "a/b:c&d<e>{f}", True),
        ("urn:v", "良品\n", True),
        ("/x", "Good", True),
        ("nsu=x;s=1", "Good", True),
        ("", "Good", False),
        ("urn:{v}", "Good", False),
        ("urn:v", "", False),
        ("urn:v", "x" * 2_000, False),
        ("urn:v", "\ud800", False),
    ],
)
def test_a_node_is_written_if_it_is_read_back_as_itself(
    uri: str, name: str, is_written: bool
) -> None:
    place = NodePlace((("urn:o", "Line"), (uri, name)))
    assert bool(writable([replace(node_value("x", 1), place=place)])) is is_written


@pytest.mark.parametrize(
    ("topics", "count"),
    [
        (["a/b", "a/c"], 2),
        (["press"], 1),
        (["/hall/a", "/hall/b"], 2),
        (["/a"], 0),
        (["/a/b", "c/d"], 1),
        (["a/"], 0),
        (["a/{b}"], 0),
    ],
)
def test_topics_that_a_profile_can_name(topics: list[str], count: int) -> None:
    assert len(writable([field_value(it, "/x", 1) for it in topics])) == count


def test_a_place_that_comes_twice_is_told_once() -> None:
    twice: list[SeenValue] = [node_value("a", 1), node_value("a", 2), metric_value("g/n", "m", 1)]
    assert writable(twice) == [twice[0], twice[2]]
    assert writable([metric_value("g/n", "", 1)]) == []
