"""Who looks at a machine now, and what each saw last: one look at a time for each person, and few
together. What was read is kept in memory for a while, to hold a panel's values against it.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime, timedelta

from api.queries.connecting.looker import Looker, Trial
from api.queries.prices import ComeAgainError
from domain.errors import NotAllowedError
from domain.grants import Reason

LOOKS_MAX = 3  # of all people together
_TRIALS_MAX = 20
_KEPT_FOR = timedelta(minutes=30)
_AGAIN_S = 15


class Looks:
    """Thread-safe. `looker` None: this node reaches no machine."""

    def __init__(self, looker: Looker | None = None) -> None:
        self._looker = looker
        self._lock = threading.Lock()
        self._now: set[str] = set()
        self._trials: OrderedDict[str, Trial] = OrderedDict()

    @property
    def networks(self) -> tuple[str, ...]:
        """Where this node may look for machines."""
        return () if self._looker is None else self._looker.networks

    @contextlib.contextmanager
    def one_of(self, person: str) -> Iterator[Looker]:
        """The looker, for one question of that person. Raises NotAllowedError where the node may
        look nowhere, ComeAgainError while another look goes on."""
        if self._looker is None or not self.networks:
            raise NotAllowedError(
                "this node may look at no machine",
                todo="Write the machines' networks into its settings' file (--config), as in "
                "machine_networks: [10.0.0.0/8], and start it again.",
            )
        with self._lock:
            if person in self._now:
                raise ComeAgainError(
                    Reason("You are looking at a machine already. Wait until that has ended."),
                    _AGAIN_S,
                )
            if len(self._now) >= LOOKS_MAX:
                raise ComeAgainError(
                    Reason("Others are looking at machines just now. Try again in a moment."),
                    _AGAIN_S,
                )
            self._now.add(person)
        try:
            yield self._looker
        finally:
            with self._lock:
                self._now.discard(person)

    @property
    def is_there(self) -> bool:
        """Whether this node reads machines itself."""
        return self._looker is not None

    def check(self, url: str) -> None:
        """Raises InputError or NotAllowedError for an address where this node may not look."""
        if self._looker is not None:
            self._looker.check(url)

    def keep(self, person: str, trial: Trial) -> None:
        """In the place of the one before."""
        with self._lock:
            self._trials.pop(person, None)
            self._trials[person] = trial
            while len(self._trials) > _TRIALS_MAX:
                self._trials.popitem(last=False)

    def last_trial(self, person: str, now: datetime) -> Trial | None:
        """None after half an hour, or where many others tried since."""
        with self._lock:
            trial = self._trials.get(person)
        return trial if trial is not None and now - trial.end <= _KEPT_FOR else None
