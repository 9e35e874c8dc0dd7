"""Reasons are sentences with named places."""

from __future__ import annotations

from domain.grants import Reason


def test_a_reason_is_read_with_its_values() -> None:
    assert str(Reason("Only %(share)s is known.", {"share": "86 %"})) == "Only 86 % is known."
    assert str(Reason("100 % is known.")) == "100 % is known."
