"""How many documents may come in at one time: each lies on the disk until it is whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from api.http.lanes import RETRY_AFTER_S
from api.queries.prices import ComeAgainError
from domain.grants import Reason

AT_ONCE = 16
OF_ONE_CALLER = 4  # so that nobody's slow ones keep everybody else's out


class Uploads:
    """Places for documents that come in. For one event loop."""

    def __init__(self) -> None:
        self._places: Counter[str] = Counter()

    @contextmanager
    def place(self, caller: str) -> Iterator[None]:
        """One of the caller's, until the block ends. Raises ComeAgainError where none is free."""
        if self._places.total() >= AT_ONCE or self._places[caller] >= OF_ONE_CALLER:
            raise ComeAgainError(
                Reason(
                    "Too many documents are coming in already. Attach this one when one of them "
                    "has arrived."
                ),
                RETRY_AFTER_S,
            )
        self._places[caller] += 1
        try:
            yield
        finally:
            self._places[caller] -= 1
            self._places += Counter()  # drops those who have none any more
