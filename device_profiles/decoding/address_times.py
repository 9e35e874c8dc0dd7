"""What came of one address, and when its values were true: the memory of `source_time`. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from device_profiles.decoding.remembered import RememberedAddress
from device_profiles.model.values import shown


class Doubt(StrEnum):
    """Why a source time is not believed, in words without amounts, so that it can be counted."""

    AHEAD = "source time ahead of receipt: the value stands at its receipt"
    NEVER_SET = "source time of a clock that was never set: the value stands at its receipt"
    BEHIND = "source time before what had come already: it is not believed"
    STILL = "source time stands still while the value changes: the value stands at its receipt"


@dataclass(frozen=True, slots=True)
class Judged:
    """When a value was true. `timed`: by the machine's own time, not by that of receipt.
    `is_certain`: the profile asks for no other time than this one.

    `unsure_from`: from then on it is not known what was true, up to the value; `is_placed`: there
    is a time at which the value was true. `is_old`: a newer value came before; `ends`: when it is
    not known any more whether that one holds."""

    time: datetime
    timed: bool
    is_certain: bool
    doubt: Doubt | None = None
    unsure_from: datetime | None = None
    is_placed: bool = True
    is_old: bool = False
    ends: datetime | None = None


@dataclass(slots=True)
class AddressTimes:
    """What came of one address: the last reading, and the times that were given."""

    value: Any
    source: datetime | None
    since: datetime  # when the first value with this source time was received
    given: datetime  # the newest time given
    believed: datetime | None = None  # the newest source time believed
    at_receipt: datetime | None = None  # where the newest value stands that had no usable time
    still: datetime | None = None  # a source time that was seen to stand still
    late: tuple[datetime, datetime] | None = None  # source and receipt where lateness began
    unproven: datetime | None = None  # where its first value stands, if at no time of its own
    holds: str | None = None  # the newest value; None: it is not known whether it holds
    ended: datetime | None = None  # when that was so last
    changes: deque[tuple[datetime, str | None]] = field(
        default_factory=deque
    )  # of what was known to be true, in the order of their times
    is_remembered: bool = False  # nothing has come of it since that is known

    @classmethod
    def begin(cls, value: Any, received: datetime, changes_max: int) -> AddressTimes:
        """Before its first value, which comes now."""
        return cls(value, None, received, received, changes=deque(maxlen=changes_max))

    @classmethod
    def of(cls, known: RememberedAddress, changes_max: int) -> AddressTimes:
        """As it was left. Its last value and source time came at the time at which they stand."""
        last, says = known.changes[-1]
        given = max(it for it in (last, known.believed, known.at_receipt) if it is not None)
        return cls(
            value=says,
            source=known.believed,
            since=given,
            given=given,
            believed=known.believed,
            at_receipt=known.at_receipt,
            holds=says,
            ended=last if says is None else None,
            changes=deque(known.changes, maxlen=changes_max),
            is_remembered=True,
        )

    def remembered(self, changes_max: int) -> RememberedAddress:
        last = tuple(self.changes)[-changes_max:]
        return RememberedAddress(believed=self.believed, at_receipt=self.at_receipt, changes=last)

    def told(self, time: datetime) -> str | None:
        """What was known to be true at a time; None: nothing."""
        if self.changes and self.changes[-1][0] <= time:  # as nearly always
            return self.changes[-1][1]
        index = bisect_right(self.changes, time, key=lambda it: it[0])
        return self.changes[index - 1][1] if index else None

    def take(self, judged: Judged, says: str) -> None:
        if not judged.is_old:
            self._change(judged.unsure_from, None)
            self.take_newest(judged.time, says)
        elif judged.ends is not None:
            self._change(judged.ends, None)
            self.holds, self.ended = None, judged.ends

    def take_newest(self, time: datetime, says: str) -> None:
        """A value holds from then on."""
        self._change(time, says)
        self.holds = says

    @property
    def is_settled(self) -> bool:
        """Whether its last value came at a time of its own, and holds since its last change."""
        is_timed = self.source is not None and self.believed is not None
        is_known = not self.is_remembered and self.unproven is None
        holds = self.changes[-1][1] if self.changes else None
        return is_timed and is_known and holds == self.holds == shown(self.value)

    @property
    def newest(self) -> datetime:
        """The newest time of which anything is known."""
        times = self.source, self.believed, self.at_receipt, self.given
        return max(it for it in times if it is not None)

    def skip_to(
        self, value: Any, says: str, source: datetime, received: datetime, changed: datetime | None
    ) -> None:
        """Several values came in order, none of them late: the last one with its times, and since
        when it holds; None: since before them."""
        self.value, self.holds = value, says
        self.source = self.believed = self.given = source
        self.since, self.late = received, None
        if changed is not None:
            self.changes.append((changed, says))

    def _change(self, time: datetime | None, says: str | None) -> None:
        last_time, last = self.changes[-1] if self.changes else (time, None)
        if time is not None and last_time is not None and time >= last_time and says != last:
            self.changes.append((time, says))
