"""Facts of what is over are read once, and only so many are kept."""

from __future__ import annotations

import polars as pl

from api.queries.kept_facts import ROWS_MAX, KeptFacts


class Reader:
    """Gives frames of so many rows, and knows which were read."""

    def __init__(self) -> None:
        self.kept = KeptFacts()
        self.read: list[str] = []

    def once(self, key: str, rows: int) -> pl.DataFrame:
        def made() -> pl.DataFrame:
            self.read.append(key)
            return pl.DataFrame({"n": range(rows)})

        return self.kept.once(key, made)


def test_what_is_kept_is_not_read_again() -> None:
    reader = Reader()
    first = reader.once("a", 5)
    assert reader.once("a", 5) is first
    reader.once("b", 5)
    assert reader.read == ["a", "b"]


def test_what_was_not_asked_for_longest_is_let_go() -> None:
    reader, third = Reader(), ROWS_MAX // 3
    for key in ("a", "b"):
        reader.once(key, third)
    reader.once("a", third)
    reader.once("c", third)  # with the three frames it is more than may be kept
    reader.read.clear()
    for key in ("a", "c", "b"):
        reader.once(key, third)
    assert reader.read == ["b"]


def test_a_frame_larger_than_all_that_may_be_kept_is_given_and_let_go() -> None:
    reader = Reader()
    assert reader.once("a", ROWS_MAX).height == ROWS_MAX
    reader.once("a", ROWS_MAX)
    assert reader.read == ["a", "a"]
    assert reader.once("b", 0).height == 0, "that there is nothing is kept too"
    reader.once("b", 0)
    assert reader.read == ["a", "a", "b"]
