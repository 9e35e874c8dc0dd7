"""Days drawn by lot: as a stranger draws them by the words alone, and every one as likely."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from itertools import combinations

import pytest

from domain.ledger.drawing import catch_probability, draw_seed, drawn_days

DAYS = [date(2026, 3, 2) + timedelta(days=it) for it in range(30)]
CHECKPOINT = "lineproof/x/1\n7\nbylOwyp5UUZHKaFbZIa08HdcE2A8Ok+lJ2DcX486tIQ=\n"


def stranger(seed: bytes, line: str, days: list[date], count: int) -> list[date]:
    """Another program, from the page alone."""
    left, found = list(days), []
    for number in range(10_000):
        if len(found) == count:
            break
        text = b"%s%s\n%d" % (seed, line.encode(), number)
        draw = int(hashlib.sha256(text).hexdigest()[:16], 16)
        if draw < 2**64 // len(left) * len(left):
            found.append(left[draw % len(left)])
            left.remove(found[-1])
    return found


def test_a_stranger_draws_the_same() -> None:
    seed = draw_seed("ab" * 32, "a word", CHECKPOINT)
    text = "lineproof-challenge/1\n" + "ab" * 32 + "\na word\n" + CHECKPOINT
    assert seed == hashlib.sha256(text.encode()).digest()
    for line in ("press-1", "一號線"):
        assert drawn_days(seed, line, DAYS, 12) == stranger(seed, line, DAYS, 12)
    assert drawn_days(seed, "press-1", DAYS, 12) != drawn_days(seed, "press-2", DAYS, 12)


def test_whatever_goes_in_decides() -> None:
    seeds = {
        draw_seed("ab" * 32, "", CHECKPOINT),
        draw_seed("ac" * 32, "", CHECKPOINT),
        draw_seed("ab" * 32, "a", CHECKPOINT),
        draw_seed("ab" * 32, "", CHECKPOINT.replace("7", "8")),
    }
    assert len({tuple(drawn_days(it, "press-1", DAYS, 9)) for it in seeds}) == 4


def test_all_days_are_drawn_once_and_no_more() -> None:
    seed = draw_seed("ab" * 32, "", CHECKPOINT)
    assert sorted(drawn_days(seed, "x", DAYS[::-1], 30)) == DAYS
    assert drawn_days(seed, "x", [], 0) == []
    with pytest.raises(ValueError, match="31 of 30 days"):
        drawn_days(seed, "x", DAYS, 31)


def test_every_day_is_as_likely() -> None:
    """Three of seven, 7,000 times: each day 3,000 times but for chance (5 standard deviations)."""
    often = dict.fromkeys(DAYS[:7], 0)
    for number in range(7_000):
        for day in drawn_days(draw_seed("ab" * 32, str(number), CHECKPOINT), "x", DAYS[:7], 3):
            often[day] += 1
    assert all(abs(it - 3_000) < 5 * (7_000 * 3 / 7 * 4 / 7) ** 0.5 for it in often.values())


@pytest.mark.parametrize(("days", "share", "opened"), [(9, 0.3, 2), (9, 0.34, 4), (6, 1.0, 1)])
def test_how_likely_a_forged_day_is_caught(days: int, share: float, opened: int) -> None:
    forged = set(range(-(-int(days * share * 100) // 100)))
    ways = list(combinations(range(days), opened))
    caught = sum(bool(forged.intersection(it)) for it in ways) / len(ways)
    assert catch_probability(days, share, opened) == pytest.approx(caught)


def test_who_opens_nothing_catches_nobody() -> None:
    assert catch_probability(30, 0.5, 0) == 0.0
    assert catch_probability(30, 0.0, 30) == 0.0
    assert catch_probability(30, 0.05, 99) == 1.0
