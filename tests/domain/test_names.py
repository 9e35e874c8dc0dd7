"""What may be a name: the same to Python and to polars, and anything can be made one."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.names import NAME_LENGTH_MAX, NAME_PATTERN, as_name, is_name


@pytest.mark.parametrize("name", ["filler-1", "一號灌裝線", "Ä b", "x" * NAME_LENGTH_MAX, "👩‍🔧"])
def test_a_name(name: str) -> None:
    assert is_name(name)
    assert as_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a\nb",
        "a\n",
        "\x00",
        "\x85",
        "a\\",
        "\u202ex",
        "\u2028",
        "\ufeff",
        "\ud800",
        "x" * 201,
        None,
    ],
)
def test_no_name(name: object) -> None:
    assert not is_name(name)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=5))
def test_polars_says_the_same(text: str) -> None:
    assert pl.Series([text]).str.contains(NAME_PATTERN)[0] is is_name(text)


@given(st.text(st.characters(), max_size=300))
def test_anything_can_be_made_one(text: str) -> None:
    assert is_name(as_name(text))
