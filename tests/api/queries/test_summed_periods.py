"""KPI rows of many lines at once are those of each line, whatever of them the store adds up."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from web_plant import NOW, ZONE, Clock, filled_queries, registry_of, store_of, tell

from api.documents.kpi_rows import kpis_document
from api.queries.lines import Queries
from domain.corrections import Correction, CorrectionKind
from domain.states import MachineState
from domain.time import Window

LINES = ["filler-1", "filler-2", "packer-1", "press-1"]
METHOD = ["iso22400"]
# From before the first sample to a time to come; neither end on a period's border.
WINDOW = Window(
    datetime(2026, 2, 27, 10, 30, tzinfo=ZONE).astimezone(UTC),
    datetime(2026, 4, 2, 1, tzinfo=ZONE).astimezone(UTC),
)


@pytest.fixture
def queries(tmp_path: Path) -> Iterator[Queries]:
    asked = filled_queries(tmp_path, Clock())
    yield asked
    store_of(asked).close()
    registry_of(asked).close()


def one_by_one(queries: Queries, by: str | None, method: list[str] = METHOD) -> Any:
    return [row for line in LINES for row in kpis_document(queries, [line], WINDOW, by, method)]


def different(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> list[str]:
    """Where rows differ by more than the order in which floats are added can make them."""
    if len(found) != len(expected):
        return [f"{len(found)} rows instead of {len(expected)}"]
    return [
        f"{name} of {row['line']} {row['key']}: {row[name]} instead of {wanted[name]}"
        for row, wanted in zip(found, expected, strict=True)
        for name in wanted
        if not alike(row[name], wanted[name])
    ]


def alike(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other)


@pytest.mark.parametrize("by", ["day", "week", "month", "shift", None])
def test_rows_are_those_of_each_line(queries: Queries, by: str | None) -> None:
    found = kpis_document(queries, LINES, WINDOW, by, METHOD)
    assert different(found, one_by_one(queries, by)) == []
    assert {row["line"] for row in found} >= set(LINES[:3])  # the last has no shifts


def test_two_methods_are_compared_all_the_same(queries: Queries) -> None:
    names = ["iso22400", "oee-com"]
    found = kpis_document(queries, LINES, WINDOW, "day", names)
    assert different(found, one_by_one(queries, "day", names)) == []


def test_what_the_store_holds_is_not_computed_again(
    queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only today is: the days before are whole in the store."""
    asked: dict[str, list[Window]] = defaultdict(list)
    whole = Queries.present_facts

    def noted(self: Queries, line: str, window: Window) -> pl.DataFrame:
        asked[line].append(window)
        return whole(self, line, window)

    monkeypatch.setattr(Queries, "present_facts", noted)
    since = datetime(2026, 3, 16, tzinfo=ZONE).astimezone(UTC)
    rows = kpis_document(
        queries, ["filler-1", "packer-1"], Window(since, NOW.astimezone(UTC)), "day", METHOD
    )
    assert len(rows) == 20
    today = NOW.replace(hour=0, minute=0).astimezone(UTC)
    assert [window.start for window in asked["filler-1"]] == [today]


def test_samples_and_corrections_that_came_since_are_in_the_rows(queries: Queries) -> None:
    before = kpis_document(queries, LINES, WINDOW, "day", METHOD)
    late = datetime(2026, 3, 17, 10, tzinfo=ZONE)
    tell(queries, 1, (late, MachineState.FAULT), (late + timedelta(hours=1), MachineState.IDLE))
    corrected = datetime(2026, 3, 19, 9, tzinfo=ZONE).astimezone(UTC)
    registry_of(queries).record.correction(
        Correction(
            "c1", "filler-1", CorrectionKind.QUANTITY, corrected, corrected + timedelta(hours=1),
            "anna", NOW.astimezone(UTC), element="good_count", amount=5.0,
        ),
        lambda _: None,
    )  # fmt: skip
    found = kpis_document(queries, LINES, WINDOW, "day", METHOD)
    assert different(found, one_by_one(queries, "day")) == []
    changed = {row["key"] for row, old in zip(found, before, strict=True) if row != old}
    assert {"2026-03-17", "2026-03-19"} <= changed
    assert len(changed) <= 4
