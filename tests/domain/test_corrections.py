"""Which corrections hold, and which held at an earlier time."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from domain.corrections import Correction, CorrectionKind, in_force

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def merge(identity: str, recorded: float, start: float = 0) -> Correction:
    begin = START + start * HOUR
    return Correction(
        identity, "l", CorrectionKind.MERGE, begin, begin + HOUR, "Ann", START + recorded * HOUR
    )


def withdrawal(of: str, recorded: float) -> Correction:
    at = START + recorded * HOUR
    return Correction(
        f"no-{of}", "l", CorrectionKind.WITHDRAWAL, START, START, "Ann", at, withdraws=of
    )


RECORDS = [merge("a", 10), merge("b", 11, 2), withdrawal("a", 12), merge("c", 13, 4)]


def ids(known_at: float | None = None) -> list[str]:
    at = None if known_at is None else START + known_at * HOUR
    return [it.id for it in in_force(RECORDS, at)]


def test_what_was_withdrawn_does_not_hold_and_a_withdrawal_is_none() -> None:
    assert ids() == ["b", "c"]


def test_an_earlier_time_knows_what_was_recorded_up_to_it() -> None:
    assert ids(9.999) == []
    assert ids(10) == ["a"]
    assert ids(11.5) == ["a", "b"]
    assert ids(12) == ["b"]


def test_the_order_of_recording_does_not_matter() -> None:
    shuffled = RECORDS.copy()
    random.Random(1).shuffle(shuffled)
    assert in_force(shuffled) == in_force(RECORDS)
