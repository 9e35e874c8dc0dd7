"""Which time of a broken connection is known by the messages that the broker kept. Pure.

MQTT has no numbers that would show a gap. But a broker that still has our session has kept all that
was published at least once (QoS 1) meanwhile, and a message that says when its values were true
says so of that time, whenever it comes. So from one such message to the next one of the machine it
was alive, as if they had come at once, where they follow each other within `stale_after`:

    10:00:00  the last message before the connection broke
              10:00:20, 10:00:40, 10:02:30 and 10:02:50, kept and told at 10:03:00
    10:03:10  the first one after it
    known     10:00:00 ─ 10:00:40 and 10:02:30 ─ 10:03:10, where `stale_after` is a minute

Nothing of a break is known by it

- once a message came at most once (QoS 0): such ones are not kept;
- if a value of a message has no time of its own: nobody knows when it was true;
- if so many messages were kept that the broker may have dropped others (`keeps`).

From a message of which nothing can be used to the next one that can, nothing is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

KEPT_AHEAD_MAX = timedelta(seconds=5)  # of a machine's clock that is kept, before ours

Part = tuple[datetime, datetime]  # from, to


class KeptMessages:
    """Of one machine, over all its connections."""

    def __init__(self, stale_after: timedelta, keeps: int) -> None:
        self._stale_after = stale_after
        self._keeps = keeps
        self._is_at_least_once = True  # all that ever came
        self._heard: datetime | None = None  # up to when all had come
        self.is_open = False  # a break, whose messages may still come
        self._until: datetime | None = None  # connected again
        self._last: datetime | None = None  # of the break: when the machine was alive
        self._parts: list[Part] = []
        self._count = 0

    def lost(self) -> None:
        """The connection is gone."""
        if not self.is_open and self._heard is not None:
            self.is_open = True
            self._last, self._parts, self._count = self._heard, [], 0

    def resumed(self, at: datetime, *, has_session: bool) -> None:
        """Connected again; `has_session`: the broker still had ours."""
        self._until = at
        self.is_open = self.is_open and has_session and self._is_at_least_once

    def came(
        self,
        qos: int,
        times: Sequence[datetime | None],
        received: datetime,
        shown_until: datetime | None,
    ) -> list[Part]:
        """A message that is no retained one. `times`: its values' own; needed only while a break
        `is_open`. `shown_until`: up to when it shows that nothing is missing; None: nothing of it
        is understood. Gives what is known of the break, in order, with the message by which all
        that was kept has come."""
        self._is_at_least_once = self._is_at_least_once and qos > 0
        if shown_until is not None:
            self._heard = max(shown_until, self._heard or shown_until)
        if not self.is_open or self._until is None:
            return []
        if not self._is_at_least_once or None in times:
            self.is_open = False
        elif shown_until is not None and times:
            at = min(max(it for it in times if it is not None), received)
            self._alive(at)
            if at > self._until + KEPT_AHEAD_MAX:
                self.is_open = False
                return self._parts
        else:
            self._last = None
        return []

    def _alive(self, at: datetime) -> None:
        assert self._until is not None
        self._count = self._count + 1 if at < self._until else 0  # then no more of them wait
        if self._count >= self._keeps:
            self.is_open = False
            return
        last, self._last = self._last, at
        if last is None:
            return
        if at <= last:
            self._last = last
        elif at - last > self._stale_after:
            pass
        elif self._parts and self._parts[-1][1] == last:
            self._parts[-1] = self._parts[-1][0], at
        else:
            self._parts.append((last, at))
