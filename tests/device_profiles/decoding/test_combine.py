"""Ordered cases over inputs that may be unseen or not understood."""

from __future__ import annotations

import pytest

from device_profiles.decoding.combine import Known, Lookup, choose, with_derived
from device_profiles.model.profile import Case, Condition, Derived
from device_profiles.model.values import Unusable
from domain.samples import Quality

CASES = (
    Case((Condition("a", ("1",)), Condition("b", ("x", "y"))), "first"),
    Case((Condition("a", ("1",)),), "second"),
)
BROKEN = Unusable("broken")


def inputs(**symbols: str | Unusable | None) -> Lookup:
    def known(name: str) -> Known | None:
        symbol = symbols.get(name)
        return None if symbol is None else Known(symbol, Quality.GOOD)

    return known


@pytest.mark.parametrize(
    ("a", "b", "result"),
    [
        ("1", "x", "first"),
        ("1", "y", "first"),
        ("1", "z", "second"),
        ("2", "x", "other"),
        ("2", None, "other"),  # whatever b is, neither case can hold
        ("2", BROKEN, "other"),
        ("1", None, None),  # b may still make it the first case
        ("1", BROKEN, BROKEN),
        (None, "z", None),
        (BROKEN, "z", BROKEN),
        (BROKEN, None, None),
    ],
)
def test_the_first_case_that_holds_wins_and_nothing_is_guessed(
    a: str | Unusable | None, b: str | Unusable | None, result: str | Unusable | None
) -> None:
    found = choose(CASES, "other", inputs(a=a, b=b))
    assert (found and found.symbol) == result


def test_the_quality_is_the_worst_of_what_decided() -> None:
    known = {"a": Known("2", Quality.UNCERTAIN), "b": Known("x", Quality.GOOD)}
    assert choose(CASES, "other", known.get) == Known("other", Quality.UNCERTAIN)
    known = {"a": Known("1", Quality.GOOD), "b": Known("x", Quality.UNCERTAIN)}
    assert choose(CASES, "other", known.get) == Known("first", Quality.UNCERTAIN)
    known = {"a": Known("2", Quality.GOOD), "b": Known("x", Quality.UNCERTAIN)}
    assert choose(CASES, "other", known.get) == Known("other", Quality.GOOD)


def test_a_derived_input_takes_the_value_that_its_case_names() -> None:
    derived = Derived("deep", (Case((Condition("a", ("1",)),), "b"), Case((), "a")))
    for symbols, result in (
        ({"a": "1", "b": "x"}, "x"),
        ({"a": "2"}, "2"),
        ({"a": "1"}, None),
        ({"a": BROKEN, "b": "x"}, BROKEN),
        ({"a": "1", "b": BROKEN}, BROKEN),
    ):
        found = with_derived([derived], inputs(**symbols))("deep")
        assert (found and found.symbol) == result
