"""Which corrections hold, and which held at an earlier time."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.corrections import Correction, CorrectionKind, Standing, in_force, waiting

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


def asked(it: Correction) -> Correction:
    return replace(it, needs_approval=True)


def decision(kind: CorrectionKind, of: str, recorded: float) -> Correction:
    at = START + recorded * HOUR
    return Correction(f"{kind}-{of}", "l", kind, START, START, "Bob", at, decides=of)


APPROVAL, REFUSAL = CorrectionKind.APPROVAL, CorrectionKind.REFUSAL
ASKED = [
    asked(merge("a", 10)), merge("b", 11, 2), asked(withdrawal("b", 12)),
    asked(merge("c", 13, 4)), decision(APPROVAL, "a", 14), decision(APPROVAL, "no-b", 15),
    decision(REFUSAL, "c", 16), asked(merge("d", 17, 6)), withdrawal("d", 18),
]  # fmt: skip


def test_what_needs_approval_holds_from_its_approval_on() -> None:
    held = {at: [it.id for it in in_force(ASKED, START + at * HOUR)] for at in (13, 14, 15, 18)}
    assert held == {13: ["b"], 14: ["a", "b"], 15: ["a"], 18: ["a"]}


def test_what_holds_holds_however_often_it_is_asked() -> None:
    assert in_force(in_force(ASKED)) == in_force(ASKED)


def test_what_was_neither_decided_nor_withdrawn_waits() -> None:
    waits = {at: [it.id for it in waiting(ASKED[:at])] for at in (4, 5, 8, 9)}
    assert waits == {4: ["a", "no-b", "c"], 5: ["no-b", "c"], 8: ["d"], 9: []}
    standing = Standing(ASKED[:6])
    assert standing.in_force == {"a"}
    assert standing.waiting == {"c"}
    assert standing.withdrawals["b"].id == "no-b"
    assert Standing(ASKED[:5]).withdrawals == {}
