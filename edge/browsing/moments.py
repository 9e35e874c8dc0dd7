"""The values that each place took while it was looked at, one for each change, and not too many."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

from device_profiles.drafting.seen import Plain

MOMENTS_MAX = 200  # of one place
PLACES_MAX = 20_000
TEXT_MAX = 300  # characters that are kept of a text
_Place = TypeVar("_Place", bound=Hashable)


class Moments(Generic[_Place]):
    """`is_cut`: there were more places than are kept."""

    def __init__(self) -> None:
        self._moments: dict[_Place, list[tuple[float, Plain]]] = {}
        self.is_cut = False

    def add(self, place: _Place, second: float, value: Plain) -> None:
        """A value that was read; what repeats the one before says nothing new."""
        if place not in self._moments and len(self._moments) >= PLACES_MAX:
            self.is_cut = True
            return
        took = self._moments.setdefault(place, [])
        value = value[:TEXT_MAX] if isinstance(value, str) else value
        if not took or took[-1][1] != value or type(took[-1][1]) is not type(value):
            if len(took) == MOMENTS_MAX:
                took[-1] = second, value
            else:
                took.append((second, value))

    def of(self, place: _Place) -> tuple[tuple[float, Plain], ...]:
        return tuple(self._moments.get(place, ()))

    @property
    def places(self) -> list[_Place]:
        return list(self._moments)
