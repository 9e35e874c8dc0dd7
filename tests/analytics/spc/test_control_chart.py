"""Control charts: published examples, baselines, sizes that vary, charts that do not fit."""

from __future__ import annotations

from statistics import fmean, stdev

import numpy as np
import pytest
from spc_textbooks import NIST_FLOW_RATE, PISTON_RINGS, PISTON_RINGS_AFTER

from analytics.spc.constants import c4
from analytics.spc.control_chart import Chart, Parameters, control_chart, parameters_of
from analytics.spc.run_rules import RUN_RULES
from analytics.spc.sigma import ChartKind, default_chart, sigma_of_moving_ranges, sigma_within
from analytics.spc.subgroups import Subgroups, Values, consecutive, of_interval, of_size
from domain.errors import InputError


def parameters(groups: Subgroups, kind: ChartKind) -> Parameters:
    found = parameters_of(groups, kind)
    assert found is not None
    return found


def chart_of(numbers: list[float], size: int, kind: ChartKind, rules: str = "nelson") -> Chart:
    groups = of_size(consecutive(numbers), size)
    return control_chart(groups, kind, parameters(groups, kind), rules)


def test_montgomery_piston_rings() -> None:
    """x̿ = 74.00118, R̄ = 0.02276, σ̂ = 0.009785; limits 73.98805 … 74.0143 and 0 … 0.04812."""
    chart = chart_of(PISTON_RINGS, 5, "xbar-r")
    assert chart.parameters.mean == pytest.approx(74.00118, abs=5e-6)
    assert chart.parameters.sigma.value == pytest.approx(0.009785, abs=5e-7)
    assert chart.location.lower[0] == pytest.approx(73.98805, abs=5e-6)
    assert chart.location.upper[0] == pytest.approx(74.0143, abs=5e-5)
    assert chart.dispersion.center[0] == pytest.approx(0.02276, abs=1e-12)
    assert (chart.dispersion.lower == 0).all()
    assert chart.dispersion.upper[0] == pytest.approx(0.04812, abs=1e-5)
    assert chart.violations == (), "the process was in control"


def test_montgomery_piston_rings_after_the_limits_were_set() -> None:
    """Samples 37, 38 and 39 lie above the upper limit; nothing in the ranges."""
    groups = of_size(consecutive(PISTON_RINGS_AFTER), 5)
    baseline = parameters(of_size(consecutive(PISTON_RINGS), 5), "xbar-r")
    chart = control_chart(groups, "xbar-r", baseline, "western-electric")
    beyond = [v.point + 26 for v in chart.violations if v.rule == "western-electric-1"]
    assert beyond == [37, 38, 39]
    own = chart_of(PISTON_RINGS_AFTER, 5, "xbar-r")
    assert own.location.upper[0] > chart.location.upper[0], "limits of their own hide the shift"


def test_nist_individuals_and_moving_range() -> None:
    """x̄ = 50.81, MR̄ = 1.8778, limits 45.8159 … 55.8041 (there with d2 rounded to 1.128)."""
    chart = chart_of(NIST_FLOW_RATE, 1, "individuals")
    assert chart.parameters.mean == pytest.approx(50.81)
    assert np.isnan(chart.dispersion.values[0]), "the first value has no neighbour before it"
    assert np.nanmean(chart.dispersion.values) == pytest.approx(1.8778, abs=5e-5)
    assert chart.location.lower[0] == pytest.approx(45.8159, abs=0.002)
    assert chart.location.upper[0] == pytest.approx(55.8041, abs=0.002)
    assert chart.dispersion.upper[0] == pytest.approx(3.267 * 1.8778, abs=0.002)
    assert chart.violations == ()


def test_xbar_s_against_plain_python() -> None:
    """x̿ ± A3 s̄ and B3 s̄, B4 s̄ with the printed constants of n = 5."""
    rows = [PISTON_RINGS[at : at + 5] for at in range(0, len(PISTON_RINGS), 5)]
    s_mean, mean = fmean(stdev(row) for row in rows), fmean(fmean(row) for row in rows)
    chart = chart_of(PISTON_RINGS, 5, "xbar-s")
    assert chart.dispersion.center[0] == pytest.approx(s_mean, abs=1e-12)
    assert chart.location.upper[0] == pytest.approx(mean + 1.427 * s_mean, abs=1e-5)
    assert chart.dispersion.upper[0] == pytest.approx(2.089 * s_mean, abs=1e-5)
    assert chart.dispersion.lower[0] == 0


def varying() -> Subgroups:
    """Intervals of 3, 2 and 4 values."""
    times = np.array([0, 1, 2, 10, 11, 20, 21, 22, 23])
    numbers = np.array([1.0, 2.0, 3.0, 2.0, 4.0, 1.0, 1.5, 2.0, 2.5])
    zeros = np.zeros(9, dtype=np.int64)
    return of_interval(Values(times, numbers, zeros, zeros), 10, 0)


def test_sizes_that_vary_have_limits_of_their_own() -> None:
    chart = control_chart(varying(), "xbar-s", parameters(varying(), "xbar-s"), "nelson")
    s = [1.0, 2**0.5, stdev([1.0, 1.5, 2.0, 2.5])]
    weights = [c4(n) ** 2 / (1 - c4(n) ** 2) for n in (3, 2, 4)]
    sigma = sum(w * each / c4(n) for w, each, n in zip(weights, s, (3, 2, 4), strict=True)) / sum(
        weights
    )
    assert chart.parameters.sigma.value == pytest.approx(sigma)
    half = (chart.location.upper - chart.location.center).tolist()
    assert half == pytest.approx([3 * sigma / n**0.5 for n in (3, 2, 4)])
    assert chart.dispersion.center.tolist() == pytest.approx([c4(n) * sigma for n in (3, 2, 4)])


def test_ranges_of_different_sizes_are_refused() -> None:
    with pytest.raises(InputError, match=r"from 2 to 4 values.*xbar-s"):
        sigma_within(varying(), "xbar-r")


@pytest.mark.parametrize(
    ("size", "kind", "todo"),
    [(1, "xbar-r", "individuals"), (26, "xbar-r", "xbar-s"), (1, "xbar-s", "individuals")],
)
def test_a_chart_that_does_not_fit_is_refused(size: int, kind: ChartKind, todo: str) -> None:
    with pytest.raises(InputError, match=todo):
        sigma_within(of_size(consecutive(range(60)), size), kind)


def test_without_a_complete_subgroup_there_are_no_limits() -> None:
    assert parameters_of(of_size(consecutive([1, 2]), 5), "xbar-r") is None
    assert parameters_of(of_size(consecutive([1, 2]), 5), "xbar-s") is None
    assert parameters_of(of_size(consecutive([1]), 1), "individuals") is None


def test_incomplete_subgroups_are_not_plotted() -> None:
    chart = chart_of([1, 2, 3, 4, 5, 6, 99], 3, "xbar-r")
    assert chart.plotted.tolist() == [0, 1]
    assert chart.parameters.mean == 3.5, "nor do they move the limits"


def test_the_usual_chart_of_a_size() -> None:
    assert [default_chart(size) for size in (1, 2, 10, 11, None)] == [
        "individuals",
        "xbar-r",
        "xbar-r",
        "xbar-s",
        "xbar-s",
    ]


@pytest.mark.parametrize(("n", "k", "dof"), [(5, 1, 3.8), (10, 1, 7.7), (5, 20, 72.7)])
def test_degrees_of_freedom_of_ranges(n: int, k: int, dof: float) -> None:
    """ν of the d2* table (AIAG MSA, appendix C) for k ranges of n values."""
    found = sigma_within(of_size(consecutive(range(n * k)), n), "xbar-r")
    assert found is not None
    assert found.dof == pytest.approx(dof, abs=0.06)


@pytest.mark.parametrize("runs", [[0] * 12, [0] * 3 + [1] * 4 + [2] * 5])
def test_degrees_of_freedom_of_moving_ranges(runs: list[int]) -> None:
    """They are those of the spread that σ̂ really has over many samples of a normal process."""
    drawn = np.random.default_rng(7).normal(size=(40_000, 12))
    breaks = np.diff(runs) != 0
    estimates = np.abs(np.diff(drawn))[:, ~breaks].mean(axis=1) / 1.128379
    told = np.array(runs)
    found = sigma_of_moving_ranges(Values(np.arange(12), drawn[0], told, told))
    assert found is not None
    assert found.samples == 11 - breaks.sum()
    assert found.value == pytest.approx(estimates[0])
    variation = float(estimates.std() / estimates.mean())
    # A chi distribution with ν degrees of freedom has the variation √(1 − c4²)/c4, n = ν + 1.
    constant = c4(round(found.dof) + 1), c4(round(found.dof) + 2)
    implied = sorted((1 - c**2) ** 0.5 / c for c in (*constant, c4(round(found.dof))))
    assert implied[0] < variation < implied[-1]
    assert estimates.mean() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("value", [0.1, 330.07, 1e-9, 1e9 + 0.1, 100 / 3])
@pytest.mark.parametrize("size", [1, 2, 5, 7, 26])
@pytest.mark.parametrize("rules", sorted(RUN_RULES))
def test_equal_values_break_no_rule(value: float, size: int, rules: str) -> None:
    """A scale that always shows the same: its means differ in the last bit, which is no news."""
    assert chart_of([value] * 40 * size, size, default_chart(size), rules).violations == ()


def test_means_that_differ_by_rounding_alone_are_equal() -> None:
    """The same three values in another order: all lie on the centre line."""
    chart = chart_of([0.1, 0.2, 0.3, 0.3, 0.2, 0.1] * 15, 3, "xbar-s")
    assert len(set(chart.location.values.tolist())) > 1
    assert {violation.rule for violation in chart.violations} == {"nelson-7"}
