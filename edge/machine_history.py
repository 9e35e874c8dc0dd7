"""What a machine's server kept of an outage, decoded; and what holds when it is over. Pure.

History is late by its nature, and the decoder of live values believes nothing late. So each part
has a decoder of its own, which begins with what had been told before and decodes what comes after.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from device_profiles.decoding.decoder import Decoder
from device_profiles.model.profile import Profile, WhenRule
from domain.columns import ReadingColumns, SampleColumns
from domain.samples import Reading, Rejection, Sample
from edge.machine_faults import RIGHT, Known, clock_now
from edge.sources.history import HistoryPart


def is_history_believed(decoder: Decoder, known: Known, now: datetime) -> bool:
    """`decoder`: of the live values; `known`: of the machine's source. Nobody compares the times of
    a history with their receipt, as is done with live ones: so it stands by the clock of the
    machine, as that is now. Nor can it show that a heartbeat moved, or what was added up before."""
    profile = decoder.profile
    wrong, _ = clock_now(known, now)
    is_clock_right = wrong == RIGHT and decoder.is_clock_right is True and not profile.by_receipt
    return is_clock_right and profile.heartbeat is None and not decoder.totals.inputs


def history_rows(
    part: HistoryPart, profile: Profile, line: str, machine: str
) -> list[Sample | Rejection]:
    """The samples of a part, of a machine whose clock is known to be right."""
    decoder = Decoder(profile, line, machine)
    decoder.decode_all(part.held)
    return decoder.decode_all(part.readings)


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
