"""Whose facts a correction changes."""

from __future__ import annotations

from dataclasses import replace

from plants import local

from analytics.corrections.invalidation import touched, widened
from domain.corrections import Correction, CorrectionKind
from domain.plant import REASON_HOLDS_MAX, REASON_REACHES_BACK
from domain.time import MICROSECOND, Window

REASON, SPLIT, MERGE, QUANTITY, FIGURE, WITHDRAWAL, APPROVAL, REFUSAL, ORDER = CorrectionKind


def correction(kind: CorrectionKind, start: str = "08:00", end: str = "10:00") -> Correction:
    return Correction(
        id="new",
        line="l1",
        kind=kind,
        start=local(f"2026-03-02 {start}"),
        end=local(f"2026-03-02 {end}"),
        author="Ann",
        recorded_at=local("2026-03-03 12:00"),
    )


def with_borders(it: Correction) -> Window:
    return Window(it.start - MICROSECOND, it.end + MICROSECOND)


def test_figures_change_no_facts_and_others_those_of_their_time() -> None:
    amount, figure = correction(QUANTITY), correction(FIGURE)
    assert touched([amount, figure]) == [with_borders(amount)]


def test_a_reason_reaches_back_to_the_begin_of_its_stop_and_where_stops_begin_may_change() -> None:
    told = ((REASON, False), (SPLIT, True), (MERGE, True), (WITHDRAWAL, True), (APPROVAL, True))
    for kind, behind in told:
        it = correction(kind)
        whole = with_borders(it)
        end = whole.end + REASON_REACHES_BACK if behind else whole.end
        assert touched([it]) == [Window(whole.start - REASON_REACHES_BACK, end)]


def test_the_reason_of_a_stop_that_goes_on_changes_all_for_which_it_may_hold() -> None:
    for kind in (REASON, WITHDRAWAL, APPROVAL):
        it = replace(correction(kind), until_stop_ends=True)
        whole = with_borders(it)
        far = Window(whole.start - REASON_REACHES_BACK, whole.end + REASON_HOLDS_MAX)
        assert touched([it]) == [far]


def test_an_order_changes_all_behind_it() -> None:
    for kind in (ORDER, WITHDRAWAL, APPROVAL):
        (changed,) = touched([replace(correction(kind), order="4711")])
        assert changed.start <= local("2026-03-02 08:00")
        assert changed.end > local("2100-01-01 00:00")


def test_new_samples_change_the_rest_of_the_time_for_which_such_a_reason_may_hold() -> None:
    reason = replace(correction(REASON), until_stop_ends=True)
    hour = Window(local("2026-03-04 08:00"), local("2026-03-04 09:00"))
    before = Window(local("2026-03-02 08:00"), local("2026-03-02 09:00"))
    after = Window(local("2026-03-09 10:01"), local("2026-03-09 11:00"))
    assert widened([hour], [reason]) == [
        hour,
        Window(hour.start, with_borders(reason).end + REASON_HOLDS_MAX),
    ]
    assert widened([before, after], [reason]) == [before, after]


def test_what_waits_changes_nothing_and_a_refusal_neither() -> None:
    waits = replace(correction(QUANTITY), needs_approval=True)
    assert touched([waits, correction(REFUSAL)]) == []


def test_new_samples_reach_over_all_of_an_amount_or_a_merge_that_they_touch() -> None:
    changed = [Window(local("2026-03-02 08:10"), local("2026-03-02 08:20"))]
    amount, merge = correction(QUANTITY), correction(MERGE, "08:15", "11:00")
    apart = correction(QUANTITY, "08:20", "09:00")
    whole = [with_borders(amount), with_borders(merge)]
    assert widened(changed, [correction(REASON), amount, merge, apart]) == changed + whole
