"""Lists whose entries name themselves, and those that do not."""

from __future__ import annotations

from typing import Any

import pytest

from edge.browsing.entries import lists_of_entries, without_entries

TAGS = [{"id": "Good", "v": 7}, {"id": "Bad", "v": 1}]


@pytest.mark.parametrize(
    ("document", "each"),
    [(TAGS, ""), ({"values": TAGS}, "/values"), ({"a/b": {"c": TAGS}}, "/a~1b/c")],
)
def test_an_entry_is_told_by_its_name(document: Any, each: str) -> None:
    (found,) = lists_of_entries(document)
    assert (found.each, found.key) == (each, "id")
    assert found.entries == {"Good": [("/v", 7)], "Bad": [("/v", 1)]}


@pytest.mark.parametrize(
    "document",
    [
        *(
            [],
            [1, 2],
            [{"v": 1}],
            [{"id": "a"}, {"id": "a"}],
            [{"id": 1}],
            [{"id": ""}],
            {"id": "a"},
        ),
        *(None, "text", [{"id": "a"}, 5], {"a": {"b": {"c": {"d": TAGS}}}}),
    ],
)
def test_other_lists_are_left_alone(document: Any) -> None:
    assert lists_of_entries(document) == []


def test_the_rest_of_the_document() -> None:
    assert without_entries({"ts": 5, "values": TAGS, "l": [1]}) == {
        "ts": 5,
        "values": None,
        "l": [1],
    }
    assert without_entries(TAGS) is None
    assert without_entries({"a": {"t": TAGS, "n": 1}}) == {"a": {"t": None, "n": 1}}
