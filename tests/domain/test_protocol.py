"""The newest version that both speak, whatever the other end says."""

from __future__ import annotations

import pytest

from domain.protocol import SAID, SPOKEN, agreed


@pytest.mark.parametrize(
    ("said", "spoken"),
    [
        (None, 1),
        ("1", 1),
        ("2", 2),
        ("2, 1", 2),
        ("3,2", 2),
        ("1 ,  2", 2),
        (SAID, SPOKEN[0]),
        ("4, 3", None),
        ("", None),
        ("two", None),
        ("02, +1, 1.0, ²", None),
        ("9," * 100_000 + "1", None),
    ],
)
def test_what_is_agreed_on(said: str | None, spoken: int | None) -> None:
    assert agreed(said) == spoken


def test_the_version_before_is_spoken() -> None:
    assert list(SPOKEN) == [SPOKEN[0], SPOKEN[0] - 1]
