"""Exceptions of a line's calendar, as people enter and read them, for command line, HTTP and pages.

An exception changes the plan, and with it the figures of its time, also of time that has been: who
entered it, when and why stays with it. Accepted periods keep their figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

from api.documents.corrections import READS_ALL, Reader
from api.documents.times import local_text
from api.queries.lines import Queries
from api.queries.times import end_of, instant_of, window_between
from api.queries.withheld import told
from domain.errors import InputError, NotFoundError, did_you_mean
from domain.plan_changes import PlanChange, holding
from domain.plant import CalendarException, ExceptionClass
from domain.texts import N_
from store.registry.line_records import Recording

CLASSES: tuple[ExceptionClass, ...] = get_args(ExceptionClass)
_LONGEST = timedelta(days=366)
_TEXT_MAX = 1000  # characters


@dataclass(frozen=True, slots=True)
class NewException:
    """As somebody gives it: times and days as texts; an `end` that is a day includes that day."""

    start: str
    end: str
    kind: str
    reason: str
    author: str


def add_exception(
    queries: Queries, recording: Recording, line_id: str, new: NewException, identity: str
) -> dict[str, Any]:
    """Enter it under that id; its document. Raises InputError or NotFoundError where it is refused,
    BusyError where somebody else was as quick."""
    plant, line = queries.line(line_id)
    if line.calendar is None:
        raise InputError(
            N_("line %(line_id)s has no calendar: it is planned round the clock"),
            todo=N_("Give it one in the plant file."),
            values={"line_id": line_id},
        )
    kind = next((it for it in CLASSES if it == new.kind), None)
    if kind is None:
        raise InputError(
            N_("there is no class of exception '%(kind)s'"),
            where="class",
            todo=did_you_mean(new.kind, list(CLASSES)),
            values={"kind": new.kind},
        )
    start = instant_of(new.start, plant.zone, "start")
    window = window_between(start, end_of(new.end, plant.zone), plant.zone)
    if window.end - window.start > _LONGEST:
        raise InputError(
            N_("an exception is at most 366 days long"),
            where="end",
            todo=N_("Change the plant file."),
        )
    author, reason = _said("author", new.author), _said("reason", new.reason)
    change = PlanChange(
        identity,
        line_id,
        author,
        queries.now(),
        CalendarException(window.start, window.end, kind, reason, author),
    )

    def check(earlier: Sequence[PlanChange]) -> None:
        for other in holding(earlier):
            it = other.exception
            if it and (it.start, it.end, it.kind) == (window.start, window.end, kind):
                raise InputError(
                    N_("%(author)s entered the same exception already (%(id)s)"),
                    where="start",
                    todo=N_("There is nothing left to do."),
                    values={"author": other.author, "id": other.id},
                )

    recording.plan_change(change, check)
    return _entered_json(change, [change], plant.zone, READS_ALL)


def withdraw_exception(
    queries: Queries,
    recording: Recording,
    line_id: str,
    withdrawn: str,
    said: tuple[str, str],
    identity: str,
) -> dict[str, Any]:
    """Withdraw one that was entered, by an author with a comment (`said`); its document after it.
    Raises as `add_exception` does."""
    plant, _ = queries.line(line_id)
    author = _said("author", said[0])
    change = PlanChange(
        identity, line_id, author, queries.now(), withdraws=withdrawn, comment=_within(said[1])
    )

    def check(earlier: Sequence[PlanChange]) -> None:
        found = next((it for it in earlier if it.id == withdrawn and it.exception), None)
        if found is None:
            raise NotFoundError(
                N_("nobody entered an exception '%(withdrawn)s' of line %(line_id)s"),
                todo=N_(
                    "Take the id from the line's list; those of the plant file are changed there."
                ),
                values={"withdrawn": withdrawn, "line_id": line_id},
            )
        if found not in holding(earlier):
            raise InputError(
                N_("the exception %(withdrawn)s was withdrawn already"),
                todo=N_("There is nothing left to do."),
                values={"withdrawn": withdrawn},
            )

    recording.plan_change(change, check)
    known = queries.records.plan_changes(line_id)
    found = next(it for it in known if it.id == withdrawn)
    return _entered_json(found, known, plant.zone, READS_ALL)


def exceptions_json(
    queries: Queries, line_id: str, reader: Reader = READS_ALL
) -> list[dict[str, Any]]:
    """Those of the plant file (without an id), then those that were entered, withdrawn ones too."""
    plant, line = queries.line(line_id)
    changes = queries.records.plan_changes(line_id)
    every = line.calendar.exceptions if line.calendar else ()
    entered = {it.exception for it in holding(changes)}
    of_file = [
        _exception_json(it, line_id, plant.zone, reader) for it in every if it not in entered
    ]
    return of_file + [
        _entered_json(it, changes, plant.zone, reader) for it in changes if it.exception
    ]


def _exception_json(
    it: CalendarException, line_id: str, zone: ZoneInfo, reader: Reader
) -> dict[str, Any]:
    return {
        "id": None,
        "line": line_id,
        "start": local_text(it.start, zone),
        "end": local_text(it.end, zone),
        "class": it.kind,
        "reason": it.reason if reader.may_see_reasons else None,
        "author": reader.author(it.author) if it.author else None,
        "decided_on": it.decided_on.isoformat() if it.decided_on else None,
        "recorded_at": None,
        "in_force": True,
        "withdrawal": None,
        **told(reader.withheld),
    }


def _entered_json(
    change: PlanChange, changes: Sequence[PlanChange], zone: ZoneInfo, reader: Reader
) -> dict[str, Any]:
    assert change.exception is not None
    gone = next((it for it in changes if it.withdraws == change.id), None)
    return _exception_json(change.exception, change.line, zone, reader) | {
        "id": change.id,
        "recorded_at": local_text(change.recorded_at, zone),
        "in_force": gone is None,
        "withdrawal": gone
        and {
            "author": reader.author(gone.author),
            "comment": gone.comment if reader.may_see_reasons else None,
            "recorded_at": local_text(gone.recorded_at, zone),
        },
    }


_MISSING = {"author": N_("the author is missing"), "reason": N_("the reason is missing")}


def _said(field: str, text: str) -> str:
    if not text.strip():
        raise InputError(_MISSING[field], where=field, todo=N_("Say who, and why."))
    return _within(text, field)


def _within(text: str, field: str = "comment") -> str:
    if len(text) > _TEXT_MAX:
        raise InputError(
            N_("the text has %(count)s characters"),
            where=field,
            todo=N_("Keep it within %(most)s."),
            values={"count": len(text), "most": _TEXT_MAX},
        )
    return text.strip()
