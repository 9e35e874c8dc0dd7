"""Whose facts a correction changes."""

from __future__ import annotations

from plants import local

from analytics.corrections.invalidation import touched, widened
from domain.corrections import Correction, CorrectionKind
from domain.time import MICROSECOND, Window

REASON, _, MERGE, QUANTITY, FIGURE, _ = CorrectionKind


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
    reason, figure = correction(REASON), correction(FIGURE)
    assert touched([reason, figure]) == [with_borders(reason)]


def test_new_samples_reach_over_all_of_an_amount_or_a_merge_that_they_touch() -> None:
    changed = [Window(local("2026-03-02 08:10"), local("2026-03-02 08:20"))]
    amount, merge = correction(QUANTITY), correction(MERGE, "08:15", "11:00")
    apart = correction(QUANTITY, "08:20", "09:00")
    whole = [with_borders(amount), with_borders(merge)]
    assert widened(changed, [correction(REASON), amount, merge, apart]) == changed + whole
