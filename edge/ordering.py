"""Keeps the source's order where its clock is too coarse to show it. Pure.

A signal has one value at one time. A source that changes a value twice within a microsecond
(or stamps a burst with one time) would contradict itself, so the later one is moved on by a
microsecond. The last value again at its own time is a repeat and keeps that time: the store
counts it once. Late samples are not touched.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.samples import Sample

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Last:
    source_time: datetime  # as the source stamped it
    sample: Sample  # as it was passed on


class Ordering:
    """The last sample of each machine and signal, for as long as the agent runs."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str, str], _Last] = {}

    def place(self, sample: Sample) -> Sample:
        """The sample at a time of its own."""
        key = (sample.line, sample.machine, sample.signal)
        last = self._last.get(key)
        if last is None or sample.time > last.sample.time:
            self._last[key] = _Last(sample.time, sample)
            return sample
        if sample.time < last.source_time:
            return sample
        if _same_value(sample, last.sample):
            return replace(sample, time=last.sample.time)
        placed = replace(sample, time=last.sample.time + _MICROSECOND)
        self._last[key] = _Last(sample.time, placed)
        return placed


def _same_value(one: Sample, other: Sample) -> bool:
    return (one.value, one.text, one.quality) == (other.value, other.text, other.quality)
