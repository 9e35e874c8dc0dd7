"""The stops of a shift as its page shows them, and the reasons that can be given.

Everything is as of one instant. A row carries what an entry about it has to say that it saw
(`api.records.entries`): the stop's end, and the corrections that its reasons come from.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import polars as pl

from analytics.calendar.shifts_around import PeriodsAround, WorkPeriod, periods_around
from analytics.stops.missing_reasons import (
    DOUBTFUL_SHARE,
    MissingReasons,
    asks_for_reason,
    missing_reasons,
)
from api.documents.corrections import Reader
from api.documents.times import local_text
from api.http.dependencies import Services
from api.i18n import Language
from api.pages.labels import CORRECTIONS
from api.pages.operator.texts import from_to, order_said
from api.queries.handovers import shift_at
from api.queries.lines import Queries
from api.queries.stops import StopsAnswer, line_stops
from api.queries.withheld import stops_without
from api.records.entries import is_first_of_entry
from domain.corrections import Correction, CorrectionKind, Standing, in_force, waiting
from domain.plant import Confidential, Plant, Withheld, text_in
from domain.reasons import path_of, reason_named
from domain.states import STOP_STATES
from domain.texts import N_

UNDO_FOR = timedelta(minutes=1)
_USED_SINCE = timedelta(days=90)
_MOST_USED_MAX = 6
_STOPPED = pl.col("state").is_in(sorted(it.value for it in STOP_STATES))
_OF_STOPS = (CorrectionKind.REASON, CorrectionKind.SPLIT, CorrectionKind.MERGE)


@dataclass(frozen=True)
class Said:
    """A correction: what it says, who entered it and when; of an order since when it holds."""

    id: str
    what: str
    author: str
    entered: str
    comment: str
    waits: bool
    since: str


@dataclass(frozen=True)
class Rest:
    """The end of a stop that had a reason when it ended no more: times, and that reason."""

    start: str
    times: str
    reason: str
    name: str


@dataclass(frozen=True)
class ShownStop:
    """`start`, `end`: ISO 8601, no end where it runs; `asks`: for a reason that it has not;
    `seen`: ids of the corrections that give its reason; `following`, `following_times`: of the stop
    after it, or ""."""

    start: str
    end: str
    times: str
    duration_s: float
    state: str
    is_short: bool
    asks: bool
    reason: str
    seen: str
    said: tuple[Said, ...]
    rest: Rest | None
    following: str = ""
    following_times: str = ""


@dataclass(frozen=True)
class ShiftNote:
    """What somebody wrote for the next shift, and when."""

    text: str
    author: str
    written: str


@dataclass(frozen=True)
class ShiftStops:
    """`stops`: the latest first; `before`, `after`: the start of the shifts beside it, or "";
    `made`: what people said last of the order and product; `notes`: of the shift, the latest
    first."""

    name: str
    times: str
    day: str
    start: str
    before: str
    after: str
    stops: tuple[ShownStop, ...]
    missing: MissingReasons
    doubtful_above: float
    minor_stop_s: float
    has_tree: bool
    shows_reasons: bool
    made: Said | None
    notes: tuple[ShiftNote, ...]


@dataclass(frozen=True)
class Choice:
    """A reason to touch; `name`: in the reader's language, below its group, unless it `is_root` of
    others."""

    id: str
    name: str
    kind: str
    is_root: bool


@dataclass(frozen=True)
class Choices:
    """Groups of reasons by the roots of the plant's tree; before them those that are used most."""

    most_used: tuple[Choice, ...]
    groups: tuple[tuple[str, tuple[Choice, ...]], ...]


def read_shift(
    services: Services,
    queries: Queries,
    line_id: str,
    at: datetime,
    withheld: Withheld,
    language: Language,
) -> ShiftStops:
    """The shift that the instant belongs to. Raises NotFoundError."""
    plant, line = queries.line(line_id)
    around = periods_around(line.calendar, plant.zone, at)
    found = stops_without(line_stops(queries, line_id, around.period.window), withheld)
    reader = reader_of(services, queries, line_id, withheld)
    rows = _Rows(queries, found, reader, language)
    name, day = _title(around.period, plant, language)
    return ShiftStops(
        name=name,
        day=day,
        times=from_to(around.period.window.start, around.period.window.end, language, plant.zone),
        start=local_text(around.period.window.start, plant.zone),
        **_beside(around, plant, queries.now()),
        stops=rows.shown(),
        missing=missing_reasons(found.rows),
        doubtful_above=DOUBTFUL_SHARE,
        minor_stop_s=line.minor_stop_s,
        has_tree=bool(plant.reasons),
        shows_reasons=Confidential.REASONS not in withheld,
        made=_made(queries, plant, line_id, reader, language),
        notes=_notes(services, queries, line_id, around.period.window.start, reader, language),
    )


def reader_of(services: Services, queries: Queries, line_id: str, withheld: Withheld) -> Reader:
    plant, _ = queries.line(line_id)
    return Reader(withheld, partial(services.registry.pseudonyms.of, plant.id))


def choices(queries: Queries, line_id: str, language: Language) -> Choices:
    """The plant's reasons, as far as people may give them at the line."""
    plant, _ = queries.line(line_id)
    since = queries.now() - _USED_SINCE
    used = Counter(
        it.reason
        for it in in_force(queries.corrections(line_id))
        if it.kind is CorrectionKind.REASON and it.start >= since and it.reason in plant.reasons
    )
    groups: dict[str, list[Choice]] = {}
    for node in plant.reasons.values():
        root, *below = path_of(plant, node.id)
        names = [text_in(it.name, language.tag) or it.id for it in below]
        own = text_in(root.name, language.tag) or root.id
        is_root = not below and any(it.parent == node.id for it in plant.reasons.values())
        choice = Choice(node.id, " › ".join(names) or own, node.kind.value, is_root)
        groups.setdefault(own, []).append(choice)
    by_id = {it.id: it for each in groups.values() for it in each}
    return Choices(
        tuple(by_id[it] for it, _ in used.most_common(_MOST_USED_MAX) if it is not None),
        # A root says less than what is below it, so it stands behind.
        tuple((name, (*each[1:], each[0])) for name, each in groups.items()),
    )


def said_of(
    record: Correction, plant: Plant, standing: Standing, reader: Reader, language: Language
) -> Said:
    """The correction in words."""
    what = language.text(CORRECTIONS[record.kind.value])
    if record.reason:
        node = reason_named(plant, record.reason)
        what = (text_in(node.name, language.tag) if node else "") or record.reason
    elif record.kind is CorrectionKind.ORDER:
        what = order_said(record.order, record.product, plant, language)
    elif record.kind is CorrectionKind.SPLIT:
        what = f"{what}: {language.time(record.start, plant.zone, seconds=True)}"
    return Said(
        record.id,
        what,
        reader.author(record.author) or "",
        language.time(record.recorded_at, plant.zone),
        record.comment,
        record.id in standing.waiting,
        language.moment(record.start, plant.zone),
    )


def _notes(
    services: Services,
    queries: Queries,
    line_id: str,
    at: datetime,
    reader: Reader,
    language: Language,
) -> tuple[ShiftNote, ...]:
    if not reader.may_see_reasons:
        return ()
    plant, handovers = queries.line(line_id)[0], services.registry.handovers
    notes = handovers.of_shift(shift_at(queries, handovers, line_id, at)).notes
    return tuple(
        ShiftNote(it.text, reader.author(it.author) or "", language.time(it.written_at, plant.zone))
        for it in reversed(notes)
    )


def _made(
    queries: Queries, plant: Plant, line_id: str, reader: Reader, language: Language
) -> Said | None:
    records = queries.corrections(line_id)
    orders = [
        it
        for it in in_force(records)
        if it.kind is CorrectionKind.ORDER and it.start <= queries.now()
    ]
    return said_of(orders[-1], plant, Standing(records), reader, language) if orders else None


class _Rows:
    """The rows of a StopsAnswer, shown."""

    def __init__(
        self, queries: Queries, found: StopsAnswer, reader: Reader, language: Language
    ) -> None:
        self._found = found
        self._plant = found.plant
        self._zone = found.plant.zone
        self._reader = reader
        self._language = language
        records = queries.corrections(found.line.id)
        self._standing = Standing(records)
        open_ones = {it.id for it in waiting(records)}
        self._records = [
            it
            for it in records
            if it.kind in _OF_STOPS and (it.id in self._standing.in_force or it.id in open_ones)
        ]
        self._until = min(found.window.end, queries.at(found.line.id))
        self._ends_now = found.window.end > queries.at(found.line.id)

    def shown(self) -> tuple[ShownStop, ...]:
        rows = self._found.rows.with_columns(asks_for_reason().alias("asking"))
        known = rows.filter(pl.col("category") != "unknown").to_dicts()
        shown = [
            self._stop(row, following)
            for row, following in zip(known, [*known[1:], None], strict=True)
        ]
        return tuple(reversed(shown))

    def _stop(self, row: dict[str, Any], following: dict[str, Any] | None) -> ShownStop:
        runs = self._ends_now and row["end"] >= self._until
        mine = self._records_of(row) if self._reader.may_see_reasons else []
        seen = [
            it.id
            for it in mine
            if it.kind is CorrectionKind.REASON and it.id in self._standing.in_force
        ]
        return ShownStop(
            start=local_text(row["start"], self._zone),
            end="" if runs else local_text(row["end"], self._zone),
            times=self._times(row["start"], None if runs else row["end"]),
            duration_s=row["duration_s"],
            state=row["state"],
            is_short=row["category"] == "minor",
            asks=row["asking"] and row["reason"] is None and self._reader.may_see_reasons,
            reason=self._name(row["reason"]),
            seen=" ".join(seen),
            said=tuple(
                said_of(it, self._plant, self._standing, self._reader, self._language)
                for it in mine
            ),
            rest=self._rest(row) if seen and not runs else None,
            following=local_text(following["start"], self._zone) if following else "",
            following_times=self._times(following["start"], following["end"]) if following else "",
        )

    def _records_of(self, row: dict[str, Any]) -> list[Correction]:
        """Those that speak of its time; a split stands at a border."""
        return [
            it
            for it in self._records
            if (row["start"] <= it.start <= row["end"] if it.start == it.end else _overlap(it, row))
        ]

    def _rest(self, row: dict[str, Any]) -> Rest | None:
        """Where people gave a reason while the stop ran, and it went on."""
        if row["reason"] not in self._plant.reasons:
            return None
        inside = self._found.intervals.filter(
            (pl.col("end") > row["start"]) & (pl.col("start") < row["end"]) & _STOPPED
        )
        last: Any = inside.filter(pl.col("reason").fill_null("") != "")["end"].max()
        if last is None or last >= row["end"]:
            return None
        return Rest(
            local_text(last, self._zone),
            self._times(last, row["end"]),
            row["reason"],
            self._name(row["reason"]),
        )

    def _name(self, reason: str | None) -> str:
        node = reason_named(self._plant, reason) if reason else None
        return (text_in(node.name, self._language.tag) if node else "") or reason or ""

    def _times(self, start: datetime, end: datetime | None) -> str:
        left = self._language.time(start, self._zone, seconds=True)
        if end is None:
            return self._language.text(N_("since %(time)s"), time=left)
        return f"{left}–{self._language.time(end, self._zone, seconds=True)}"


def _overlap(correction: Correction, row: dict[str, Any]) -> bool:
    return bool(correction.start < row["end"] and row["start"] < correction.end)


def _title(period: WorkPeriod, plant: Plant, language: Language) -> tuple[str, str]:
    """The shift's name, and its day."""
    return period.name, language.day(period.window.start.astimezone(plant.zone).date())


def _beside(around: PeriodsAround, plant: Plant, now: datetime) -> dict[str, str]:
    before, after = around.before, around.after
    return {
        "before": local_text(before.window.start, plant.zone) if before else "",
        "after": local_text(after.window.start, plant.zone)
        if after and after.window.start <= now
        else "",
    }


def latest_entry(
    queries: Queries, line_id: str, author: str, language: Language
) -> tuple[Said, datetime] | None:
    """What that person entered last at the line, and until when a touch undoes it."""
    plant, _ = queries.line(line_id)
    records = queries.corrections(line_id)
    mine = (it for it in reversed(records) if it.author == author and is_first_of_entry(it.id))
    found = next(mine, None)
    standing = Standing(records)
    holds = found is not None and found.id in standing.in_force | standing.waiting
    if found is None or not holds or found.kind not in (*_OF_STOPS, CorrectionKind.ORDER):
        return None
    until = found.recorded_at + UNDO_FOR
    return (
        (said_of(found, plant, standing, Reader(), language), until)
        if (found.recorded_at <= queries.now() < until)
        else None
    )
