"""Where the marks of a control chart stand."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.spc.control_chart import Chart, control_chart, parameters_of
from analytics.spc.sigma import ChartKind
from analytics.spc.subgroups import Values, of_size
from api.pages.drawing.control_chart import LOCATION_HEIGHT, control_drawing


def chart(numbers: list[float], kind: ChartKind, stretches: list[int] | None = None) -> Chart:
    told = np.array(stretches or [0] * len(numbers), dtype=np.int64)
    data = Values(np.arange(len(numbers), dtype=np.int64), np.array(numbers), told, told)
    groups = of_size(data, 1 if kind == "individuals" else 2)
    found = parameters_of(groups, kind)
    assert found is not None
    return control_chart(groups, kind, found, "nelson")


def test_points_stand_in_order_higher_values_higher() -> None:
    panel = control_drawing(chart([1, 2, 3, 4, 2, 2], "xbar-r")).location
    assert [point.x for point in panel.points] == pytest.approx([16.667, 50, 83.333], abs=0.001)
    assert [point.value for point in panel.points] == [1.5, 3.5, 2]
    first, second, third = (point.y for point in panel.points)
    assert second < third < first, "y counts from the top"
    assert all(0 < point.y < LOCATION_HEIGHT for point in panel.points)
    assert all(0 < level.y < LOCATION_HEIGHT for level in panel.levels)


def test_limits_are_one_line_where_they_are_the_same() -> None:
    panel = control_drawing(chart([1, 2, 3, 4, 2, 2], "xbar-r")).location
    assert [(level.kind, level.x1, level.x2) for level in panel.levels] == [
        ("lower", 0, 100),
        ("center", 0, 100),
        ("upper", 0, 100),
    ]
    lower, center, upper = (level.y for level in panel.levels)
    assert upper < center < lower


def test_points_are_not_joined_across_unknown_time() -> None:
    panel = control_drawing(chart([1, 2, 1, 2, 1], "individuals", [0, 0, 1, 1, 1])).location
    joined = [(left.subgroup, right.subgroup) for left, right in panel.joins]
    assert joined == [(0, 1), (2, 3), (3, 4)]


def test_a_value_without_a_neighbour_has_no_moving_range_to_draw() -> None:
    panel = control_drawing(chart([1, 2, 1, 2, 1], "individuals", [0, 0, 1, 1, 1])).dispersion
    assert [point.subgroup for point in panel.points] == [1, 3, 4]


def test_a_violated_point_is_marked_in_its_own_panel() -> None:
    usual = [-0.5, 1.5, 0.9, 2.9]
    drawing = control_drawing(chart([*usual * 4, 8.0, 10.0, *usual * 2], "xbar-r"))
    assert [point.subgroup for point in drawing.location.points if point.violated] == [8]
    assert not any(point.violated for point in drawing.dispersion.points)


def test_the_latest_points_are_drawn_where_not_all_fit() -> None:
    drawing = control_drawing(chart([float(n % 5) for n in range(40)], "xbar-r"), points_max=8)
    assert drawing.left_out == 12
    assert [point.subgroup for point in drawing.location.points] == list(range(12, 20))
    assert drawing.location.points[0].x == pytest.approx(6.25)


@pytest.mark.parametrize("value", [10.1, 0.0, 330.07])
def test_equal_values_are_drawn_in_the_middle(value: float) -> None:
    """Their mean differs from them in the last bit; that is no distance to fill a panel with."""
    drawing = control_drawing(chart([value] * 60, "individuals"))
    for panel in (drawing.location, drawing.dispersion):
        heights = {point.y for point in panel.points} | {level.y for level in panel.levels}
        assert heights == {panel.height / 2}
