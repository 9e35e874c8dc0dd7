"""Capability: published examples, an oracle in plain Python, intervals that hold what they say."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from statistics import fmean, stdev

import numpy as np
import pytest
from spc_textbooks import NIST_FLOW_RATE, PISTON_RINGS

from analytics.spc.capability import INDICES, Capability, capability, capability_of
from analytics.spc.subgroups import Values, consecutive, of_size
from domain.errors import InputError


def test_montgomery_piston_rings() -> None:
    """Cp = 1.70 and Cpk = 1.66 within 74.000 ± 0.050 mm."""
    found = capability(PISTON_RINGS, 5, 73.95, 74.05)
    assert found.cp == pytest.approx(1.70, abs=0.005)
    assert found.cpk == pytest.approx(1.66, abs=0.005)
    assert (found.n, found.subgroup_n, found.run_n) == (125, 125, 125)
    assert found.missing == {}
    assert found.notes == (), "they look normal"


def test_nist_capability_example() -> None:
    """NIST e-Handbook 6.1.6: limits 8 and 20, mean 16, s = 2: Cp = 1.0, Cpk = 0.6667."""
    found = capability([16 - 2, 16, 16 + 2], 1, 8, 20)
    assert (found.mean, found.sigma_overall) == (16, 2)
    assert found.pp == pytest.approx(1.0)
    assert found.ppk == pytest.approx(2 / 3)


def test_bissell_interval_as_nist_writes_it() -> None:
    """Cpk ± 1.96 √(1/(9n) + Cpk²/(2(n − 1))) (NIST e-Handbook 6.1.6)."""
    found = capability(NIST_FLOW_RATE, 1, 40, 60)
    assert found.ppk is not None
    assert found.ppk_interval is not None
    half = 1.959964 * (1 / 90 + found.ppk**2 / 18) ** 0.5
    assert found.ppk_interval.low == pytest.approx(found.ppk - half)
    assert found.ppk_interval.high == pytest.approx(found.ppk + half)


def test_chi_square_interval() -> None:
    """Pp √(χ²/(n − 1)): χ² of 9 degrees of freedom is 2.70 and 19.02 at 2.5 and 97.5 %."""
    found = capability(NIST_FLOW_RATE, 1, 40, 60)
    assert found.pp is not None
    assert found.pp_interval is not None
    assert found.pp_interval.low == pytest.approx(found.pp * (2.70039 / 9) ** 0.5, rel=1e-5)
    assert found.pp_interval.high == pytest.approx(found.pp * (19.02277 / 9) ** 0.5, rel=1e-5)


def test_all_indices_against_plain_python() -> None:
    """Two runs; subgroups of 3 with one value left over in each; σ̂ = R̄/d2(3), d2(3) = 3/√π."""
    first, second = [10.0, 11.5, 9.5, 10.25, 10.75, 11.0, 12.0], [9.0, 9.5, 10.5, 11.25]
    numbers = np.array(first + second)
    runs = np.array([0] * 7 + [1] * 4)
    groups = of_size(Values(np.arange(11), numbers, runs, runs), 3)
    found = capability_of(groups, "xbar-r", 5.0, 14.0)
    trios = [first[:3], first[3:6], second[:3]]
    within = fmean(max(trio) - min(trio) for trio in trios) * np.pi**0.5 / 3
    grouped = sum((Fraction(x) for trio in trios for x in trio), Fraction()) / 9
    mean, s = fmean(first + second), stdev(first + second)
    expected = {
        "cp": 9 / (6 * within),
        "cpk": min(14 - float(grouped), float(grouped) - 5) / (3 * within),
        "pp": 9 / (6 * s),
        "ppk": min(14 - mean, mean - 5) / (3 * s),
        "cm": 9 / (6 * stdev(first)),
        "cmk": min(14 - fmean(first), fmean(first) - 5) / (3 * stdev(first)),
    }
    assert {name: getattr(found, name) for name in INDICES} == pytest.approx(expected)
    assert (found.n, found.subgroup_n, found.run_n) == (11, 9, 7)
    assert found.mean == pytest.approx(mean)


def test_one_limit_gives_the_critical_index_alone() -> None:
    found = capability(NIST_FLOW_RATE, 1, None, 60)
    assert (found.cp, found.pp, found.cm, found.cp_interval) == (None, None, None, None)
    assert set(found.missing) == {"cp", "pp", "cm"}
    assert "both specification limits" in str(found.missing["cp"])
    assert found.ppk == pytest.approx((60 - 50.81) / (3 * stdev(NIST_FLOW_RATE)))
    assert capability(NIST_FLOW_RATE, 1, 45, None).ppk == pytest.approx(
        (50.81 - 45) / (3 * stdev(NIST_FLOW_RATE))
    )


def test_a_mean_outside_the_limits_is_negative_not_capped() -> None:
    found = capability(NIST_FLOW_RATE, 1, 10, 50)
    assert found.cpk is not None
    assert found.cpk < 0


def nothing(found: Capability, why: str, *names: str) -> None:
    for name in names:
        assert getattr(found, name) is None
        assert getattr(found, f"{name}_interval") is None
        assert why in str(found.missing[name])


def test_no_value_without_limits() -> None:
    nothing(capability(NIST_FLOW_RATE, 1, None, None), "no specification limits", *INDICES)


@pytest.mark.parametrize("numbers", [[], [5.0]])
def test_no_value_of_fewer_than_two(numbers: list[float]) -> None:
    found = capability(numbers, 1, 0, 10)
    nothing(found, "fewer than two", *INDICES)
    assert found.sigma_overall is None
    assert found.mean == (5.0 if numbers else None)


def test_no_value_without_spread() -> None:
    """0.1 + 0.1 + 0.1 is not 0.3, yet three equal values have no spread at all."""
    nothing(capability([0.1] * 30, 5, 0, 10), "no spread", *INDICES)
    nothing(capability([0.1] * 30, 11, 0, 10), "no spread", *INDICES)


def test_no_cp_without_a_complete_subgroup_and_yet_a_pp() -> None:
    found = capability([1.0, 2.0, 4.0], 5, 0, 10)
    nothing(found, "no complete subgroup", "cp", "cpk")
    assert found.pp is not None
    assert found.cm is not None


def test_limits_that_leave_no_room_are_refused() -> None:
    with pytest.raises(InputError, match="not below the upper one"):
        capability(NIST_FLOW_RATE, 1, 60, 60)


def test_infinite_values_never_come_in() -> None:
    with pytest.raises(ValueError, match="finite"):
        capability([1.0, float("inf")], 1, 0, 10)


def test_every_index_has_an_interval_field() -> None:
    names = {field.name for field in fields(Capability)}
    assert {*INDICES, *(f"{name}_interval" for name in INDICES)} <= names


@pytest.mark.parametrize(("size", "k"), [(1, 60), (5, 12), (12, 6)])
def test_intervals_hold_the_truth_as_often_as_they_say(size: int, k: int) -> None:
    """A normal process with Cp = 4/3 and Cpk = 1, 2,000 times: 95 % of the intervals hold it.

    The estimators are R̄/d2, s̄/c4 and MR̄/d2; Bissell's interval is an approximation.
    """
    drawn = np.random.default_rng(20).normal(1.0, 1.0, size=(2000, size * k))
    truth = {"cp": 4 / 3, "pp": 4 / 3, "cpk": 1.0, "ppk": 1.0}
    held = dict.fromkeys(truth, 0)
    for numbers in drawn:
        found = capability(numbers, size, -4.0, 4.0)
        for name, value in truth.items():
            interval = getattr(found, f"{name}_interval")
            held[name] += interval.low <= value <= interval.high
    for name, count in held.items():
        assert 0.93 < count / 2000 < 0.97, name


def test_normality_is_said_never_supposed_in_silence() -> None:
    skewed = np.random.default_rng(5).exponential(size=100)
    [note] = capability(skewed, 5, -1, 20).notes
    assert "do not look normal" in str(note)
    [note] = capability([1.0, 2.0, 4.0], 1, 0, 10).notes
    assert "Too few values" in str(note)


def test_subgroups_that_hide_a_drift_show_in_cp_against_pp() -> None:
    drift = np.repeat(np.arange(20.0), 5) + np.tile([0.0, 0.1, 0.2, 0.1, 0.0], 20)
    found = capability_of(of_size(consecutive(drift), 5), "xbar-r", -50, 70)
    assert found.cp is not None
    assert found.pp is not None
    assert found.cp > 50 * found.pp
