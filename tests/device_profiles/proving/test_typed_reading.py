"""What is typed at a panel is a value in the signal's words and unit, or one sentence."""

from __future__ import annotations

import pytest

from device_profiles.proving.typed_reading import typed_reading
from domain.errors import InputError

SIGNALS = (
    "state", "mode", "total_count", "power", "energy", "speed", "blocked", "order",
    "measurement.weight",
)  # fmt: skip


def test_values_are_taken_in_the_words_and_units_of_the_signals() -> None:
    typed = typed_reading(
        'state=Producing total_count=25 "power=2850 W" energy=1.20MWh speed=90items/min '
        'blocked=true order="PO 7" measurement.weight=81.50',
        SIGNALS,
    )
    assert typed.shows == {
        "state": "producing", "total_count": 25.0, "power": 2.85, "energy": 1200.0, "speed": 1.5,
        "blocked": 1.0, "order": "PO 7", "measurement.weight": 81.5,
    }  # fmt: skip
    assert typed.steps == {
        "power": 0.001, "energy": 10.0, "speed": 1 / 60, "measurement.weight": 0.01,
    }  # fmt: skip


def test_a_panel_may_show_nothing_or_that_it_does_not_know() -> None:
    assert typed_reading("order= power=? state=unknown", SIGNALS).shows == {
        "order": "", "power": None, "state": "unknown",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the reading is empty"),
        ("producing", "'producing' is no reading. Write it as in state=producing"),
        ('order="PO 7', "the reading cannot be read: No closing quotation"),
        ("totl_count=7", "no signal 'totl_count'. Did you mean 'total_count'?"),
        ("serial_number=7", "no signal 'serial_number'. Known are: state"),
        ("state=7", "'7' is no state. Known are: "),
        ("state=producin", "Did you mean 'producing'?"),
        ("mode=?", "'?' is no mode"),
        ("state=idle state=off", "'state' is given twice"),
        ("power=2,85", "'2,85' of 'power' is no number"),
        ("power=1e3000", "'e3000' is no unit of 'power'"),
        ("power=3 power=4", "'power' is given twice"),
        ("energy=3kw", "'kw' is no unit of 'energy'. Did you mean 'kWh'?"),
        ("total_count=7pcs", "'pcs' is no unit of 'total_count'. Known are: items"),
        ("measurement.weight=7kg", "no unit of 'measurement.weight'. Write the number alone."),
        ("total_count=true", "'true' of 'total_count' is no number"),
        (f"order={'x' * 2000}", "too long"),
        (f"power={'9' * 400}", "is no number"),
    ],
)
def test_what_is_no_value_is_one_sentence(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says.replace("?", r"\?")):
        typed_reading(text, SIGNALS)
