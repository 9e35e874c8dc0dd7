"""What readings of one instant say, in the order in which it is told. Pure.

A time that is not sure (`source_time`) leaves a mark before or after its value: a reading of bad
quality, so that for every kind of signal nothing is known from there on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from device_profiles.decoding.address_times import Judged
from device_profiles.decoding.convert import Content, Observed
from domain.samples import Quality, Reading, Rejection
from domain.signals import SignalKind, signal_named

Placed = tuple[Reading, Judged]


@dataclass(slots=True)
class Instant:
    """What readings of one instant say: every count, the last value of each other signal, the
    inputs of combined signals that changed, and those of them that have no value now."""

    counted: list[tuple[str, Content, Observed]] = field(default_factory=list)
    held: dict[str, tuple[Content, Observed]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    without_value: list[tuple[str, Reading]] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)

    def add(self, signal: str, content: Content | None, observed: Observed) -> None:
        if content is None:
            return
        if signal_named(signal).kind is SignalKind.COUNTER:
            self.counted.append((signal, content, observed))
        else:
            self.held[signal] = (content, observed)


def in_turn(placed: Sequence[Placed]) -> Iterator[list[Placed]]:
    """The marks before the values, the values, the marks after them."""
    before = [
        (_unknown(reading), replace(judged, time=judged.unsure_from, timed=True))
        for reading, judged in placed
        if judged.unsure_from is not None
    ]
    after = [
        (_unknown(reading), Judged(judged.ends, timed=False, is_certain=True))
        for reading, judged in placed
        if judged.ends is not None
    ]
    values = [(reading, judged) for reading, judged in placed if judged.is_placed]
    yield from (it for it in (before, values, after) if it)


def _unknown(reading: Reading) -> Reading:
    return replace(reading, quality=Quality.BAD)
