"""Places and the names that people know them by."""

from __future__ import annotations

from device_profiles.drafting.seen import (
    MetricPlace,
    NodePlace,
    SeenValue,
    TopicPlace,
    shared_beginning,
)


def test_the_names_of_each_kind_of_place() -> None:
    node = NodePlace((("urn:a", "Press"), ("urn:b", "Good/Bad")), (0, "AccCount"))
    assert node.names == ("Press", "Good/Bad", "0", "AccCount")
    assert TopicPlace("hall/press", "/a~1b/~0c").names == ("hall", "press", "a/b", "~c")
    assert TopicPlace("press").names == ("press",)
    assert MetricPlace("plant/line/press", "Count/Good").names == (
        *("plant", "line", "press"),
        *("Count", "Good"),
    )
    assert SeenValue(node, "Int32", "", ((0.0, 1), (2.0, 5))).last == 5


def test_what_paths_share() -> None:
    assert shared_beginning([["a", "b", "c"], ["a", "b"], ["a", "b", "d"]]) == ("a", "b")
    assert shared_beginning([["a"], ["b"]]) == ()
    assert shared_beginning([]) == ()
