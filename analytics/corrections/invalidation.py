"""Whose facts a correction changes: windows of time that must be computed again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analytics.corrections.validation import _MICROSECOND
from domain.corrections import TOLD_AS_A_WHOLE, Correction, CorrectionKind
from domain.time import Window

_UNTOUCHED = (CorrectionKind.FIGURE,)  # beside the facts, not in them


def touched(corrections: Iterable[Correction]) -> list[Window]:
    """Where facts change when these are recorded (or, by a withdrawal, hold no longer).

    A change at a border belongs to the slices on both sides, hence the microsecond around.
    """
    return [
        Window(it.start - _MICROSECOND, it.end + _MICROSECOND)
        for it in corrections
        if it.kind not in _UNTOUCHED
    ]


def widened(windows: Sequence[Window], holding: Iterable[Correction]) -> list[Window]:
    """The windows in which samples or corrections changed, with all of the corrections that they
    reach into and that are told as a whole; they may overlap.

    A correction within an amount is no change of the amount, but time is cut at it, and sums
    over finer cells are rounded otherwise.
    """
    more = [
        Window(it.start - _MICROSECOND, it.end + _MICROSECOND)
        for it in holding
        if it.kind in TOLD_AS_A_WHOLE
        and any(window.start < it.end and window.end > it.start for window in windows)
    ]
    return [*windows, *more]
