"""Whose facts a correction changes: windows of time that must be computed again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.corrections import TOLD_AS_A_WHOLE, Correction, CorrectionKind
from domain.time import MICROSECOND, Window

_UNTOUCHED = (CorrectionKind.FIGURE,)  # beside the facts, not in them


def touched(corrections: Iterable[Correction]) -> list[Window]:
    """Where facts change when these are recorded, or withdrawn.

    A change at a border belongs to the slices on both sides, hence the microsecond around.
    """
    return [
        Window(it.start - MICROSECOND, it.end + MICROSECOND)
        for it in corrections
        if it.kind not in _UNTOUCHED
    ]


def widened(windows: Sequence[Window], holding: Iterable[Correction]) -> list[Window]:
    """The windows in which samples or corrections changed, each widened to the whole of every
    QUANTITY and MERGE that it touches; they may overlap.

    A correction inside the time of a QUANTITY does not change that amount, but it cuts time, and
    sums over finer cells are rounded differently.
    """
    more = [
        Window(it.start - MICROSECOND, it.end + MICROSECOND)
        for it in holding
        if it.kind in TOLD_AS_A_WHOLE
        and any(window.start < it.end and window.end > it.start for window in windows)
    ]
    return [*windows, *more]
