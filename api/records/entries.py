"""What people enter about a stop at a machine: a reason for it or a part of it, a split, a merge.

An entry is made of the corrections that it takes, recorded as one. It may come late and twice, from
a tablet whose network was away. So it says what was seen when it was made: the stop, with its end,
and the corrections that it takes the place of. Where that is not so any more it is a conflict for a
person, never a guess; the id that the tablet made for it makes it once, however often it comes.

A stop that ran when the entry was made is meant as a whole: its reason is given up to its end, or,
where it goes on, up to now and until it ends. Whoever gives a part another reason leaves the rest
the one that it had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

import polars as pl

from analytics.calendar.shifts_around import periods_around
from api.queries.lines import Queries
from api.queries.stops import line_stops
from api.queries.times import instant_of
from api.records.corrections import check_of, is_late, speaking_of
from domain.corrections import OF_ANOTHER, Correction, CorrectionKind, in_force
from domain.errors import BusyError, InputError, LineproofError, NotFoundError
from domain.plant import Line, Plant
from domain.time import Window
from store.registry.correction_rows import CheckedCorrection
from store.registry.line_records import Recording

_SHOWN = timedelta(seconds=1)  # forms show no less
ACTIONS = ("reason", "split", "merge", "withdraw", "undo")


@dataclass(frozen=True, slots=True)
class Entry:
    """As a form sends it; times are ISO 8601 texts.

    `stop`, `seen_end`: of the stop as it was shown, no end where it ran. `seen`: the ids of the
    corrections that were shown for it. `start`, `end`: of the part, where it is one; `moment`: of a
    split; a time of day will do. `following`: when the stop began that is merged. `withdraws`: what
    is withdrawn, or the entry that is undone. `knows_accepted`: that figures of its time were
    accepted is known.
    """

    identity: str
    action: str
    author: str
    device: str = ""
    stop: str = ""
    seen_end: str = ""
    seen: frozenset[str] = frozenset()
    reason: str = ""
    comment: str = ""
    start: str = ""
    end: str = ""
    moment: str = ""
    following: str = ""
    withdraws: str = ""
    knows_accepted: bool = False


class ConflictError(LineproofError):
    """Something is not any more as it was when the entry was made.

    `kind`: `recorded` (somebody else gave a reason), `changed` (the stop is another), `accepted`
    (the figures of its time). `now`: those reasons; `stops`: the stops that are there instead.
    """

    http_status = 409

    def __init__(
        self,
        kind: str,
        what: str,
        now: Sequence[Correction] = (),
        stops: Sequence[Window] = (),
    ) -> None:
        self.kind = kind
        self.now = tuple(now)
        self.stops = tuple(stops)
        super().__init__(what, todo="Look at it again, and enter what is right.")


@dataclass(frozen=True, slots=True)
class Entered:
    """`waits`: for somebody's approval; `again`: it had come before."""

    identity: str
    waits: bool
    again: bool = False


def is_first_of_entry(identity: str) -> bool:
    """Whether it is the id of an entry, not of what the entry took besides."""
    try:
        return UUID(identity).version != uuid5(UUID(int=0), "").version
    except ValueError:
        return True


def record_entry(
    queries: Queries, recording: Recording, line_id: str, entry: Entry, *, may_approve: bool
) -> Entered:
    """Record it. Raises ConflictError, InputError or NotFoundError where it is refused, BusyError
    where somebody else was as quick."""
    plant, line = queries.line(line_id)
    _check_identity(entry.identity)
    before = _recorded(queries, entry.identity)
    if before is not None:
        if (before.line, before.author) != (line_id, entry.author):
            raise InputError("this entry is another one's", where="identity", todo="Make a new id.")
        return Entered(entry.identity, before.needs_approval, again=True)
    if entry.action not in ACTIONS:
        raise InputError(
            f"there is no action '{entry.action}'", todo=f"Send one of: {', '.join(ACTIONS)}."
        )
    making = _Making(queries, plant, line, entry)
    {
        "reason": making.reason,
        "split": making.split,
        "merge": making.merge,
        "withdraw": making.withdrawal,
        "undo": making.undoing,
    }[entry.action]()
    made = _checked(queries, plant, line, making.corrections, may_approve=may_approve)
    recording.corrections(made)
    return Entered(entry.identity, any(it.needs_approval for it, _ in made))


def stops_of_shift(queries: Queries, line_id: str, at: datetime) -> list[Window]:
    """The stops of the shift that the instant belongs to, in order of time, setup and maintenance
    among them."""
    plant, line = queries.line(line_id)
    period = periods_around(line.calendar, plant.zone, at).period
    rows = line_stops(queries, line_id, period.window).rows
    known = rows.filter(pl.col("category") != "unknown")
    return [Window(*times) for times in known.select("start", "end").rows()]


class _Making:
    """The corrections that an entry takes, withdrawals first."""

    def __init__(self, queries: Queries, plant: Plant, line: Line, entry: Entry) -> None:
        self._queries = queries
        self._zone = plant.zone
        self._line = line.id
        self._entry = entry
        self._now = queries.now()
        self._records = queries.corrections(line.id)
        self._holding = in_force(self._records)
        self._goes_on = False  # the stop that is meant
        self.corrections: list[Correction] = []

    def reason(self) -> None:
        stop = self._stop()
        part = self._part(stop)
        self._check_accepted(part)
        earlier = [it for it in self._of(CorrectionKind.REASON) if _touch(it, part)]
        theirs = [it for it in earlier if it.id not in self._entry.seen]
        if theirs:
            raise ConflictError(
                "recorded", "somebody else has given this stop a reason meanwhile", theirs
            )
        for it in earlier:
            self._withdraw(it)
        said = self._entry
        self._add(
            CorrectionKind.REASON, part.start, part.end,
            is_first=True, reason=said.reason, comment=said.comment.strip(),
            until_stop_ends=self._goes_on and part.end == stop.end,
        )  # fmt: skip
        for it in earlier:
            end = max(it.end, stop.end) if it.until_stop_ends else it.end
            if it.start < part.start:
                self._again(replace(it, until_stop_ends=False), it.start, part.start)
            if part.end < end:
                self._again(it, part.end, end)

    def split(self) -> None:
        stop = self._stop()
        moment = self._within(self._entry.moment, stop, "moment")
        if not stop.start < moment < stop.end:
            raise InputError(
                "the stop is not cut by that moment",
                where="moment",
                todo="Give one between its start and its end.",
            )
        self._check_accepted(stop)
        comment = self._entry.comment.strip()
        self._add(CorrectionKind.SPLIT, moment, moment, is_first=True, comment=comment)

    def merge(self) -> None:
        """With the following stop. What had split them is withdrawn; so are earlier merges of
        theirs, which the new one holds."""
        stop = self._stop()
        following = instant_of(self._entry.following, self._zone, "following")
        behind = [
            it
            for it in stops_of_shift(self._queries, self._line, stop.start)
            if it.start > stop.start
        ]
        if not behind or behind[0].start != following:
            what = "the stop that follows is another one now"
            raise ConflictError("changed", what, stops=behind[:1])
        whole = Window(stop.start, behind[0].end)
        self._check_accepted(whole)
        merges = [it for it in self._of(CorrectionKind.MERGE) if _touch(it, whole)]
        whole = Window(
            min([whole.start, *(it.start for it in merges)]),
            max([whole.end, *(it.end for it in merges)]),
        )
        splits = [it for it in self._of(CorrectionKind.SPLIT) if whole.start < it.start < whole.end]
        for it in (*merges, *splits):
            self._withdraw(it)
        comment = self._entry.comment.strip()
        self._add(CorrectionKind.MERGE, whole.start, whole.end, is_first=True, comment=comment)

    def withdrawal(self) -> None:
        self._withdraw(self._queries.records.correction(self._entry.withdraws), is_first=True)

    def undoing(self) -> None:
        """All that the entry took: what it recorded is withdrawn, what it had withdrawn holds
        again."""
        taken = list(_taken(self._queries, self._entry.withdraws))
        if not taken or taken[0].kind in OF_ANOTHER:
            raise NotFoundError(
                "there is no such entry to undo",
                where="withdraws",
                todo="Correct what it says by another entry.",
            )
        held = {it.id for it in self._holding}
        for place, it in enumerate(it for it in taken if it.kind not in OF_ANOTHER):
            self._withdraw(it, is_first=place == 0)
        for it in taken:
            if it.withdraws and it.withdraws not in held:
                was = self._queries.records.correction(it.withdraws)
                self._again(was, was.start, was.end)

    def _stop(self) -> Window:
        """The stop that is meant, as it is now. Raises ConflictError where it is not as it was
        seen."""
        start = instant_of(self._entry.stop, self._zone, "stop")
        stops = stops_of_shift(self._queries, self._line, start)
        found = next((it for it in stops if it.start == start), None)
        seen_end = self._entry.seen_end
        end = instant_of(seen_end, self._zone, "seen_end") if seen_end else None
        if found is None or (end is not None and found.end != end):
            meant = Window(start, end or self._now)
            instead = [it for it in stops if it.start < meant.end and meant.start < it.end]
            raise ConflictError("changed", "this stop is not any more as it was", stops=instead)
        self._goes_on = found.end >= self._queries.at(self._line)
        return Window(start, self._now) if self._goes_on else found

    def _part(self, stop: Window) -> Window:
        """Of the stop what is meant; a border that a form shows is the stop's own."""
        start, end = (
            self._within(text, stop, name) if text else border
            for text, name, border in (
                (self._entry.start, "start", stop.start),
                (self._entry.end, "end", stop.end),
            )
        )
        start = stop.start if abs(start - stop.start) < _SHOWN else start
        end = stop.end if abs(end - stop.end) < _SHOWN else end
        if not stop.start <= start < end <= stop.end:
            raise InputError(
                "that is no part of the stop",
                where="start",
                todo="Give a start and an end within it.",
            )
        return Window(start, end)

    def _within(self, text: str, stop: Window, name: str) -> datetime:
        """A time of day is the first such since the stop began."""
        try:
            clock = time.fromisoformat(text)
        except ValueError:
            return instant_of(text, self._zone, name)
        begin = stop.start.astimezone(self._zone)
        at = datetime.combine(begin.date(), clock, tzinfo=self._zone)
        at += timedelta(days=at <= begin - _SHOWN)
        return at.astimezone(UTC)

    def _check_accepted(self, window: Window) -> None:
        frozen = self._queries.frozen_periods(self._line)
        touched = any(it.start < window.end and window.start < it.end for it in frozen)
        if touched and not self._entry.knows_accepted:
            raise ConflictError("accepted", "the figures of this time were accepted")

    def _of(self, kind: CorrectionKind) -> list[Correction]:
        return [it for it in self._holding if it.kind is kind]

    def _withdraw(self, it: Correction, *, is_first: bool = False) -> None:
        self._add(CorrectionKind.WITHDRAWAL, it.start, it.end, is_first=is_first, withdraws=it.id)
        self.corrections[-1] = speaking_of(it, self.corrections[-1])

    def _again(self, it: Correction, start: datetime, end: datetime) -> None:
        """What was said, of that time."""
        self._add(it.kind, start, end, reason=it.reason, comment=it.comment)
        self.corrections[-1] = speaking_of(it, self.corrections[-1])

    def _add(
        self,
        kind: CorrectionKind,
        start: datetime,
        end: datetime,
        *,
        is_first: bool = False,
        **said: Any,
    ) -> None:
        """One more; the first has the id of the entry, the others ids that follow from it."""
        entry = self._entry
        number = 1 + sum(it.id != entry.identity for it in self.corrections)
        self.corrections.append(
            Correction(
                id=entry.identity if is_first else _further_id(entry.identity, number),
                line=self._line,
                kind=kind,
                start=start,
                end=end,
                author=entry.author,
                recorded_at=self._now,
                device=entry.device,
                **said,
            )
        )


def _checked(
    queries: Queries,
    plant: Plant,
    line: Line,
    corrections: Sequence[Correction],
    *,
    may_approve: bool,
) -> list[CheckedCorrection]:
    """Each with its check beside all before it; those of who may not approve wait where they are
    late. Raises what the checks raise."""
    earlier = list(queries.corrections(line.id))
    count = len(earlier)
    checked: list[CheckedCorrection] = []
    for it in corrections:
        late = not may_approve and is_late(plant, line, it, earlier)
        made = replace(it, needs_approval=late)
        makes_sense = check_of(queries, plant, made)
        makes_sense(earlier)
        earlier.append(made)
        place = count + len(checked)

        def check(known: Sequence[Correction], place: int = place) -> None:
            # What was looked at is what there is: nobody recorded anything in between.
            if len(known) != place:
                raise BusyError("somebody recorded a correction at the same moment")

        checked.append((made, check))
    return checked


def _check_identity(identity: str) -> None:
    try:
        UUID(identity)
    except ValueError:
        raise InputError(
            f"'{identity}' is no id of an entry", where="identity", todo="Make a UUID for each."
        ) from None


def _taken(queries: Queries, identity: str) -> list[Correction]:
    """All that the entry took, itself first."""
    found, number = [_recorded(queries, identity)], 1
    while found[-1] is not None:
        found.append(_recorded(queries, _further_id(identity, number)))
        number += 1
    return [it for it in found if it is not None]


def _further_id(identity: str, number: int) -> str:
    return str(uuid5(UUID(identity), str(number)))


def _recorded(queries: Queries, identity: str) -> Correction | None:
    try:
        return queries.records.correction(identity)
    except NotFoundError:
        return None


def _touch(correction: Correction, window: Window) -> bool:
    return correction.start < window.end and window.start < correction.end
