"""What other people typed, fit for a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.exports.printable import every_text, printable


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("plain, 里程碑 #x", "plain, 里程碑 #x"),
        ("one\r\ntwo\rthree\n", "one\ntwo\nthree\n"),
        ("a\tb", "a    b"),
        ("Wong\u202eKa", "Wong\\x202eKa"),
        ("\u2068x\u2069", "\\x2068x\\x2069"),
        ("half \ud800", "half \\xd800"),
    ],
)
def test_what_has_no_sign_is_shown_as_its_code(typed: str, shown: str) -> None:
    assert printable(typed) == shown


def test_what_goes_from_right_to_left_does_not_turn_what_stands_beside_it() -> None:
    assert printable("\u05d0 1\nx") == "\u2068\u05d0 1\u2069\n\u2068x\u2069"


def test_what_no_font_has_leaves_the_rest() -> None:
    assert printable("da\u1ab0 da", {"a\u1ab0"}) == "da\\x1ab0 da"
    assert printable("ab", {"a\u0300", "\U0001f44d"}) == "ab"


@given(st.text(st.characters()))
def test_nothing_that_turns_or_hides_is_left(typed: str) -> None:
    shown = printable(typed)
    inside = shown.replace("\u2068", "").replace("\u2069", "")
    assert all(it.isprintable() or it == "\n" or it.isspace() for it in inside)
    assert shown.count("\u2068") == shown.count("\u2069")


def test_texts_change_wherever_they_stand() -> None:
    told = {"a": ["x", 1, None, {"b": "y"}], "c": 2.5}
    assert every_text(told, str.upper) == {"a": ["X", 1, None, {"b": "Y"}], "c": 2.5}
