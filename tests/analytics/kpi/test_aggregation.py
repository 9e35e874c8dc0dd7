"""The worked example of `analytics.kpi.aggregation`: three facts, two condensed rows, one total."""

from __future__ import annotations

from kpi_facts import frame

from analytics.kpi.aggregation import condensed, summed
from domain.frames import QUANTITY_COLUMNS, STATE_COLUMNS


def fact(order: str, producing_s: int, stopped_s: int, total: float) -> dict[str, object]:
    return {
        "plan": "busy",
        "mode": None,
        "order": order,
        "reason_kind": None,
        **dict.fromkeys(STATE_COLUMNS, 0),
        "producing_us": producing_s * 10**6,
        "stopped_us": stopped_s * 10**6,
        **dict.fromkeys(QUANTITY_COLUMNS),
        "total_count": total,
        "stops": 0,
        "failures": 0,
    }


def test_the_example_of_the_docstring() -> None:
    facts = frame([fact("A", 3000, 600, 2900), fact("B", 3600, 0, 3500), fact("", 0, 3600, 0)])
    columns = ("plan", "order_is", "producing_us", "stopped_us", "total_count")
    assert condensed(facts).select(columns).rows() == [
        ("busy", "active", 6600 * 10**6, 600 * 10**6, 6400.0),
        ("busy", "none", 0, 3600 * 10**6, 0.0),
    ]
    found = summed(facts)
    times = [found.one(f"{name}_time_s") for name in ("production", "delay", "down")]
    assert times == [6600, 600, 3600]
    assert found.one("total_count") == 6400
