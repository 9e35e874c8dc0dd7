"""Whose facts a correction changes: windows of time that must be computed again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from domain.corrections import OF_ANOTHER, TOLD_AS_A_WHOLE, Correction, CorrectionKind
from domain.plant import REASON_HOLDS_MAX, REASON_REACHES_BACK
from domain.time import MICROSECOND, Window

# Where stops begin may change; what a record of another one changes depends on that one.
_RECUT = (CorrectionKind.SPLIT, CorrectionKind.MERGE, *OF_ANOTHER)
# The one is beside the facts, not in them; the other changes nothing.
_EVER = timedelta(days=36_525)
_UNTOUCHED = (CorrectionKind.FIGURE, CorrectionKind.REFUSAL)


def touched(corrections: Iterable[Correction]) -> list[Window]:
    """Where facts change when these are recorded. One that needs approval changes none: its
    APPROVAL does.

    A change at a border belongs to the slices on both sides, hence the microsecond around.
    """
    return [
        Window(it.start - _before(it) - MICROSECOND, it.end + _behind(it) + MICROSECOND)
        for it in corrections
        if it.kind not in _UNTOUCHED and not it.needs_approval
    ]


def _before(correction: Correction) -> timedelta:
    """How far before it facts may change: a reason reaches back to where a stop begins."""
    return (
        REASON_REACHES_BACK if correction.kind in (CorrectionKind.REASON, *_RECUT) else timedelta(0)
    )


def _behind(correction: Correction) -> timedelta:
    """How far behind it: where another stop begins, reasons behind it reach back to; a stop that
    went on may last; an order holds until the next."""
    if correction.until_stop_ends:
        return REASON_HOLDS_MAX
    if correction.tells_order:
        return _EVER
    return REASON_REACHES_BACK if correction.kind in _RECUT else timedelta(0)


def widened(windows: Sequence[Window], holding: Iterable[Correction]) -> list[Window]:
    """The windows in which samples or corrections changed, each widened to the whole of every
    QUANTITY and MERGE that it touches, and to the rest of the time for which the reason of a stop
    that went on may hold; they may overlap.

    A correction inside the time of a QUANTITY does not change that amount, but it cuts time, and
    sums over finer cells are rounded differently.
    """
    holding = tuple(holding)
    more = [
        Window(it.start - MICROSECOND, it.end + MICROSECOND)
        for it in holding
        if it.kind in TOLD_AS_A_WHOLE
        and any(window.start < it.end and window.end > it.start for window in windows)
    ]
    more += [
        Window(window.start, it.end + REASON_HOLDS_MAX + MICROSECOND)
        for it in holding
        if it.until_stop_ends
        for window in windows
        if it.end <= window.end and window.start <= it.end + REASON_HOLDS_MAX
    ]
    return [*windows, *more]
