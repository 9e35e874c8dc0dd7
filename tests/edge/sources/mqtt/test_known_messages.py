"""Messages that were taken before."""

from __future__ import annotations

import pytest

from edge.sources.mqtt.known_messages import KnownMessages, known_as


@pytest.mark.parametrize(
    "other",
    [(2, "a/b", b"1"), (1, "a/bb", b"1"), (1, "a/b", b"2"), (1, "a/b", b""), (11, "a/b", b"1")],
)
def test_number_topic_and_content_make_a_message(other: tuple[int, str, bytes]) -> None:
    assert known_as(*other) != known_as(1, "a/b", b"1") == known_as(1, "a/b", b"1")


def test_topic_and_content_do_not_run_into_each_other() -> None:
    assert known_as(1, "a", b"b1") != known_as(1, "ab", b"1")
    assert known_as(1, "\ud800", b"") != known_as(1, "\ud801", b"")  # what is no UTF-8


def test_the_last_ones_are_known() -> None:
    known = KnownMessages(2)
    known.add("x", "y")
    known.add("x")  # came again, with another content between
    known.add("z")
    assert [it in known for it in ("x", "y", "z")] == [True, False, True]
