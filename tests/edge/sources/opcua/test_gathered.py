"""The order in which values of several items are handed over."""

from __future__ import annotations

from datetime import UTC, datetime

from edge.sources.opcua.data_changes import DataChanges
from edge.sources.opcua.gathered import Gathered

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


def gathered(*told: tuple[int, int | None]) -> Gathered:
    """Items and times; the value is the place."""
    handles, times = [it[0] for it in told], [it[1] for it in told]
    values = list(range(len(told)))
    found = Gathered()
    found.add(DataChanges(handles, [], [0] * len(told), times), [*values], {}, AT)
    return found


def test_they_stand_by_source_time_and_each_item_in_the_servers_order() -> None:
    """The example in the module."""
    found = gathered((1, 0), (1, 5), (2, 2), (3, None), (1, 3)).by_source_time()
    assert found.values == [0, 2, 3, 1, 4]
    assert [(it.handle, it.time_us) for it in found.rows()][1:4] == [(2, 2), (3, None), (1, 5)]


def test_what_is_in_order_stays_as_it_is() -> None:
    found = gathered((1, 0), (2, 0), (1, 1), (2, 1))
    assert found.by_source_time() is found


def test_what_has_no_plain_form_stays_with_its_row() -> None:
    found = Gathered()
    found.add(DataChanges([1], ["a"], [0], [9]), ["a"], {}, AT)
    why = ValueError("no plain form")
    found.add(DataChanges([2, 3], ["raw", "b"], [0, 0], [7, 8]), [why, "b"], {0: "raw"}, AT)
    rows = list(found.by_source_time().rows())
    assert [(it.handle, it.value, it.raw) for it in rows] == [
        (2, why, "raw"),
        (3, "b", None),
        (1, "a", None),
    ]
