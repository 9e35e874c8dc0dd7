"""Values while they are looked at: one for each change, and an end to all of it."""

from __future__ import annotations

import pytest

from edge.browsing import moments
from edge.browsing.moments import MOMENTS_MAX, TEXT_MAX, Moments


def test_what_repeats_says_nothing_new() -> None:
    seen: Moments[str] = Moments()
    for second, value in enumerate([1, 1, 2, 2, 1]):
        seen.add("a", second, value)
    seen.add("b", 0, True)
    seen.add("b", 1, 1)
    assert seen.of("a") == ((0, 1), (2, 2), (4, 1))
    assert seen.of("b") == ((0, True), (1, 1))
    assert seen.of("c") == ()
    assert seen.places == ["a", "b"]


def test_no_more_is_kept_than_a_draft_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: Moments[str] = Moments()
    for second in range(MOMENTS_MAX * 2):
        seen.add("a", second, second)
    took = seen.of("a")
    assert (len(took), took[-1][1]) == (MOMENTS_MAX, MOMENTS_MAX * 2 - 1)
    seen.add("t", 0, "x" * 10_000)
    assert seen.of("t") == ((0, "x" * TEXT_MAX),)
    monkeypatch.setattr(moments, "PLACES_MAX", 2)
    assert not seen.is_cut
    seen.add("b", 0, 1)
    assert seen.is_cut
    assert seen.places == ["a", "t"]
