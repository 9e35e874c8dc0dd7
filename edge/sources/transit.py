"""How long a message was on its way, as far as the machine's own times show it. Pure.

A message shows that nothing is missing up to when it was said, not up to when it came: what the
machine said while it was held up may be held up behind it, and is gone if the connection breaks.
The clocks of machine and agent need not agree, so the quickest message is taken as one that came at
once, and each other one as held up by as much longer as it took, be it little: the change that is
lost may have been made in this moment.

    said      came      took   held up
    10:00:00  10:00:07   7 s   -        (a clock that is 7 s behind)
    10:00:01  10:00:08   7 s   -
    10:00:02  10:00:12  10 s   3 s: shows nothing behind 10:00:09
    -         10:00:12   ?     3 s, as the last one whose time is known
    10:00:11  10:00:18   7 s   -

A clock that was set back makes messages late, too. But what was held up was said after the last one
that came at once, so it cannot be later than that is ago. What is later tells of before, or by a
clock that was set: it says nothing of its way, and neither does what is late by the same after it.
Where all stay late by the same for CLOCK_AFTER, it is a clock, and counts anew from then on: what
was held up comes faster than it was said, so the time that it takes becomes shorter.

When a message was said is told by a Sparkplug payload's timestamp, by the publish time of an OPC UA
notification, and by the newest time in a message of MQTT. Of messages that have no times at all it
is not known; neither is it of their values, which stand at their receipt, too.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

AT_ONCE = timedelta(seconds=1)  # so much longer than the quickest is nothing out of the ordinary
CLOCK_AFTER = timedelta(minutes=10)
AHEAD_MAX = timedelta(days=1)  # of a clock; what is further ahead is no time
_CLOCKS_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


class Transit:
    """Of all messages of one machine."""

    def __init__(self) -> None:
        self._quickest: timedelta | None = None
        self._at_once: datetime | None = None  # when the last one came that did so
        self._late: tuple[datetime, timedelta] | None = None  # the first that did not, since
        self._apart: timedelta | None = None  # what one took that says nothing of its way
        self._held_up = timedelta()  # the last one whose time is known

    def shows_until(self, said: datetime | None, came: datetime) -> datetime:
        """Up to when a message shows that nothing is missing, by the agent's clock. `said`: by the
        machine's clock; None: it does not say."""
        if said is not None and _CLOCKS_BEGIN <= said <= came + AHEAD_MAX:
            self._held_up = self._held_up_by(came - said, came)
        return came - self._held_up

    def _held_up_by(self, took: timedelta, came: datetime) -> timedelta:
        if self._quickest is None or self._at_once is None:
            self._quickest, self._at_once = took, came
        late_by = took - self._quickest
        if late_by <= AT_ONCE or self._stays_late(took, came):
            self._quickest = min(took, self._quickest) if late_by <= AT_ONCE else took
            self._at_once, self._late, self._apart = came, None, None
            return took - self._quickest
        if late_by > came - self._at_once + AT_ONCE:
            self._apart = took
        is_apart = self._apart is not None and abs(took - self._apart) <= AT_ONCE
        return self._held_up if is_apart else late_by

    def _stays_late(self, took: timedelta, came: datetime) -> bool:
        if self._late is None:
            self._late = came, took
        since, first = self._late
        return came - since > CLOCK_AFTER and took > first - AT_ONCE
