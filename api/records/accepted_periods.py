"""Freezing a period: what an officer accepted, told and listed for command line and HTTP alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analytics.corrections.accepted_periods import check_window
from api.documents.accepted_periods import period_json
from api.queries.lines import Queries
from api.queries.prices import window_price
from api.queries.times import end_of, instant_of, window_between
from domain.errors import InputError, NotAllowedError
from domain.milestone_states import same_person
from store.registry.line_records import Recording
from store.registry.project_work.accepted_periods import FrozenPeriod


def freeze(
    queries: Queries, recording: Recording, line_id: str, start: str, end: str, author: str
) -> dict[str, Any]:
    """Keep the line's present figures of the period as accepted by `author`.

    A day as `end` is included, as in a grant's windows; a time of day is not. Raises InputError
    where the period may not be frozen, NotAllowedError where that person has declared a conflict of
    interest with a project of the line, BusyError, StorageError.
    """
    plant, _ = queries.line(line_id)
    if not author.strip():
        raise InputError(
            "nobody is named as the author", where="author", todo="Say who accepted the period."
        )
    _check_conflicts(queries, line_id, author)
    zone = plant.zone
    window = window_between(instant_of(start, zone, "start"), end_of(end, zone), zone)
    now = queries.now()

    def check(earlier: Sequence[FrozenPeriod]) -> None:
        check_window(window, zone, [it.window for it in earlier], now)

    window_price("freeze", queries, window).check()
    check(queries.frozen_periods(line_id))
    facts = queries.present_facts(line_id, window)
    period = recording.freeze(line_id, window, facts, author.strip(), now, check)
    return period_json(period, zone)


def _check_conflicts(queries: Queries, line_id: str, author: str) -> None:
    for project in queries.projects():
        declared = queries.conflicts(project.reference) if line_id in project.lines else []
        if any(same_person(it.author, author) for it in declared):
            raise NotAllowedError(
                f"'{author.strip()}' has declared a conflict of interest with project "
                f"{project.reference}, which is of this line",
                todo="Another officer accepts its figures.",
            )


def frozen_json(queries: Queries, line_id: str) -> list[dict[str, Any]]:
    """The line's frozen periods, by start."""
    plant, _ = queries.line(line_id)
    return [period_json(it, plant.zone) for it in queries.frozen_periods(line_id)]
