"""One text for the same bytes, one for the same number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.base64_lines import from_base64, from_decimal, to_base64


@given(data=st.binary(max_size=40))
def test_bytes_come_back(data: bytes) -> None:
    assert from_base64(to_base64(data)) == data


@given(text=st.text(alphabet="AB+/=_- \n", max_size=12))
def test_no_other_text_means_the_same_bytes(text: str) -> None:
    data = from_base64(text)
    assert data is None or to_base64(data) == text


@pytest.mark.parametrize("text", ["AAF=", "AAE", "AAE= ", "AA\nE=", "A-_=", "ä", "AAE=="])
def test_what_is_not_how_they_are_written(text: str) -> None:
    assert from_base64(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("20852163", 20852163),
        ("", None),
        ("00", None),
        ("-1", None),
        ("+1", None),
        (" 1", None),
        ("1_0", None),
        ("٣", None),
        ("²", None),
        ("9" * 5000, None),
    ],
)
def test_numbers(text: str, number: int | None) -> None:
    assert from_decimal(text) == number
