"""Units as machines write them."""

from __future__ import annotations

import pytest

from device_profiles.drafting.naming import words_of
from device_profiles.drafting.units import is_told_in, pace_in, unit_in, unit_of


@pytest.mark.parametrize(
    ("said", "unit"),
    [
        *[
            ("kWh", "kWh"),
            ("KWH", "kWh"),
            ("千瓦时", "kWh"),
            ("Wh", "Wh"),
            ("MW", "MW"),
            ("kW", "kW"),
        ],
        *[("Stk/min", "items/min"), ("件/小时", "items/h"), (" pcs/s ", "items/s")],
        *[("mW", None), ("mWh", None), ("°C", None), ("1/min", None), ("", None), ("mm", None)],
    ],
)
def test_a_unit_is_known_or_it_is_none(said: str, unit: str | None) -> None:
    assert unit_of(said) == unit


def test_what_a_signal_can_be_told_in() -> None:
    assert is_told_in("energy", "Wh")
    assert not is_told_in("energy", "kW")
    assert not is_told_in("state", None)


def test_units_in_names() -> None:
    assert pace_in(words_of("PartsPerMinute")) == "items/min"
    assert pace_in(words_of("Speed")) is None
    assert unit_in(words_of("total_kwh")) == "kWh"
    assert unit_in(words_of("Energy_kWh")) == "kWh"
    assert unit_in(words_of("energy")) is None
    assert unit_in(()) is None
