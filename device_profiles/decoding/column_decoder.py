"""A decoder with short ways for plain numbers, in columns and one by one; all others go the general
one. Pure.

What comes out is the same as of `Decoder.decode_all` of the same readings, but that samples of
several signals at one instant may stand in another order, which says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from device_profiles.decoding.decoder import Decoder
from device_profiles.decoding.plain_numbers import PlainNumbers, Told, at, plain_rules
from device_profiles.decoding.plain_readings import PlainReadings
from device_profiles.decoding.remembered import Remembered
from device_profiles.decoding.source_time import PAUSE_MAX
from device_profiles.model.profile import Profile
from device_profiles.model.values import shown
from domain.columns import ReadingColumns, SampleColumns
from domain.samples import Reading, Rejection, Sample
from domain.time import micros


class ColumnDecoder(Decoder):
    """Arguments as of `Decoder`."""

    def __init__(
        self,
        profile: Profile,
        line: str,
        machine: str,
        *,
        is_clock_right: bool | None = True,
        pause_max: timedelta = PAUSE_MAX,
        remembered: Remembered | None = None,
    ) -> None:
        super().__init__(
            profile,
            line,
            machine,
            is_clock_right=is_clock_right,
            pause_max=pause_max,
            remembered=remembered,
        )
        rules = plain_rules(profile)
        self._plain_readings = PlainReadings(rules, line, machine, self._times, self._given)
        self._keeps_order = self._times.keeps_order
        in_columns = rules if self._keeps_order else {}
        self._numbers = PlainNumbers(in_columns, self._times, self._given)

    @property
    def remembered(self) -> Remembered:
        """As of `Decoder`."""
        self._numbers.give_all_back()
        return super().remembered

    def decode_all(self, readings: Iterable[Reading]) -> list[Sample | Rejection]:
        """As of `Decoder`."""
        if self._keeps_order:
            readings = list(readings)
            for it in readings:
                self._numbers.give_back(it.address)
        return super().decode_all(readings)

    def decode_handed_over(
        self, handed_over: Iterable[Reading | ReadingColumns]
    ) -> list[Sample | Rejection | SampleColumns]:
        """What readings say that arrived together, one by one or in columns, in their order."""
        out: list[Sample | Rejection | SampleColumns] = []
        readings: list[Reading] = []
        for it in handed_over:
            if isinstance(it, Reading):
                readings.append(it)
                continue
            out += self.decode_all(readings)
            out += self.decode_columns(it)
            readings = []
        return out + self.decode_all(readings)

    def decode_columns(self, columns: ReadingColumns) -> list[Sample | Rejection | SampleColumns]:
        """What readings say that arrived together."""
        out: list[Sample | Rejection | SampleColumns] = []
        told = self._numbers.told(columns)
        for is_plain, places in self._numbers.parts(told):
            if is_plain:
                out.append(self._plain(told, places))
            else:
                out += self.decode_all([columns.reading(it) for it in places.tolist()])
        return out

    def _decode_instant(self, readings: Sequence[Reading]) -> Sequence[Sample | Rejection]:
        plain = self._plain_readings.samples(readings)
        if plain is None:
            return super()._decode_instant(readings)
        self._last_usable = readings[-1].received
        return plain

    def _plain(self, told: Told, places: NDArray[np.int64]) -> SampleColumns:
        received = told.columns.received
        self._numbers.take(told, places)
        self._last_usable = received
        self._times.heard(received)
        amounts = at(told.amounts, places)
        differs = np.flatnonzero(at(told.numbers, places) != amounts)
        return SampleColumns(
            line=self._line,
            machine=self._machine,
            signals=self._numbers.signals(told, places),
            times_us=at(told.times_us, places).tolist(),
            received_us=micros(received),
            values=amounts.tolist(),
            raws={it: shown(told.columns.values[places[it]]) for it in differs.tolist()},
        )
