"""What a machine's heartbeat says: that it is alive, that it is gone, or nothing.

A heartbeat that must move (a bit that toggles, a counter) says nothing by its first value: a server
goes on serving the last one of a controller that is dead. From its first change on each change says
that the machine was alive.

What a broker keeps for whoever comes (a retained message) may be of long ago: it does not say that
the machine is alive. That it is gone it does say, for a machine that comes back takes it back.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum, auto

from device_profiles.model.profile import Heartbeat
from device_profiles.model.values import Unusable, picked, symbol
from domain.samples import Quality, Reading


class Beat(Enum):
    NONE = auto()  # the reading is no heartbeat
    ALIVE = auto()
    GONE = auto()
    NOTHING = auto()  # it stands still, or is of long ago
    STRANGE = auto()  # a value that no heartbeat has, or none at all


class Heartbeats:
    """Of one machine; `heartbeat` None: its profile has none."""

    def __init__(self, heartbeat: Heartbeat | None) -> None:
        self._heartbeat = heartbeat
        self._before: str | None = None
        self._asked: datetime | None = None  # what `last_alive` was then
        self._first: datetime | None = None  # when anything of it was received
        self.last_alive: datetime | None = None  # when that was received
        self.last_gone: datetime | None = None

    def read(self, reading: Reading) -> Beat:
        """What a reading says; it is remembered."""
        heartbeat = self._heartbeat
        if heartbeat is None or reading.address != heartbeat.address.key:
            return Beat.NONE
        self._first = self._first or reading.received
        said = symbol(picked(reading.value, heartbeat.part))
        beat = Beat.STRANGE
        if not isinstance(said, Unusable) and reading.quality != Quality.BAD:
            beat = self._moved(said) if heartbeat.moves else _told(heartbeat, said)
        if beat is Beat.ALIVE and not reading.is_news:
            beat = Beat.NOTHING
        if beat is Beat.ALIVE:
            self.last_alive = reading.received
        elif beat is Beat.GONE:
            self.last_gone = reading.received
        return beat

    @property
    def still_since(self) -> tuple[str, datetime] | None:
        """The address of a heartbeat that must move, and when it did so last; of one that never
        moved, when it was read first. None: there is no such heartbeat, or nothing came of it."""
        since = self.last_alive or self._first
        if self._heartbeat is None or not self._heartbeat.moves or since is None:
            return None
        return self._heartbeat.address.key, since

    def confirm_anew(self) -> bool:
        """Whether an answer of the server shows that the machine was alive: where its heartbeat
        must move, it has done so since this was asked last."""
        asked, self._asked = self._asked, self.last_alive
        must_move = self._heartbeat is not None and self._heartbeat.moves
        return asked != self.last_alive if must_move else True

    def _moved(self, said: str) -> Beat:
        before, self._before = self._before, said
        return Beat.NOTHING if before in (None, said) else Beat.ALIVE


def _told(heartbeat: Heartbeat, said: str) -> Beat:
    if heartbeat.symbols is None or said in heartbeat.symbols:
        return Beat.ALIVE
    return Beat.GONE if said else Beat.STRANGE
