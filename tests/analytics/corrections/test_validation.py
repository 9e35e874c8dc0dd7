"""What may be recorded."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from plants import local, plant
from telemetry import facts

from analytics.corrections.validation import check_balance, check_correction, check_decision
from domain.corrections import Correction, CorrectionKind
from domain.errors import InputError, LineproofError, NotFoundError
from domain.plant import StopReason

PLANT = dataclasses.replace(
    plant(), reasons={"jam": StopReason("jam", {"en": "Jam"}, codes=("17",))}
)
NOW = local("2026-03-03 12:00")
US = timedelta(microseconds=1)
REASON, SPLIT, MERGE, QUANTITY, FIGURE, WITHDRAWAL, APPROVAL, REFUSAL, ORDER = CorrectionKind
NEEDED: dict[CorrectionKind, dict[str, Any]] = {
    REASON: {"reason": "jam"},
    QUANTITY: {"element": "reject_count", "amount": 5.0},
    FIGURE: {"element": "inspected_part_count", "amount": 5.0},
}


def correction(
    kind: CorrectionKind, start: str = "08:00", end: str | None = None, **fields: Any
) -> Correction:
    begin = local(f"2026-03-02 {start}")
    finish = (
        begin if kind in (SPLIT, ORDER) and end is None else local(f"2026-03-02 {end or '10:00'}")
    )
    given = {**NEEDED.get(kind, {}), **fields}
    given = {"id": "new", "author": "Ann", "recorded_at": NOW, **given}
    return Correction(line="l1", kind=kind, start=begin, end=finish, **given)


def checked(
    given: Correction, *earlier: Correction, states: tuple[str, ...] = ("fault", "stopped")
) -> None:
    check_correction(PLANT, given, earlier, NOW, ("inspected_part_count",), states)


def refusal(given: Correction, *earlier: Correction, **more: Any) -> str:
    with pytest.raises(InputError) as refused:
        checked(given, *earlier, **more)
    return str(refused.value)


@pytest.mark.parametrize("kind", [REASON, SPLIT, MERGE, QUANTITY, FIGURE])
def test_what_makes_sense_is_let_in(kind: CorrectionKind) -> None:
    checked(correction(kind))


# pitfalls


@pytest.mark.parametrize("kind", [REASON, MERGE, QUANTITY, FIGURE])
@pytest.mark.parametrize("end", ["07:30", "08:00"])
def test_swapped_times_are_refused_and_not_read_as_crossing_midnight(
    kind: CorrectionKind, end: str
) -> None:
    """emanuelsc3s/SysOEE#38: 23:00 to 00:30 typed the wrong way round was a 22.5 h stop."""
    said = refusal(correction(kind, "08:00", end))
    assert said.startswith(f"end: the correction ends at 2026-03-02T{end}:00+08:00, not after")
    assert "with its own date" in said


@pytest.mark.parametrize("kind", [REASON, MERGE, QUANTITY, FIGURE])
@pytest.mark.parametrize(
    ("start", "end"),
    [("08:00", "10:00"), ("07:00", "08:01"), ("09:59", "11:00"), ("09:00", "09:30")],
)
def test_an_overlap_with_one_of_its_kind_is_refused_and_names_the_other(
    kind: CorrectionKind, start: str, end: str
) -> None:
    """point85/OEE-Designer#9: overlapping manual stops made availability negative."""
    said = refusal(correction(kind, start, end), correction(kind, id="first", author="Bob"))
    assert f"{kind.value} correction" in said
    assert "first from 2026-03-02T08:00:00+08:00 to 2026-03-02T10:00:00+08:00 by Bob" in said
    assert "Withdraw that one first" in said


def test_what_only_touches_or_is_of_another_kind_or_element_does_not_overlap() -> None:
    holding = [correction(kind, id=kind.value) for kind in (REASON, QUANTITY, FIGURE)]
    checked(correction(REASON, "10:00", "11:00"), *holding)
    checked(correction(REASON, "07:00", "08:00"), *holding)
    checked(correction(MERGE), *holding)
    checked(correction(QUANTITY, element="good_count"), *holding)


def test_a_withdrawn_one_is_in_nobodys_way() -> None:
    first = correction(REASON, id="first")
    gone = correction(WITHDRAWAL, id="gone", withdraws="first")
    assert "overlaps" in refusal(correction(REASON), first)
    checked(correction(REASON), first, gone)


def test_a_split_contradicts_a_merge_around_it_and_a_split_at_its_instant() -> None:
    assert "overlaps the merge" in refusal(correction(SPLIT, "09:00"), correction(MERGE, id="m"))
    assert "overlaps the split" in refusal(correction(MERGE), correction(SPLIT, "09:00", id="s"))
    said = refusal(correction(SPLIT, "09:00"), correction(SPLIT, "09:00", id="s"))
    assert "s at 2026-03-02T09:00:00+08:00" in said
    checked(correction(SPLIT, "09:00"), correction(SPLIT, "09:01", id="s"))
    checked(correction(SPLIT, "08:00"), correction(MERGE, id="m"))


# fields


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (correction(REASON, reason="jm"), "reason: there is no reason 'jm'. Did you mean 'jam'?"),
        (correction(REASON, reason="17"), "reason: there is no reason '17'. Known are: jam."),
        (correction(REASON, reason=None), "reason: a correction of kind reason needs reason"),
        (correction(QUANTITY, element="goodcount"), "Did you mean 'good_count'?"),
        (correction(QUANTITY, element="state"), "element: there is no element 'state'"),
        (correction(QUANTITY, amount=-1.0), "amount: -1.0 is no amount. Give a number, zero or"),
        (correction(QUANTITY, amount=float("nan")), "amount: nan is no amount"),
        (correction(QUANTITY, amount=float("inf")), "amount: inf is no amount"),
        (correction(QUANTITY, amount=None), "amount: a correction of kind quantity needs amount"),
        (correction(QUANTITY, reason="jam"), "reason: a correction of kind quantity has no reason"),
        (correction(FIGURE, element="inspected"), "Did you mean 'inspected_part_count'?"),
        (correction(FIGURE, amount=-0.1), "amount: -0.1 is no amount"),
        (correction(MERGE, amount=1.0), "amount: a correction of kind merge has no amount"),
        (
            correction(MERGE, withdraws="x"),
            "withdraws: a correction of kind merge has no withdraws",
        ),
        (correction(MERGE, author=" "), "author: nobody is named as the author"),
        (correction(MERGE, comment="x" * 1001), "comment: the text has 1001 characters"),
        (correction(SPLIT, end="10:00"), "end: split is said of an instant"),
        (correction(ORDER), "order: neither an order nor a product is named"),
        (correction(ORDER, order="4712"), "order: there is no order '4712'"),
        (correction(ORDER, product="tea"), "product: there is no product 'tea'"),
        (correction(ORDER, order="", end="10:00"), "end: order is said of an instant"),
        (correction(MERGE, order="4711"), "order: a correction of kind merge names no order"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_each_error_says_what_where_and_what_to_do(given: Correction, said: str) -> None:
    assert said in refusal(given)


def test_zero_is_an_amount() -> None:
    checked(correction(QUANTITY, amount=0.0))


def test_a_plant_without_reasons_says_where_they_belong() -> None:
    with pytest.raises(InputError, match="There is none yet: add it under reasons: in the plant"):
        check_correction(plant(), correction(REASON), (), NOW, ())


@pytest.mark.parametrize("kind", [REASON, SPLIT, MERGE, QUANTITY, FIGURE])
def test_what_has_not_come_yet_cannot_be_corrected(kind: CorrectionKind) -> None:
    end = NOW + US
    start = end if kind is SPLIT else NOW - US
    given = dataclasses.replace(correction(kind), start=start, end=end)
    assert "which has not come yet" in refusal(given)
    length = end - start
    checked(dataclasses.replace(given, start=NOW - length, end=NOW))


@pytest.mark.parametrize(
    "states", [("producing", "fault"), ("fault", "producing"), ("unknown",), ("setup",)]
)
def test_only_a_stop_can_be_split_and_only_inside(states: tuple[str, ...]) -> None:
    said = refusal(correction(SPLIT, "09:00"), states=states)
    assert said.startswith("start: the line was not stopped at 2026-03-02T09:00:00+08:00")
    assert " then ".join(states) in said


# withdrawals


def test_a_withdrawal_needs_something_that_holds() -> None:
    first = correction(REASON, id="first")
    taken = correction(WITHDRAWAL, id="taken", withdraws="first", author="Bob")
    checked(correction(WITHDRAWAL, withdraws="first"), first)
    with pytest.raises(NotFoundError, match="withdraws: line l1 has no correction 'other'"):
        checked(correction(WITHDRAWAL, withdraws="other"), first)
    with pytest.raises(NotFoundError, match="no correction 'taken'"):
        checked(correction(WITHDRAWAL, withdraws="taken"), first, taken)
    said = refusal(correction(WITHDRAWAL, withdraws="first"), first, taken)
    assert "was withdrawn already, by Bob at 2026-03-03" in said


# more items than there are


def counted(
    total: float | None, good: float | None, reject: float | None, unknown_us: int = 0
) -> pl.DataFrame:
    """FACTS of the two hours that a correction is of."""
    slices = [
        (local(f"2026-03-02 {a}:00"), local(f"2026-03-02 {b}:00"))
        for a, b in (("08", "09"), ("09", "10"))
    ]
    halves = {
        name: None if amount is None else amount / 2
        for name, amount in (("total_count", total), ("good_count", good), ("reject_count", reject))
    }
    return facts(slices, line="l1", unknown_us=unknown_us, **halves)


MEASURED = counted(100, 90, 10)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (counted(100, -400, 500), "500 rejected items would be more than the 100 counted"),
        (counted(100, 500, -400), "500 good items would be more than the 100 counted"),
        (counted(100, 80, 60), "80 good and 60 rejected items would be more than the 100"),
        (counted(5, 90, -85), "90 good items would be more than the 5 counted"),
    ],
)
def test_more_items_of_a_kind_than_items_are_refused(after: pl.DataFrame, said: str) -> None:
    with pytest.raises(InputError) as refused:
        check_balance(PLANT, correction(QUANTITY), MEASURED, after)
    assert str(refused.value).startswith(f"amount: {said}")
    assert "from 2026-03-02T08:00:00+08:00 to 2026-03-02T10:00:00+08:00" in str(refused.value)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (MEASURED, counted(100, 0, 100)),
        (MEASURED, counted(100, -0.5, 100.5)),  # told a moment before the item was
        (MEASURED, counted(100, -400, 500, unknown_us=1)),  # more may have come
        (counted(None, 10, None), counted(None, 500, None)),  # nobody counts all items
        (counted(None, None, None), counted(None, None, 7)),
        (counted(100, -400, 500), counted(200, -300, 500)),  # better than it was
    ],
)
def test_what_may_be_true_or_makes_it_better_is_let_in(
    before: pl.DataFrame, after: pl.DataFrame
) -> None:
    check_balance(PLANT, correction(QUANTITY), before, after)


# what waits for approval


WAITS = correction(MERGE, id="w", needs_approval=True)


def decided(kind: CorrectionKind, of: str = "w", by: str = "Bob", why: str = "seen") -> Correction:
    return correction(kind, id=f"{kind}-{of}", decides=of, author=by, comment=why)


def not_decided(given: Correction, *earlier: Correction) -> str:
    with pytest.raises(LineproofError) as refused:
        check_decision(PLANT, given, earlier)
    return str(refused.value)


def test_somebody_else_decides_once_and_says_why_not() -> None:
    for kind in (APPROVAL, REFUSAL):
        check_decision(PLANT, decided(kind), (WAITS,))
    own = not_decided(decided(APPROVAL, by="ANN"), WAITS)
    assert own.startswith("'ANN' made the correction w and cannot decide about it")
    assert not_decided(decided(REFUSAL, by="Ann"), WAITS).startswith("'Ann' made")
    assert "a refusal must say why" in not_decided(decided(REFUSAL, why=""), WAITS)
    assert "nobody is named" in not_decided(decided(APPROVAL, by=" "), WAITS)
    for done, said in (
        (decided(APPROVAL), "it was approved by Bob"),
        (decided(REFUSAL), "it was refused by Bob"),
        (correction(WITHDRAWAL, id="x", withdraws="w"), "it was withdrawn by Ann"),
    ):
        assert said in not_decided(decided(APPROVAL, by="Cat"), WAITS, done)
    holds = replace(WAITS, needs_approval=False)
    assert "does not wait for a decision" in not_decided(decided(APPROVAL), holds)
    for unknown in ("z", "approval-w"):
        assert "has no correction" in not_decided(
            decided(REFUSAL, unknown), WAITS, decided(APPROVAL)
        )


def test_what_waits_is_in_the_way_of_the_same_time_until_it_is_refused() -> None:
    again = correction(MERGE, "09:00", "11:00")
    said = refusal(again, WAITS)
    assert "overlaps the merge correction w" in said
    assert "by Ann, which waits for approval" in said
    assert "Withdraw or refuse that one first" in said
    checked(again, WAITS, decided(REFUSAL))


def test_one_may_wait_to_take_the_place_of_one_whose_withdrawal_waits() -> None:
    holds = correction(MERGE, id="h")
    leaves = correction(WITHDRAWAL, id="l", withdraws="h", needs_approval=True)
    instead = correction(MERGE, "09:00", "11:00", needs_approval=True)
    checked(instead, holds, leaves)
    assert "overlaps" in refusal(replace(instead, needs_approval=False), holds, leaves)
    assert "overlaps" in refusal(instead, holds)


def test_a_withdrawal_that_waits_or_was_refused() -> None:
    holds = correction(MERGE, id="h")
    leaves = correction(WITHDRAWAL, id="l", withdraws="h", needs_approval=True)
    again = correction(WITHDRAWAL, id="m", withdraws="h")
    assert "the withdrawal l of it by Ann waits for approval" in refusal(again, holds, leaves)
    checked(again, holds, leaves, decided(REFUSAL, "l"))
    assert "withdrawn already, by Ann" in refusal(again, holds, leaves, decided(APPROVAL, "l"))
    of_refused = correction(WITHDRAWAL, id="n", withdraws="w")
    assert "was refused by Bob" in refusal(of_refused, WAITS, decided(REFUSAL))
