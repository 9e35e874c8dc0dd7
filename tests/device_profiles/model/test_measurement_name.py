"""Names of measurements that are called after variables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles.model.measurement_name import measurement_name
from domain.signals import is_measurement


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Temperature"], "temperature"),
        (["Zone 1", "MeltTemperature"], "zone_1_melt_temperature"),
        (["HMISpeed[2]"], "hmi_speed_2"),
        (["1st pass"], "n1st_pass"),
        (["Kühlung"], "kuhlung"),
        (["温度"], "u6e29_u5ea6"),
        (["°C"], "c"),
        (["__"], "n"),
    ],
)
def test_a_name_is_safe_and_still_read(names: list[str], expected: str) -> None:
    assert measurement_name(names) == f"measurement.{expected}"


def test_long_names_keep_apart_by_what_is_cut_off() -> None:
    one, other = (measurement_name(["a" * 200, last]) for last in ("x", "y"))
    assert one != other
    assert one[:90] == other[:90]


@given(st.lists(st.text(max_size=130), min_size=1, max_size=4))
def test_any_names_make_a_name(names: list[str]) -> None:
    assert is_measurement(measurement_name(names))
