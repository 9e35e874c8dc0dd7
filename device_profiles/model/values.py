"""Raw values off the wire: looking inside them, and what counts as number, code or text.

Nothing here raises on a strange value: what cannot be used is an `Unusable` with its reason, which
names no length or position, so that rejections can be counted by it.
Raw values are whatever a client library gave: scalars, enumerations, lists, dictionaries,
objects with attributes, None.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.samples import RAW_LENGTH_MAX

Step = str | int  # a field name or a list index inside a structured value
_INTEGER_MAX = 2**64


@dataclass(frozen=True, slots=True)
class Unusable:
    reason: str


NO_VALUE = Unusable("no value")
NOT_FINITE = Unusable("not a finite number")


def picked(value: Any, field: Sequence[Step]) -> Any:
    """The part of a structured value at list indices and field names (attribute or key)."""
    for step in field:
        if value is None:
            return NO_VALUE
        value = _item(value, step) if isinstance(step, int) else _member(value, step)
        if isinstance(value, Unusable):
            return value
    return value


def _item(value: Any, index: int) -> Any:
    if not isinstance(value, list | tuple):
        return Unusable(f"not a list that could have an item {index}")
    if not -len(value) <= index < len(value):
        return Unusable(f"the list has no item {index}")
    return value[index]


def _member(value: Any, name: str) -> Any:
    missing = Unusable(f"no field '{name}'")
    if isinstance(value, Mapping):
        return value.get(name, missing)
    try:
        return getattr(value, name, missing)
    except Exception:  # a foreign object's property may raise anything
        return missing


def number(value: Any, *, truth: bool = False) -> float | Unusable:
    """A finite number. With `truth`, true and false are 1 and 0."""
    if isinstance(value, bool):
        return float(value) if truth else Unusable("a truth value, not a number")
    if value is None:
        return NO_VALUE
    if not isinstance(value, int | float):
        return Unusable("not a number")
    try:
        result = float(value)
    except OverflowError:
        return NOT_FINITE
    return result if math.isfinite(result) else NOT_FINITE


def number_in_text(value: Any, decimal_mark: str) -> float | Unusable:
    """The number that a text is, whole and with this mark alone; no thousands, no units."""
    if not isinstance(value, str):
        return number(value)
    pattern = rf"[+-]?\d+(?:{re.escape(decimal_mark)}\d+)?(?:[eE][+-]?\d+)?"
    text = value.strip()
    if re.fullmatch(pattern, text, re.ASCII) is None:
        return Unusable(f"not a number written as a text with '{decimal_mark}'")
    return number(float(text.replace(decimal_mark, ".")))


def bit_of(value: Any, bit: int) -> Any:
    """Whether that bit of an integer is set (from 0, two's complement); nothing else has bits."""
    if isinstance(value, Unusable):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) <= _INTEGER_MAX:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return NO_VALUE if value is None else Unusable("not an integer of which a bit can be read")
    return bool(value >> bit & 1)


_OPPOSITES = {"true": False, "1": False, "false": True, "0": True}


def inverted(value: Any) -> Any:
    """The opposite of a truth value: true or false, 1 or 0, or such a text."""
    if isinstance(value, Unusable):
        return value
    said = symbol(value)
    if isinstance(said, Unusable):
        return said
    return _OPPOSITES.get(said.lower(), Unusable("not a truth value that has an opposite"))


def symbol(value: Any) -> str | Unusable:
    """The canonical text of a code, a truth value or a text: 6, 6.0 → "6"; true → "true"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return NO_VALUE
    if isinstance(value, float) and value.is_integer() and abs(value) <= _INTEGER_MAX:
        value = int(value)
    if isinstance(value, int):
        # int(): of an enumeration the number counts, not its name in somebody's language.
        return str(int(value)) if abs(value) <= _INTEGER_MAX else Unusable("not a code")
    if isinstance(value, str):
        return clean(str(value)).strip()
    return Unusable("neither a code nor a text")


def shown(value: Any) -> str:
    """Any value as a text to keep, at most RAW_LENGTH_MAX characters."""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        text = str(value)
    except Exception:  # a foreign object's own text may raise anything
        text = f"<{type(value).__name__}>"
    return clean(text[:RAW_LENGTH_MAX])


def clean(text: str) -> str:
    """Without lone surrogates, which UTF-8 (Arrow, JSON, databases) cannot carry."""
    return text.encode("utf-8", "replace").decode("utf-8")
