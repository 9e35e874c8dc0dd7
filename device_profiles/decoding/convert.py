"""One reading, one rule: what a single value says about a signal.

Pure and without memory. An `Outcome` is the content of a sample, or the reason why there is
none, or both: a state code that the profile lacks makes the state unknown and is rejected too. A
value that cannot be used ends what held before, and is a bad sample without a value; a counter goes
on counting across it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from device_profiles.decoding.address_times import Judged
from device_profiles.model.profile import CodeRule, NumberRule, Source
from device_profiles.model.values import (
    NO_VALUE,
    NOT_FINITE,
    Unusable,
    bit_of,
    inverted,
    number,
    number_in_text,
    picked,
    shown,
    symbol,
)
from domain.errors import shortened
from domain.samples import TEXT_LENGTH_MAX, Quality, Reading
from domain.signals import SignalKind, signal_named
from domain.states import MachineMode, MachineState

BAD_QUALITY = Unusable("bad quality")
TOO_LONG = Unusable("a text that is too long")
_MEMBERS: dict[str, Callable[[str], MachineState | MachineMode]] = {
    "state": MachineState,
    "mode": MachineMode,
}


@dataclass(frozen=True, slots=True)
class Observed:
    """What a reading says about an input. `value`: the raw part, a table's symbol, or Unusable.
    `timed`: the time is the machine's own, not that of receipt."""

    value: object
    raw: str
    time: datetime
    timed: bool
    received: datetime
    quality: Quality


@dataclass(frozen=True, slots=True)
class Content:
    value: float | None
    text: str | None
    quality: Quality


@dataclass(frozen=True, slots=True)
class Outcome:
    content: Content | None = None
    reason: str | None = None


def observe(reading: Reading, source: Source, judged: Judged) -> Observed:
    """The input's part of a reading, at the time that it was judged to have."""
    quality = reading.quality
    if not judged.is_certain:
        quality = max(quality, Quality.UNCERTAIN)
    value = picked(reading.value, source.field)
    raw = shown(reading.value if isinstance(value, Unusable) else value)
    if source.bit is not None:
        value = bit_of(value, source.bit)
    if source.invert:
        value = inverted(value)
    if quality == Quality.BAD:
        value = BAD_QUALITY
    elif source.decimal_mark is not None and not isinstance(value, Unusable):
        value = number_in_text(value, source.decimal_mark)
    elif source.table is not None and not isinstance(value, Unusable):
        code = symbol(value)
        if code == "" and code not in source.table:
            code = NO_VALUE  # the name of no state, in whatever language
        elif not isinstance(code, Unusable):
            code = source.table.get(code, Unusable(f"unknown code '{shortened(code)}'"))
        value = code
    return Observed(value, raw, judged.time, judged.timed, reading.received, quality)


def member(signal: str, name: str, quality: Quality) -> Content:
    """A state or mode as sample content: name and permanent code."""
    found = _MEMBERS[signal](name)
    return Content(float(found.code), found.value, quality)


def nothing(signal: str, quality: Quality) -> Content:
    """What ends the hold of a signal. A counter holds nothing and counts on across it; but it did
    not stand still either, and nobody may think so."""
    if signal in _MEMBERS:
        return member(signal, "unknown", quality)
    return Content(None, None, Quality.BAD)


def code_outcome(rule: CodeRule, observed: Observed) -> Outcome:
    """State, mode or text of one value."""
    name = observed.value if isinstance(observed.value, Unusable) else symbol(observed.value)
    if not isinstance(name, Unusable) and rule.codes is not None:
        name = rule.codes.get(name, Unusable(f"unknown code '{shortened(name)}'"))
    if isinstance(name, Unusable):
        return unusable(rule.signal, name, observed.quality)
    if rule.signal not in _MEMBERS:
        if len(name) > TEXT_LENGTH_MAX:
            return unusable(rule.signal, TOO_LONG, observed.quality)
        return Outcome(Content(None, name, observed.quality))
    try:
        return Outcome(member(rule.signal, name.lower(), observed.quality))
    except ValueError:
        why = Unusable(f"unknown {rule.signal} '{shortened(name)}'")
        return unusable(rule.signal, why, observed.quality)


def number_outcome(rule: NumberRule, observed: Observed) -> Outcome:
    """Counter or gauge of one value, in the signal's unit."""
    amount = plain_number(rule.signal, observed)
    if isinstance(amount, Unusable):
        return unusable(rule.signal, amount, observed.quality)
    numerator, denominator = rule.conversion
    value = amount * rule.factor * numerator / denominator + rule.offset
    if not math.isfinite(value):
        return unusable(rule.signal, NOT_FINITE, observed.quality)
    return Outcome(Content(value, None, observed.quality))


def plain_number(signal: str, observed: Observed) -> float | Unusable:
    if isinstance(observed.value, Unusable):
        return observed.value
    truth = signal_named(signal).kind is SignalKind.GAUGE
    return number(observed.value, truth=truth)


def unusable(signal: str, why: Unusable, quality: Quality) -> Outcome:
    """No rejection is needed where the sample itself says it: bad quality, or an empty text."""
    content = nothing(signal, quality)
    is_empty = why is NO_VALUE and signal_named(signal).kind is SignalKind.TEXT
    is_said = why is BAD_QUALITY or is_empty
    return Outcome(content, None if is_said else why.reason)


def symbol_of(observed: Observed) -> str | Unusable:
    """The code or text that an input's value is."""
    value = observed.value
    return value if isinstance(value, Unusable) else symbol(value)


def outcome_of(rule: CodeRule | NumberRule, observed: Observed) -> Outcome:
    """What one value says about the rule's signal."""
    if isinstance(rule, CodeRule):
        return code_outcome(rule, observed)
    return number_outcome(rule, observed)


def differs(raw: str, content: Content) -> bool:
    """Whether the decoded value says less than what the machine said."""
    if content.text is not None:
        return raw != content.text
    if content.value is None:
        return True
    try:
        return float(raw) != content.value
    except ValueError:
        return True
