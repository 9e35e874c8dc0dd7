"""What a person types who reads a machine's panel, as in `state=producing total_count=25`.

A number may carry a unit that its signal can be converted from. How many digits the display has is
kept: a panel that shows 2.8 kW agrees with 2.83.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from device_profiles.files.consistency import MEMBERS
from device_profiles.model.units import CONVERSIONS
from device_profiles.proving.panel import PanelValue
from domain.errors import InputError, did_you_mean, shortened
from domain.samples import TEXT_LENGTH_MAX
from domain.signals import SignalKind, signal_named

NOT_KNOWN = "?"  # the panel itself shows that it does not know
_NUMBER = re.compile(r"(?P<number>[+-]?\d+(?:\.(?P<digits>\d+))?)\s*(?P<unit>[^\d\s.,].*)?")
_NUMBER_LENGTH_MAX = 60  # characters, with the unit
_TRUTHS = {"true": 1.0, "false": 0.0}
_WHOLE = "items"  # the unit of counts, which no display rounds


@dataclass(frozen=True, slots=True)
class TypedReading:
    """Signals to values in the signals' units, and the last digit of each rounded number."""

    shows: dict[str, PanelValue]
    steps: dict[str, float]


def typed_reading(text: str, signals: Collection[str]) -> TypedReading:
    """Raises InputError for a word that is none, an unknown signal, and a wrong word or unit."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InputError(f"the reading cannot be read: {error}", todo=_TODO) from None
    shows: dict[str, PanelValue] = {}
    steps: dict[str, float] = {}
    for word in words:
        name, equals, said = word.partition("=")
        if not name or not equals:
            raise InputError(f"'{shortened(word)}' is no reading", todo=_TODO)
        if name not in signals:
            known = did_you_mean(name, list(signals))
            raise InputError(f"the profile has no signal '{shortened(name)}'", todo=known)
        if name in shows:
            raise InputError(f"'{name}' is given twice", todo="Keep one.")
        shows[name], step = typed_value(name, said)
        if step is not None:
            steps[name] = step
    if not shows:
        raise InputError("the reading is empty", todo=_TODO)
    return TypedReading(shows, steps)


_TODO = 'Write it as in state=producing total_count=25 order="PO 7".'


def typed_value(name: str, said: str) -> tuple[PanelValue, float | None]:
    """The value of one signal, and the last digit of a number that the display rounds.

    Raises InputError for a wrong word, number or unit.
    """
    said = said.strip()
    members = MEMBERS.get(name)
    if members is not None:
        if said.lower() not in members:
            known = did_you_mean(said, members)
            raise InputError(f"'{shortened(said)}' is no {name}", todo=known)
        return said.lower(), None
    if said == NOT_KNOWN:
        return None, None
    if signal_named(name).kind is SignalKind.TEXT:
        if len(said) > TEXT_LENGTH_MAX:
            raise InputError(f"the text of '{name}' is too long", todo="Shorten it.")
        return said, None
    return _typed_number(name, said)


def _typed_number(name: str, said: str) -> tuple[float, float | None]:
    signal = signal_named(name)
    if signal.kind is SignalKind.GAUGE and said.lower() in _TRUTHS:
        return _TRUTHS[said.lower()], None
    match = _NUMBER.fullmatch(said) if len(said) <= _NUMBER_LENGTH_MAX else None
    if match is None:
        raise InputError(
            f"'{shortened(said)}' of '{name}' is no number",
            todo="Write digits alone, with a point before decimals, and the unit behind.",
        )
    units = CONVERSIONS.get(signal.unit, {})
    unit = match["unit"]
    if unit is not None and unit not in units:
        todo = did_you_mean(unit, list(units)) if units else "Write the number alone."
        raise InputError(f"'{shortened(unit)}' is no unit of '{name}'", todo=todo)
    factor = Fraction(*units[unit]) if unit else Fraction(1)
    step = None if signal.unit == _WHOLE else float(factor / 10 ** len(match["digits"] or ""))
    return float(Fraction(match["number"]) * factor), step
