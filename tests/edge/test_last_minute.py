"""Values a second and delays of the last minute, against what was let come."""

import pytest

from edge.last_minute import LastMinute, Pace


def looked(*looks: tuple[float, int, float | None]) -> Pace:
    minute = LastMinute(100.0)
    for at_s, values, lag_s in looks:
        minute.look(at_s, values, lag_s)
    return minute.pace


def test_before_anything_came() -> None:
    assert LastMinute(100.0).pace == Pace(0.0, None, None)
    assert looked((101, 0, None), (102, 0, None)) == Pace(0.0, None, None)


def test_since_the_start_while_that_is_shorter_than_a_minute() -> None:
    assert looked((101, 10, 0.5), (110, 100, 0.25)) == Pace(10.0, 0.375, 0.5)


def test_what_is_older_than_a_minute_counts_no_more() -> None:
    looks = [
        (100.0 + second, 1_000 if second < 200 else 1_000 + 5 * (second - 199), 0.1)
        for second in range(1, 300)
    ]
    assert looked(*looks).values_per_s == pytest.approx(5.0)
    quiet = [(100.0 + second, 1_000, 9.0 if second < 5 else None) for second in range(1, 300)]
    assert looked(*quiet) == Pace(0.0, None, None)


def test_looks_that_come_late_keep_one_before_the_minute() -> None:
    """A busy machine looks seldom: the rate is over the time that was looked at."""
    assert looked((101, 0, None), (401, 3_000, 1.0)).values_per_s == pytest.approx(10.0)


def test_memory_is_that_of_a_minute() -> None:
    minute = LastMinute(0.0)
    for second in range(1, 10_000):
        minute.look(float(second), second, 0.0)
    assert len(minute._looks) <= 62


def test_a_clock_that_is_ahead_gives_a_negative_delay() -> None:
    assert looked((101, 1, -3.0), (102, 2, -4.0), (103, 3, -5.0)) == Pace(1.0, -4.0, -3.0)
