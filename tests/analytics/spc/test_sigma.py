"""The three estimates of a process's standard deviation, and how certain they are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from spc_textbooks import PISTON_RINGS

from analytics.spc.sigma import default_chart, sigma_within
from analytics.spc.subgroups import consecutive, of_size
from domain.errors import InputError


def groups(values: list[float], size: int):
    return of_size(consecutive(np.array(values)), size)


@pytest.mark.parametrize(
    ("size", "chart"),
    [(1, "individuals"), (2, "xbar-r"), (10, "xbar-r"), (11, "xbar-s"), (None, "xbar-s")],
)
def test_the_usual_chart_of_a_size(size: int | None, chart: str) -> None:
    assert default_chart(size) == chart


def test_all_estimates_find_the_sigma_of_a_normal_process() -> None:
    drawn = np.random.default_rng(7).normal(10.0, 2.0, size=20_000)
    for size, chart in ((5, "xbar-r"), (5, "xbar-s"), (1, "individuals")):
        found = sigma_within(groups(drawn.tolist(), size), chart)
        assert found is not None
        assert found.value == pytest.approx(2.0, rel=0.02), chart


def test_piston_rings_by_hand() -> None:
    """Montgomery: σ = R̄ ÷ d2(5), d2(5) = 2.326."""
    rings = np.array(PISTON_RINGS).reshape(-1, 5)
    found = sigma_within(groups(rings.ravel().tolist(), 5), "xbar-r")
    assert found is not None
    assert found.value == pytest.approx(float(np.ptp(rings, axis=1).mean()) / 2.326, rel=1e-4)
    assert found.samples == 25


def test_two_values_are_one_moving_range_with_few_degrees_of_freedom() -> None:
    """|X₁ − X₂| of a normal process is chi with one degree of freedom: Patnaik's ν is near it."""
    found = sigma_within(groups([1.0, 3.0], 1), "individuals")
    assert found is not None
    assert found.value == pytest.approx(2.0 / (2 / math.sqrt(math.pi)))
    assert found.dof == pytest.approx(1.0, abs=0.15)
    assert found.samples == 1


def test_without_a_complete_subgroup_there_is_no_estimate() -> None:
    assert sigma_within(groups([1.0, 2.0], 5), "xbar-r") is None
    assert sigma_within(groups([1.0, 2.0], 5), "xbar-s") is None
    assert sigma_within(groups([1.0], 1), "individuals") is None


@pytest.mark.parametrize(("size", "chart"), [(1, "xbar-r"), (26, "xbar-r"), (1, "xbar-s")])
def test_a_chart_that_does_not_fit_the_size_says_which_would(size: int, chart: str) -> None:
    with pytest.raises(InputError, match=r"[Aa]sk for"):
        sigma_within(groups([1.0, 2.0, 3.0], size), chart)
