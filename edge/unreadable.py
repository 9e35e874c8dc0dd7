"""Values whose messages come and cannot be read: how long what held before may still hold. Pure.

One message that is spoilt costs itself. When an address has had nothing but such messages for
`stale_after_s`, its value is unknown from the first of them on: a device whose firmware changed
what it sends is not known to do what it did before, even while other values of it go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True)
class Unreadable:
    """The addresses of one machine."""

    stale_after_s: float
    _since: dict[str, datetime] = field(default_factory=dict)
    _ended: set[str] = field(default_factory=set)

    def read(self, address: str) -> None:
        """A value of the address came."""
        self._since.pop(address, None)
        self._ended.discard(address)

    def read_all(self, addresses: Sequence[str]) -> None:
        """A value of each came."""
        if self._since:
            for address in addresses:
                self.read(address)

    def failed(self, address: str, at: datetime) -> datetime | None:
        """A message without it came; since when the value is unknown, said once."""
        since = self._since.setdefault(address, at)
        if address in self._ended or at - since <= timedelta(seconds=self.stale_after_s):
            return None
        self._ended.add(address)
        return since
