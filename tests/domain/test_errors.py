"""Errors are sentences."""

from __future__ import annotations

from domain.errors import InputError


def test_an_error_is_a_sentence_with_what_where_and_what_to_do() -> None:
    error = InputError(
        "unknown key 'calender'", where="plant.yaml, line 3", todo="Did you mean calendar?"
    )
    assert str(error) == "plant.yaml, line 3: unknown key 'calender'. Did you mean calendar?"
