"""The units that machines write, as a profile names them. Pure.

Only what is sure: `1/min` is a rotational speed as often as a pace, so a name must say which.
"""

from __future__ import annotations

from typing import Final

from device_profiles.model.units import CONVERSIONS
from domain.signals import SIGNALS

_SPELLINGS: Final[dict[str, tuple[str, ...]]] = {
    "items/s": ("items/s", "pcs/s", "parts/s", "stk/s", "件/秒", "个/秒"),
    "items/min": (
        *("items/min", "pcs/min", "parts/min", "stk/min", "st/min", "bpm", "cpm", "ppm"),
        *("packs/min", "bottles/min", "件/分", "个/分", "個/分", "件/分钟", "个/分钟", "瓶/分"),
    ),
    "items/h": (
        *("items/h", "pcs/h", "parts/h", "stk/h", "st/h", "bph", "pph", "packs/h", "bottles/h"),
        *("件/小时", "个/小时", "件/時", "个/时", "瓶/小时"),
    ),
    "Wh": ("wh", "w·h", "w h", "watt hour"),
    "kWh": ("kwh", "kw·h", "kw h", "kilowatt hour", "度", "千瓦时", "千瓦時"),
    "MWh": ("mwh", "mw·h", "mw h", "兆瓦时"),
    "kJ": ("kj",),
    "MJ": ("mj",),
    "GJ": ("gj",),
    "W": ("w", "watt", "瓦"),
    "kW": ("kw", "kilowatt", "千瓦"),
    "MW": ("mw", "megawatt", "兆瓦"),
}
_UNITS: Final = {text: unit for unit, texts in _SPELLINGS.items() for text in texts}
_PACE_WORDS: Final = {
    "minute": "items/min",
    "min": "items/min",
    "hour": "items/h",
    "ppm": "items/min",
}


def unit_of(said: str) -> str | None:
    """The profile's word for a unit; None where it has none.

    >>> unit_of("kW·h"), unit_of("°C")
    ('kWh', None)
    """
    text = said.strip()
    # mW is a thousandth, MW a million watts; the same with joules and watt hours.
    if text[:1] == "m" and text[1:2] in ("W", "J"):
        return None
    return _UNITS.get(text.lower())


def is_told_in(signal: str, unit: str | None) -> bool:
    """Whether the signal can be told in that unit."""
    return unit in CONVERSIONS.get(SIGNALS[signal].unit, {})


def pace_in(words: tuple[str, ...]) -> str | None:
    """The unit of a speed whose name says it, as in `PartsPerMinute`."""
    return next((unit for word, unit in _PACE_WORDS.items() if word in words), None)


def unit_in(words: tuple[str, ...]) -> str | None:
    """The unit of energy or power that stands at the end of a name, as in `total_kwh`."""
    ends = ("".join(words[-2:]), words[-1]) if words else ()
    return next((_UNITS[it] for it in ends if it in ("wh", "kwh", "kw", "kilowatt")), None)
