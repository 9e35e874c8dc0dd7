"""KPI rows with the capability of measurements, for command line and HTTP alike.

Pages show no capability in their rows and ask `Queries.kpis` without: measurements are read
from the samples, which takes longer than to read facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analytics.corrections.accepted_periods import FrozenFacts
from analytics.kpi.capability import characteristic, unread
from analytics.kpi.manual_inputs import Characteristic
from api.queries.lines import Capability, Queries
from domain.errors import StorageError
from domain.plant import Line
from domain.time import Window
from store.history.line_history import line_history

SAMPLES_MAX = 3_000_000  # of one window: more would fill the memory of a small node


def kpis(
    queries: Queries, line_id: str, window: Window, by: str | None, method: Sequence[str]
) -> list[dict[str, Any]]:
    """The rows of `lineproof kpi --json`. Raises NotFoundError, InputError."""
    _, line = queries.line(line_id)
    now = queries.now()
    if not line.measurements or by == "product" or window.start >= now:
        return queries.kpis(line_id, window, by, method)
    return queries.kpis(line_id, window, by, method, _measured)


def _measured(
    queries: Queries, line: Line, window: Window, periods: Sequence[FrozenFacts]
) -> tuple[Capability, Capability]:
    """The worst characteristic of any part of the window, by what is known now; and where the
    part is frozen, by what was known when it was accepted."""
    present = _read(queries, line, window)

    def accepted(part: Window) -> Characteristic:
        for it in periods:
            if it.window.start <= part.start and part.end <= it.window.end:
                then = queries.as_known_at(it.frozen_at)
                return _read(then, then.line(line.id)[1], part)(part)
        return present(part)

    return present, accepted


def _read(queries: Queries, line: Line, window: Window) -> Capability:
    samples = queries.telemetry.sample_count(line.id, window.start, window.end)
    if samples > SAMPLES_MAX:
        why = f"the window has {samples} samples; capability is computed of {SAMPLES_MAX} at most"
        return lambda _: unread(why)
    try:
        history = line_history(queries.telemetry, line.id, window.start, window.end)
    except StorageError as error:  # of a view that the store does not keep
        unkept = str(error)
        return lambda _: unread(unkept)
    return lambda part: characteristic(line, history, part)
