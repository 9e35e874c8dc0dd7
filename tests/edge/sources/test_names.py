"""Which of the names that are there a person may have meant."""

from __future__ import annotations

import pytest

from domain.source_faults import THERE_MAX
from edge.sources.names import most_similar


@pytest.mark.parametrize(
    ("wanted", "names", "first"),
    [
        ("Totl", ["State", "Total", "Speed"], "Total"),
        ("totalcount", ["Count", "TotalCount"], "TotalCount"),
        ("Total", ["urn:other:Total", "Tool"], "urn:other:Total"),
        ("pres/main", ["half/main", "press/main", "rubbish/other"], "press/main"),
        (
            "shelly/a/status/em:0",
            ["shelly/b/online", "shelly/b/status/em:0"],
            "shelly/b/status/em:0",
        ),
    ],
)
def test_the_most_similar_one_comes_first(wanted: str, names: list[str], first: str) -> None:
    found = most_similar(wanted, names)
    assert found[0] == first
    assert sorted(found) == sorted(names)


def test_there_are_only_a_few_and_each_once() -> None:
    assert len(most_similar("x", [f"n{it % 50}" for it in range(100)])) == THERE_MAX
    assert most_similar("x", ["a", "a"]) == ("a",)
