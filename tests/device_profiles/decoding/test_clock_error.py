"""By how much a machine's clock is off: told when all agree on it, and not before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from device_profiles.decoding.clock_error import ClockError, ClockWatch

START = datetime(2026, 3, 2, tzinfo=UTC)


def error(pairs: Iterable[tuple[float, float]]) -> ClockError | None:
    """Pairs: seconds of receipt, and by how much the source time is ahead of it."""
    watch = ClockWatch()
    for received_s, ahead_s in pairs:
        received = START + timedelta(seconds=received_s)
        watch.seen(received + timedelta(seconds=ahead_s), received)
    return watch.error


@pytest.mark.parametrize(
    ("ahead_s", "hours"),
    [(28_800, 8.0), (-28_800.4, -8.0), (19_800, 5.5), (-3_650, -1.0), (1_000, None), (90, None)],
)
def test_an_offset_of_every_value_is_told_within_a_minute(
    ahead_s: float, hours: float | None
) -> None:
    found = error((n, ahead_s - n % 3) for n in range(40))
    assert found is not None
    assert abs(found.ahead_s - ahead_s) <= 3
    assert found.zone_hours == hours


def test_ten_seconds_apart_is_soon_enough() -> None:
    assert error((n * 10, -28_800) for n in range(5)) is not None
    assert error((n * 10, -28_800) for n in range(4)) is None


@pytest.mark.parametrize(
    "pairs",
    [
        [(n, -0.3) for n in range(60)],  # right
        [(n, 4.0) for n in range(60)],  # within the tolerance
        [(n / 20, n - 3600.0) for n in range(1000)],  # a buffer is emptied
        [(n, 3600.0 if n % 2 else 0.0) for n in range(60)],  # one input of two
        [(n, -300.0 * (n % 7)) for n in range(60)],  # values of various age
        [(n, 3600.0) for n in range(60)] + [(60 + n, 0.0) for n in range(2)],  # right again
    ],
)
def test_what_is_no_wrong_clock_is_not_told(pairs: list[tuple[float, float]]) -> None:
    assert error(pairs) is None


def test_the_first_value_of_an_address_may_be_old() -> None:
    watch = ClockWatch()
    for n in range(60):
        received = START + timedelta(seconds=n)
        watch.seen(received - timedelta(hours=1), received, is_first=True)
    assert watch.error is None


@pytest.mark.parametrize(
    ("ahead_s", "amount"),
    [(28_800, "8 h 0 min"), (-125.2, "2 min 5 s"), (3_599.6, "1 h 0 min"), (-5_430, "1 h 30 min")],
)
def test_the_amount_is_written_for_people(ahead_s: float, amount: str) -> None:
    assert ClockError(ahead_s).amount == amount
