"""Errors are sentences."""

from __future__ import annotations

from domain.errors import InputError, LaterVersionError


def test_an_error_is_a_sentence_with_what_where_and_what_to_do() -> None:
    error = InputError(
        "unknown key 'calender'", where="plant.yaml, line 3", todo="Did you mean calendar?"
    )
    assert str(error) == "plant.yaml, line 3: unknown key 'calender'. Did you mean calendar?"


def test_what_a_later_version_wrote_is_said_with_both_formats_and_the_ways_out() -> None:
    assert str(LaterVersionError("the ledger", 3, 1, where="ledger/tree.sqlite")) == (
        "ledger/tree.sqlite: the ledger was written by a later version of Lineproof (format 3; "
        "this one knows 1). Nothing was changed: use the later version again, or restore the "
        "backup that was made before the upgrade."
    )
