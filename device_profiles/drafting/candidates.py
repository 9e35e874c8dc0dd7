"""Which signals a value may be, with reasons: by its name, type, unit and movement. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from device_profiles.drafting.movement import Movement, movement
from device_profiles.drafting.naming import (
    is_no_result,
    is_setpoint,
    is_word_of_bits,
    signals_named,
    telling_words,
    words_of,
)
from device_profiles.drafting.seen import SeenValue
from device_profiles.drafting.units import is_told_in, pace_in, unit_in, unit_of
from device_profiles.drafting.words import LIKELY, SURE
from domain.signals import SIGNALS, SignalKind

MOVES = 2  # what a movement that fits adds, or one that does not takes away
ENOUGH = LIKELY  # a candidate of less is none
_FLAGS = ("blocked", "starved")
_SPEEDS = ("speed", "ideal_speed")


@dataclass(frozen=True, slots=True)
class Looked:
    """A value with what can be said of it alone. `words`: of its name; `above`: of the name above
    that."""

    value: SeenValue
    words: tuple[str, ...]
    above: tuple[str, ...]
    moved: Movement
    unit: str | None

    @property
    def type(self) -> str:
        """In a word for people."""
        if isinstance(self.value.last, bool):
            return "true or false"
        if self.moved.numbers is None:
            return "text"
        kind = "integer" if self.moved.is_whole else "number"
        return kind if self.moved.mark is None else f"{kind} written as a text"


@dataclass(frozen=True, slots=True)
class Candidate:
    """That `looked` may be the signal: the higher the `score`, the surer. `unit`: the profile's
    word, where the machine or the name says one."""

    signal: str
    looked: Looked
    score: int
    reasons: tuple[str, ...]
    unit: str | None = None


def looked_at(value: SeenValue) -> Looked:
    names = value.place.names
    above = words_of(names[-2]) if len(names) > 1 else ()
    moved = movement(value.moments)
    return Looked(value, telling_words(names), above, moved, unit_of(value.unit))


def candidates(looked: Looked) -> Iterator[Candidate]:
    """The signals that the value may be by its name or unit."""
    named = signals_named(looked.words, looked.above)
    for signal in SIGNALS:
        weight, phrase = named.get(signal, (0, ""))
        if (
            looked.unit is not None
            and signal in ("energy", "power")
            and is_told_in(signal, looked.unit)
        ):
            weight, phrase = max(weight, SURE), phrase
        if not weight or not _has_type(signal, looked):
            continue
        reasons = [f"its name has '{phrase}'"] if phrase else []
        unit, said = _unit(signal, looked)
        reasons += [said] if said else []
        reasons.append(looked.type)
        score = weight + _moves(signal, looked.moved)
        if looked.moved.changes or SIGNALS[signal].kind is not SignalKind.TEXT:
            reasons.append(looked.moved.told)
        if score >= ENOUGH:
            yield Candidate(signal, looked, score, tuple(reasons), unit)


def _has_type(signal: str, looked: Looked) -> bool:
    """Whether a value of this type can be the signal at all."""
    moved, is_flag = looked.moved, isinstance(looked.value.last, bool)
    kind = SIGNALS[signal].kind
    if signal in _FLAGS:
        return is_flag or (moved.numbers is not None and set(moved.numbers) <= {0, 1})
    if kind is SignalKind.COUNTER:
        if is_flag or moved.numbers is None or is_no_result(looked.words):
            return False
        return signal == "energy" or (moved.is_whole and min(moved.numbers) >= 0)
    if kind is SignalKind.GAUGE:
        is_wanted = signal == "speed" and is_setpoint(looked.words)
        return not is_flag and not is_wanted and moved.numbers is not None
    if kind is SignalKind.STATE:
        is_written_whole = moved.mark is None or all(it.isdecimal() for it in moved.symbols)
        is_code = moved.numbers is None or (moved.is_whole and is_written_whole)
        is_other = is_no_result(looked.words) or is_word_of_bits(looked.words)
        return is_code and not is_other and not moved.only_rises
    if signal == "alarm":
        return moved.numbers is None and not is_flag
    return not is_flag and (moved.numbers is None or moved.is_whole)


def _moves(signal: str, moved: Movement) -> int:
    """What the movement adds or takes away."""
    kind = SIGNALS[signal].kind
    if not moved.changes:
        return 0
    if kind is SignalKind.COUNTER:
        is_so = moved.only_rises if signal == "energy" else moved.counts
        return MOVES if is_so else -MOVES * (1 if moved.falls == 1 else 2)
    if kind is SignalKind.GAUGE and signal not in _FLAGS:
        return -MOVES if moved.counts and moved.changes > 2 else 0
    return MOVES if kind is SignalKind.STATE and moved.looks_like_codes else 0


def _unit(signal: str, looked: Looked) -> tuple[str | None, str]:
    """The unit for the profile, and how it is known."""
    if looked.unit is not None and is_told_in(signal, looked.unit):
        return looked.unit, f"the machine gives its unit as {looked.unit}"
    by_name = pace_in(looked.words) if signal in _SPEEDS else unit_in(looked.words)
    if signal in (*_SPEEDS, "energy", "power") and is_told_in(signal, by_name):
        return by_name, f"its name has the unit {by_name}"
    return None, ""
