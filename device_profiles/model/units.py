"""Units that machines speak, converted to the unit of the signal (domain.signals).

Conversions are quotients of whole numbers, so that 1500 Wh is 1.5 kWh exactly.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

Unit = Literal[
    "items",
    "items/s",
    "items/min",
    "items/h",
    "kWh",
    "Wh",
    "MWh",
    "kJ",
    "MJ",
    "GJ",
    "kW",
    "W",
    "MW",
]
UNITS: Final[tuple[str, ...]] = get_args(Unit)

# signal unit → {unit of the machine: (numerator, denominator)}
CONVERSIONS: Final[dict[str, dict[str, tuple[int, int]]]] = {
    "items": {"items": (1, 1)},
    "items/s": {"items/s": (1, 1), "items/min": (1, 60), "items/h": (1, 3600)},
    "kWh": {
        "kWh": (1, 1),
        "Wh": (1, 1000),
        "MWh": (1000, 1),
        "kJ": (1, 3600),
        "MJ": (10, 36),
        "GJ": (10_000, 36),
    },
    "kW": {"kW": (1, 1), "W": (1, 1000), "MW": (1000, 1)},
}
