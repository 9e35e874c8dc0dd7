"""What is left out of an answer, and what stands."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC

import pytest
from web_plant import NOW

from api.queries.lines import Queries
from api.queries.live import Live, live
from api.queries.stops import line_stops
from api.queries.withheld import live_without, states_without, stops_without, told
from domain.plant import Confidential, Withheld
from domain.time import Window

LINE = "packer-1"  # in fault, with a reason
LAST = Window(NOW.replace(hour=9, minute=0).astimezone(UTC), NOW.astimezone(UTC))
RAW = frozenset({Confidential.RAW_SAMPLES})
REASONS = frozenset({Confidential.REASONS})
LEFT_OUT = {
    RAW: {"alarm", "order", "product", "speed", "total_counter", "faults"},
    REASONS: {"reason", "reason_name"},
    RAW | REASONS: {
        "alarm", "order", "product", "speed", "total_counter", "faults", "reason", "reason_name",
    },
}  # fmt: skip


@pytest.fixture
def now(filled: Queries) -> Live:
    """With something in each field."""
    return replace(
        live(filled, LINE), alarm="a", order="o", product="p", speed=1.0, total_counter=2.0
    )


@pytest.mark.parametrize("withheld", LEFT_OUT, ids=lambda it: "+".join(sorted(it)))
def test_of_the_live_state_all_else_stands(now: Live, withheld: Withheld) -> None:
    shown = live_without(now, withheld)
    for name in {it.name for it in fields(Live)} - {"withheld"}:
        if name in LEFT_OUT[withheld]:
            assert not getattr(shown, name)
        else:
            assert getattr(shown, name) == getattr(now, name)
    assert shown.withheld == withheld


def test_where_nothing_is_withheld_it_is_the_same(now: Live) -> None:
    assert live_without(now, frozenset()) is now
    assert told(frozenset()) == {}
    assert told(RAW | REASONS) == {"withheld": ["raw_samples", "reasons"]}


def test_stops_stand_without_their_reasons(filled: Queries) -> None:
    found = line_stops(filled, LINE, LAST)
    assert found.rows["reason"].drop_nulls().len()
    assert stops_without(found, RAW).rows.equals(found.rows)
    shown = stops_without(found, REASONS)
    gone = ["reason", "path", "kind"]
    assert shown.rows.schema == found.rows.schema
    assert shown.rows.drop(gone).equals(found.rows.drop(gone))
    assert shown.rows["reason"].null_count() == len(found.rows)
    assert shown.intervals.equals(states_without(found.intervals, REASONS))
    assert shown.intervals["reason"].null_count() == len(found.intervals)
    assert states_without(found.intervals, RAW) is found.intervals
