"""What both ways of delivering share: how a failure is told, and when to try again."""

from __future__ import annotations

from datetime import timedelta

FIRST_AGAIN = timedelta(minutes=1)
TRY_AGAIN_MAX = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=30)


class NotDeliveredError(Exception):
    """It did not arrive, as far as is known. `for_good`: trying again is of no use. `is_server`:
    the server is no use now, so that no other message will get through."""

    def __init__(self, why: str, *, for_good: bool = False, is_server: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good
        self.is_server = is_server


def try_again_after(tries: int) -> timedelta:
    """Twice as long each time, up to an hour. `tries`: there were so many before.

    >>> [int(try_again_after(it).total_seconds()) for it in (0, 1, 5, 6, 10_000)]
    [60, 120, 1920, 3600, 3600]
    """
    return min(FIRST_AGAIN * (1 << min(tries, 10)), TRY_AGAIN_MAX)
