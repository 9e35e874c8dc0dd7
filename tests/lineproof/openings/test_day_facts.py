"""Which days can be drawn, and which batches must be opened with a day, by their headers alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from domain.batch_header import GENESIS, BatchHeader
from domain.frames import FACTS
from domain.time import micros
from lineproof.openings.day_facts import is_sealed_on, line_days, production_days

(DAY,) = line_days({"press-1": [date(2026, 3, 3)]}, ZoneInfo("Asia/Hong_Kong"))
BEGIN = DAY.window.start
HEADER = BatchHeader(
    "hall-1", 1, GENESIS, GENESIS, 5, 0, 0, micros(BEGIN + timedelta(hours=9)), (),
    {"press-1/press": "p"},
)  # fmt: skip


def test_a_day_is_one_of_the_plant() -> None:
    assert (BEGIN, DAY.window.end) == (
        datetime(2026, 3, 2, 16, tzinfo=UTC),
        datetime(2026, 3, 3, 16, tzinfo=UTC),
    )


def test_what_an_agent_sealed_on_the_day_must_be_opened() -> None:
    assert is_sealed_on(HEADER, DAY)
    assert not is_sealed_on(replace(HEADER, sealed_at=micros(DAY.window.end)), DAY)
    assert not is_sealed_on(replace(HEADER, samples=0), DAY), "there is nothing in it to be seen"
    assert not is_sealed_on(replace(HEADER, profiles={"press-2/press": "p"}), DAY)
    assert is_sealed_on(replace(HEADER, profiles={}), DAY), "it may be of any line"
    assert not is_sealed_on(replace(HEADER, agent="import"), DAY)


def test_one_that_was_sealed_behind_midnight_may_tell_of_the_day() -> None:
    end = micros(DAY.window.end)
    late = replace(HEADER, sealed_at=end + 1)
    assert is_sealed_on(replace(late, spans=(("press-1", "press", end - 5, end),)), DAY)
    assert not is_sealed_on(replace(late, spans=(("press-1", "press", end, end + 1),)), DAY)
    assert not is_sealed_on(replace(late, spans=(("press-2", "press", end - 5, end),)), DAY)


def test_a_production_day_was_planned_or_made_something() -> None:
    def row(day: int, plan: str, **amounts: float) -> dict[str, object]:
        return {"day": date(2026, 3, day), "plan": plan, "idle_us": 5, **amounts}

    facts = pl.DataFrame(
        [
            row(2, "busy"),
            row(3, "not_planned"),
            row(4, "not_planned", producing_us=1),
            row(5, "planned_down", good_count=1.0),
            {"day": date(2026, 3, 6), "plan": "busy"},
        ],
        schema_overrides=dict(FACTS),
    )
    whole = pl.concat([FACTS.to_frame(), facts], how="diagonal_relaxed")
    assert [it.day for it in production_days(whole)] == [2, 4, 5]
