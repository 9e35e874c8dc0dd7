"""What a machine's server kept of an outage, decoded; and what holds when it is over. Pure.

History is late by its nature, and the decoder of live values believes nothing late. So each part
has a decoder of its own, which begins with what had been told before and decodes what comes after.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from device_profiles.decoding.decoder import Decoder
from device_profiles.decoding.heartbeats import Beat, Heartbeats
from device_profiles.model.profile import Profile, WhenRule
from domain.columns import ReadingColumns, SampleColumns
from domain.samples import Reading, Rejection, Sample
from edge.machine_faults import RIGHT, Known, clock_now
from edge.sources.history import HistoryPart


def is_history_believed(decoder: Decoder, known: Known, now: datetime) -> bool:
    """`decoder`: of the live values; `known`: of the machine's source. Nobody compares the times of
    a history with their receipt, as is done with live ones: so it stands by the clock of the
    machine, as that is now. Nor can it show what was added up before, or what a heartbeat said that
    need not move."""
    profile = decoder.profile
    wrong, _ = clock_now(known, now)
    is_clock_right = wrong == RIGHT and decoder.is_clock_right is True and not profile.by_receipt
    has_moving = profile.heartbeat is None or profile.heartbeat.moves
    return is_clock_right and has_moving and not decoder.totals.inputs


class MachineHistory:
    """Of a machine whose clock is known to be right, part by part in their order. Where a heartbeat
    must move, it is alive from one move to the next within `stale_after_s`."""

    def __init__(self, profile: Profile, line: str, machine: str, stale_after_s: float) -> None:
        self._profile = profile
        self._line = line
        self._machine = machine
        self._stale_after = timedelta(seconds=stale_after_s)
        self._complete: tuple[datetime, datetime] | None = None  # up to the part before

    def rows(self, part: HistoryPart) -> list[Sample | Rejection]:
        """The samples of a part."""
        decoder = Decoder(self._profile, self._line, self._machine)
        decoder.decode_all(part.held)
        return decoder.decode_all(part.readings)

    def known(self, part: HistoryPart) -> list[tuple[datetime, datetime]]:
        """From when to when the machine was alive and the history is complete, as a part shows."""
        if part.known is None or self._profile.heartbeat is None:
            return [] if part.known is None else [part.known]
        begin, end = part.known
        if self._complete is not None and self._complete[1] == begin:
            begin = self._complete[0]
        self._complete = begin, end
        return [
            (max(earlier, begin), min(later, end))
            for earlier, later in pairwise(self._moves(part))
            if later - earlier <= self._stale_after and max(earlier, begin) < min(later, end)
        ]

    def _moves(self, part: HistoryPart) -> list[datetime]:
        """When the heartbeat moved: last before the part, and in it."""
        beats, moves = Heartbeats(self._profile.heartbeat), list[datetime]()
        for reading in (*part.held, *part.readings):
            beat = beats.read(reading)
            is_move = beat is Beat.ALIVE or (beat is Beat.NOTHING and not moves)
            if is_move and reading.source_time is not None:
                moves.append(reading.source_time)
        return moves


def without_between(
    rows: Iterable[Sample | SampleColumns | Rejection],
    handed_over: Sequence[Reading | ReadingColumns],
    profile: Profile,
) -> list[Sample | SampleColumns | Rejection]:
    """What holds after an outage, without what only seems to have held in it. `handed_over`: what
    the rows were decoded from; the first reading of each address is the value that holds.

    A signal made of several inputs changes with each of them. Of two that changed in the outage,
    only what both say together was true, from the time of the later one on: before that the earlier
    one may have been something else again, of which only a history knows.
    """
    readings = [
        reading
        for it in handed_over
        for reading in (it.readings() if isinstance(it, ReadingColumns) else [it])
    ]
    first = {it.address: it for it in reversed(readings) if not it.unchanged}
    all_hold_from = max((it.source_time or it.received for it in first.values()), default=None)
    if all_hold_from is None:
        return list(rows)
    combined = {it.signal for it in profile.rules if isinstance(it, WhenRule)}
    return [
        row
        for row in rows
        if not isinstance(row, Sample) or row.signal not in combined or row.time >= all_hold_from
    ]
