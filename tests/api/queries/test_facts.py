"""Figures of windows whose end lies close to now, on a real store."""

from __future__ import annotations

from datetime import UTC, timedelta

from telemetry import batch
from web_plant import NOW, Clock, spans, store_of

from api.queries.kpis import KpiQuestion, kpi_rows
from api.queries.lines import Queries
from domain.time import Window

END = NOW.astimezone(UTC)  # of the last span
GONE = Window(END - timedelta(seconds=60), END + timedelta(seconds=10))


def unknown_s(queries: Queries) -> tuple[float, float]:
    """Unknown time of the window by its KPIs and by its states."""
    ((row,),) = kpi_rows(queries, [KpiQuestion("filler-1", GONE)])
    states = queries.states("filler-1", GONE).filter(state="unknown")
    lasted = (states["end"] - states["start"]).sum()
    assert isinstance(lasted, timedelta)
    return row["unknown_time_s"], lasted.total_seconds()


def test_the_end_of_a_span_is_not_trusted_once_the_line_was_heard_again(
    own_plant: tuple[Queries, Clock],
) -> None:
    """A window that ends while the line is away: later it is known that the line was away."""
    queries, clock = own_plant
    clock.now = NOW + timedelta(seconds=31)
    assert unknown_s(queries) == (0.0, 0.0), "trusted as long as nothing newer is known"
    again = spans(("filler-1", "filler", NOW + timedelta(seconds=20), NOW + timedelta(seconds=30)))
    store_of(queries).append([batch(1, spans=again, agent="agent-live")])
    assert unknown_s(queries) == (10.0, 10.0)
    clock.now = NOW + timedelta(hours=1)
    assert unknown_s(queries) == (10.0, 10.0)
