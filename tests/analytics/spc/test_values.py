"""Measured values: what separates them, what is left out and counted."""

from __future__ import annotations

from spc_lines import WINDOW, Row, at, history, line, text, weights

from analytics.spc.values import Measured, has_samples, measured_values
from domain.time import Window


def measured(rows: list[Row], *known: tuple[float, float]) -> Measured:
    found = line()
    return measured_values(found, found.measurements["fill"], history(rows, *known), WINDOW)


def groups(keys: list[int]) -> list[int]:
    """How many lie together, one after the other."""
    sizes: list[int] = []
    for before, key in zip([None, *keys], keys, strict=False):
        if key == before:
            sizes[-1] += 1
        else:
            sizes.append(1)
    return sizes


def test_values_of_known_time_are_one_run() -> None:
    found = measured(weights([330, 331, 329]))
    assert found.data.values.tolist() == [330, 331, 329]
    assert groups(found.data.runs.tolist()) == groups(found.data.stretches.tolist()) == [3]


def test_unknown_time_separates() -> None:
    """The scale was not heard between the minutes 2 and 3."""
    found = measured(weights([330, 331, 329, 330, 332]), (0, 2), (3, 9))
    assert groups(found.data.runs.tolist()) == [3, 2], "a span's end is still known"
    assert groups(found.data.stretches.tolist()) == [3, 2]


def test_a_value_that_no_span_holds_stands_alone() -> None:
    found = measured(weights([330, 331, 329, 330, 332]), (0, 1.5))
    assert groups(found.data.runs.tolist()) == [2, 1, 1, 1]


def test_spans_of_another_machine_say_nothing() -> None:
    told = history(weights([330, 331]))
    other = told.spans.with_columns(machine=told.spans["machine"].replace("scale", "filler"))
    found = measured_values(
        line(),
        line().measurements["fill"],
        type(told)(told.line, told.start, told.end, told.samples, other),
        WINDOW,
    )
    assert groups(found.data.runs.tolist()) == [1, 1]


def test_another_product_or_order_is_another_run_of_the_same_stretch() -> None:
    changes = [
        text("product", -5, "juice"),
        text("product", 1.5, "tea"),
        text("order", -5, "A-1"),
        text("order", 3.5, "A-2"),
        text("order", 4.5, "A-2"),  # said again: nothing new
    ]
    found = measured([*weights([330, 331, 329, 330, 332, 333]), *changes])
    assert groups(found.data.runs.tolist()) == [2, 2, 2]
    assert groups(found.data.stretches.tolist()) == [6]
    assert found.product.to_list() == ["juice"] * 2 + ["tea"] * 4
    assert found.order.to_list() == ["A-1"] * 4 + ["A-2"] * 2


def test_without_a_product_signal_it_is_that_of_the_line() -> None:
    plain = line()
    usual = type(plain)(
        plain.id, plain.name, plain.machines, plain.roles, product="juice",
        measurements=plain.measurements,
    )  # fmt: skip
    found = measured_values(usual, usual.measurements["fill"], history(weights([330])), WINDOW)
    assert found.product.to_list() == ["juice"]
    assert found.order.to_list() == [None]


def test_what_is_left_out_is_counted() -> None:
    rows = [
        *weights([330, 331]),
        *weights([999.0], first=2, quality=2),
        *weights([332], first=3, quality=1),
        *weights([None, 333], first=4),
    ]
    found = measured(rows)
    assert found.data.values.tolist() == [330, 331, 332, 333]
    assert (found.bad_quality, found.uncertain_quality, found.without_value) == (1, 1, 1)
    assert groups(found.data.runs.tolist()) == [4], "a bad value is no unknown time"


def test_neighbours_outside_the_window_are_no_values_of_it() -> None:
    rows = [*weights([1.0], first=-1), *weights([330]), *weights([2.0], first=600)]
    assert measured(rows).data.values.tolist() == [330], "the end is not included"


def test_whether_there_are_samples_is_known_without_them() -> None:
    fill = line().measurements["fill"]
    told = history([*weights([330, 331], first=5), *weights([332], first=30)])
    for start, end, count in ((0, 5, 0), (0, 6, 1), (5, 31, 3), (6.5, 30, 0), (31, 60, 0)):
        window = Window(at(start), at(end))
        values = measured_values(line(), fill, told, window).data.values
        assert (len(values), has_samples(fill, told, window)) == (count, count > 0)


def test_no_value_at_all() -> None:
    found = measured([])
    assert len(found.data.values) == len(found.data.runs) == found.product.len() == 0
