"""Constants of control charts against the printed table, closed forms and another road."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest

from analytics.spc import constants as constants
from analytics.spc.control_chart import Panel, Parameters, control_chart
from analytics.spc.sigma import ChartKind, Sigma
from analytics.spc.subgroups import consecutive, of_size

# ASTM Manual on Presentation of Data (MNL 7) / AIAG SPC, appendix E: n, A2, A3, c4, B3, B4, d2,
# d3, D3, D4.
PRINTED = """
2 1.880 2.659 0.7979 0 3.267 1.128 0.853 0 3.267
3 1.023 1.954 0.8862 0 2.568 1.693 0.888 0 2.574
4 0.729 1.628 0.9213 0 2.266 2.059 0.880 0 2.282
5 0.577 1.427 0.9400 0 2.089 2.326 0.864 0 2.114
6 0.483 1.287 0.9515 0.030 1.970 2.534 0.848 0 2.004
7 0.419 1.182 0.9594 0.118 1.882 2.704 0.833 0.076 1.924
8 0.373 1.099 0.9650 0.185 1.815 2.847 0.820 0.136 1.864
9 0.337 1.032 0.9693 0.239 1.761 2.970 0.808 0.184 1.816
10 0.308 0.975 0.9727 0.284 1.716 3.078 0.797 0.223 1.777
11 0.285 0.927 0.9754 0.321 1.679 3.173 0.787 0.256 1.744
12 0.266 0.886 0.9776 0.354 1.646 3.258 0.778 0.283 1.717
13 0.249 0.850 0.9794 0.382 1.618 3.336 0.770 0.307 1.693
14 0.235 0.817 0.9810 0.406 1.594 3.407 0.763 0.328 1.672
15 0.223 0.789 0.9823 0.428 1.572 3.472 0.756 0.347 1.653
16 0.212 0.763 0.9835 0.448 1.552 3.532 0.750 0.363 1.637
17 0.203 0.739 0.9845 0.466 1.534 3.588 0.744 0.378 1.622
18 0.194 0.718 0.9854 0.482 1.518 3.640 0.739 0.391 1.608
19 0.187 0.698 0.9862 0.497 1.503 3.689 0.734 0.403 1.597
20 0.180 0.680 0.9869 0.510 1.490 3.735 0.729 0.415 1.585
21 0.173 0.663 0.9876 0.523 1.477 3.778 0.724 0.425 1.575
22 0.167 0.647 0.9882 0.534 1.466 3.819 0.720 0.434 1.566
23 0.162 0.633 0.9887 0.545 1.455 3.858 0.716 0.443 1.557
24 0.157 0.619 0.9892 0.555 1.445 3.895 0.712 0.451 1.548
25 0.153 0.606 0.9896 0.565 1.435 3.931 0.708 0.459 1.541
"""
ROWS = [[float(cell) for cell in row.split()] for row in PRINTED.split("\n") if row]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"n={row[0]:.0f}")
def test_the_printed_table(row: list[float]) -> None:
    n = int(row[0])
    c4, d2, d3 = row[3], row[6], row[7]
    assert constants.c4(n) == pytest.approx(c4, abs=0.00005)
    assert constants.d2(n) == pytest.approx(d2, abs=0.00051)
    assert constants.d3(n) == pytest.approx(d3, abs=0.00055)  # n = 19 was rounded twice


def limits(n: int, kind: ChartKind, sigma: float) -> tuple[Panel, Panel]:
    """Of a chart with the mean 0 and that σ."""
    groups = of_size(consecutive([0.0] * 2 * n), 1 if kind == "individuals" else n)
    chart = control_chart(groups, kind, Parameters(0.0, Sigma(sigma, 1.0, 1), 1), "nelson")
    return chart.location, chart.dispersion


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"n={row[0]:.0f}")
def test_the_limits_of_a_chart_are_those_of_the_printed_table(row: list[float]) -> None:
    """With R̄ = 1 the limits are A2, D3 and D4; with s̄ = 1 they are A3, B3 and B4."""
    n = int(row[0])
    a2, a3, _, b3, b4, _, _, lower, upper = row[1:]
    location, dispersion = limits(n, "xbar-r", 1 / constants.d2(n))
    assert location.upper[0] == -location.lower[0] == pytest.approx(a2, abs=0.00051)
    assert dispersion.center[0] == pytest.approx(1)
    # The table's D3 and D4 were made from rounded d2 and d3: a unit in the last place.
    assert dispersion.lower[0] == pytest.approx(lower, abs=0.0015)
    assert dispersion.upper[0] == pytest.approx(upper, abs=0.0015)
    location, dispersion = limits(n, "xbar-s", 1 / constants.c4(n))
    assert location.upper[0] == -location.lower[0] == pytest.approx(a3, abs=0.00051)
    assert dispersion.center[0] == pytest.approx(1)
    assert dispersion.lower[0] == pytest.approx(b3, abs=0.00051)
    assert dispersion.upper[0] == pytest.approx(b4, abs=0.00051)


def test_the_limits_of_single_values_are_those_of_the_printed_table() -> None:
    """With MR̄ = 1: E2 = 2.660 of moving ranges of two, D3 = 0 and D4 = 3.267."""
    location, dispersion = limits(2, "individuals", 1 / constants.d2(2))
    assert location.upper[0] == -location.lower[0] == pytest.approx(2.660, abs=0.0015)
    assert (dispersion.lower[0], dispersion.upper[0]) == (0, pytest.approx(3.267, abs=0.001))


def test_the_table_reaches_from_2_to_25() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(2, 26))


def test_closed_forms_of_small_subgroups() -> None:
    """n = 2: 2/√π and √(2 − 4/π); n = 3: 3/√π. c4 of 2: √(2/π), of 3: √π/2."""
    assert constants.d2(2) == pytest.approx(2 / math.sqrt(math.pi), abs=1e-12)
    assert constants.d3(2) == pytest.approx(math.sqrt(2 - 4 / math.pi), abs=1e-12)
    assert constants.d2(3) == pytest.approx(3 / math.sqrt(math.pi), abs=1e-12)
    assert constants.c4(2) == pytest.approx(math.sqrt(2 / math.pi), abs=1e-14)
    assert constants.c4(3) == pytest.approx(math.sqrt(math.pi) / 2, abs=1e-14)


@pytest.mark.parametrize("n", [2, 5, 25])
def test_mean_range_by_another_road(n: int) -> None:
    """Tippett's ∫ 1 − Φⁿ − (1 − Φ)ⁿ dx, in plain Python."""
    normal, step = NormalDist(), 0.01
    points = (step * i for i in range(-900, 901))
    total = sum(1 - normal.cdf(x) ** n - (1 - normal.cdf(x)) ** n for x in points)
    assert constants.d2(n) == pytest.approx(total * step, abs=1e-9)


def test_large_subgroups_have_a_c4_too() -> None:
    """Where Γ itself overflows."""
    assert constants.c4(1000) == pytest.approx(4 * 999 / (4 * 1000 - 3), abs=1e-6)
