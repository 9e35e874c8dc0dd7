"""Raw values: looking inside them, and what counts as number, code or text. Nothing raises."""

from __future__ import annotations

import math
from enum import IntEnum
from types import SimpleNamespace
from typing import Any

import pytest

from device_profiles.model.values import (
    NO_VALUE,
    NOT_FINITE,
    Unusable,
    bit_of,
    clean,
    inverted,
    number,
    number_in_text,
    picked,
    shown,
    symbol,
)
from domain.samples import RAW_LENGTH_MAX


class Colour(IntEnum):
    RED = 6


class Hostile:
    """An object of some client library that fails whatever one asks of it."""

    @property
    def state(self) -> str:
        raise OSError("connection lost")

    def __str__(self) -> str:
        raise OSError("connection lost")


@pytest.mark.parametrize(
    ("value", "field", "found"),
    [
        ({"a": [1, {"b": 2}]}, ("a", 1, "b"), 2),
        (SimpleNamespace(a=(5, 6)), ("a", 1), 6),
        (3, (), 3),
        (None, ("a",), NO_VALUE),
        ({"a": None}, ("a", "b"), NO_VALUE),
        ({"a": 1}, ("b",), Unusable("no field 'b'")),
        (Hostile(), ("state",), Unusable("no field 'state'")),
        ([1], (1,), Unusable("the list has no item 1")),
        ("text", (0,), Unusable("not a list that could have an item 0")),
    ],
)
def test_the_part_that_a_field_names(value: Any, field: tuple[str | int, ...], found: Any) -> None:
    assert picked(value, field) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (6, 6.0),
        (Colour.RED, 6.0),
        (0.5, 0.5),
        (True, Unusable("a truth value, not a number")),
        ("6", Unusable("not a number")),
        (None, NO_VALUE),
        (math.nan, NOT_FINITE),
        (10**400, NOT_FINITE),
    ],
)
def test_a_number_is_finite(value: Any, found: float | Unusable) -> None:
    assert number(value) == found


def test_a_truth_value_is_a_number_where_the_signal_is_one() -> None:
    assert (number(True, truth=True), number(False, truth=True)) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (6, "6"),
        (6.0, "6"),
        (Colour.RED, "6"),  # not its name in somebody's language
        (True, "true"),
        (" Jam ", "Jam"),
        (6.5, Unusable("neither a code nor a text")),
        (2**65, Unusable("not a code")),
        (None, NO_VALUE),
        ([6], Unusable("neither a code nor a text")),
    ],
)
def test_a_code_has_one_text(value: Any, found: str | Unusable) -> None:
    assert symbol(value) == found


def test_whatever_was_read_can_be_kept() -> None:
    assert shown(False) == "false"
    assert shown(Hostile()) == "<Hostile>"
    assert len(shown("x" * 10_000)) == RAW_LENGTH_MAX
    assert clean("a\ud800b").encode() == b"a?b"


def test_reasons_can_be_counted_whatever_the_values_are() -> None:
    """No lengths and no positions: one fault has one reason."""
    lists = {picked([0] * length, (7,)) for length in range(7)}
    others = {picked(value, (7,)) for value in ("text", 1.5, {"a": 1}, b"bytes")}
    numbers = {number_in_text(value, ",") for value in ("1.5", "12 kWh", "", "1,2,3", "N/A")}
    assert [len(found) for found in (lists, others, numbers)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("value", "bit", "expected"),
    [
        (0b1010, 1, True),
        (0b1010, 2, False),
        (10.0, 3, True),
        (-1, 63, True),
        (2**63, 63, True),
        (True, 0, "not an integer of which a bit can be read"),
        ("10", 1, "not an integer of which a bit can be read"),
        (1.5, 0, "not an integer of which a bit can be read"),
        (float("nan"), 0, "not an integer of which a bit can be read"),
        (None, 0, "no value"),
    ],
)
def test_a_bit_is_read_of_integers_alone(value: Any, bit: int, expected: bool | str) -> None:
    found = bit_of(value, bit)
    assert (found.reason if isinstance(found, Unusable) else found) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, False), (False, True), (1, False), (0.0, True), ("TRUE", False), ("0", True),
        (2, "not a truth value that has an opposite"), (None, "no value"),
        ("off", "not a truth value that has an opposite"), ([], "neither a code nor a text"),
    ],
)  # fmt: skip
def test_truth_values_alone_have_an_opposite(value: Any, expected: bool | str) -> None:
    found = inverted(value)
    assert (found.reason if isinstance(found, Unusable) else found) == expected


@pytest.mark.parametrize(
    ("index", "expected"),
    [(1, 2), (-1, 2), (-2, 1), (2, "the list has no item 2"), (-3, "the list has no item -3")],
)
def test_an_item_is_counted_from_either_end(index: int, expected: int | str) -> None:
    found = picked([1, 2], (index,))
    assert (found.reason if isinstance(found, Unusable) else found) == expected
