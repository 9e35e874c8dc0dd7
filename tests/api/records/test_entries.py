"""Entries about stops: recorded as one, once, and never over what somebody else said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
import pytest
from stopped_line import FIRST, LINE, RUNNING, SECOND, at, stopped_line
from web_plant import ZONE, Clock, confirm, registry_of, store_of, tell

from api.documents.stops import stops_document
from api.queries.lines import Queries
from api.records.accepted_periods import freeze
from api.records.corrections import Draft, record
from api.records.entries import ConflictError, Entered, Entry, is_first_of_entry, record_entry
from domain.corrections import CorrectionKind
from domain.errors import InputError
from domain.states import MachineState, ReasonKind
from domain.time import Window

SHIFT = Window(at(-420).astimezone(UTC), at(60).astimezone(UTC))


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[tuple[Queries, Clock]]:
    clock = Clock()
    found = stopped_line(tmp_path, clock)
    yield found, clock
    store_of(found).close()
    registry_of(found).close()


@pytest.fixture
def queries(plant: tuple[Queries, Clock]) -> Queries:
    return plant[0]


def entry(action: str = "reason", **fields: Any) -> Entry:
    seen = {"stop": FIRST.isoformat(), "seen_end": at(10).isoformat(), "reason": "jam"}
    if action != "reason":
        del seen["reason"]
    return Entry(**{"identity": str(uuid4()), "action": action, "author": "wong"} | seen | fields)


def made(queries: Queries, what: Entry, *, may_approve: bool = False) -> Entered:
    recording = registry_of(queries).record
    return record_entry(queries, recording, LINE, what, may_approve=may_approve)


def reasons(queries: Queries, since: Any = FIRST) -> list[tuple[str, str | None]]:
    """The stops from that one on: when each began, and its reason."""
    rows = stops_document(queries, LINE, SHIFT)["stops"]
    return [(it["start"][11:16], it["reason_id"]) for it in rows if it["start"] >= _text(since)]


def _text(moment: Any) -> str:
    return str(moment.astimezone(ZONE).isoformat())


def holding(queries: Queries) -> list[tuple[str, int, str | None]]:
    """Kind, length in seconds and reason of what holds."""
    found = registry_of(queries).facts_basis.line_corrections(LINE).in_force
    return [(it.kind.value, int((it.end - it.start).total_seconds()), it.reason) for it in found]


def test_a_reason_is_of_the_whole_stop_and_comes_twice_for_once(queries: Queries) -> None:
    what = entry(comment="at the star wheel")
    assert made(queries, what) == Entered(what.identity, waits=False)
    assert made(queries, what) == Entered(what.identity, waits=False, again=True)
    assert holding(queries) == [("reason", 240, "jam")]
    assert reasons(queries)[0] == ("14:06", "jam")
    with pytest.raises(InputError, match="another one's"):
        made(queries, replace(what, author="chan"))


def test_a_stop_that_runs_has_its_reason_up_to_now_or_to_its_end_by_then(
    plant: tuple[Queries, Clock],
) -> None:
    queries, clock = plant
    made(queries, entry(stop=RUNNING.isoformat(), seen_end=""))
    assert holding(queries) == [("reason", 120, "jam")]
    other = entry(stop=RUNNING.isoformat(), seen_end="", reason="valve")
    tell(queries, 9, (at(25), MachineState.PRODUCING))
    confirm(queries, 10, at(30))
    clock.now = at(30)
    with pytest.raises(ConflictError, match="meanwhile"):
        made(queries, other)
    known = registry_of(queries).records.corrections(LINE)[0].id
    made(queries, replace(other, seen=frozenset({known})))
    assert holding(queries) == [("reason", 300, "valve")]


def planned_minutes(queries: Queries) -> int:
    """Of the shift's facts: stopped time whose reason is a planned one."""
    facts = queries.present_facts(LINE, Window(SHIFT.start, queries.now()))
    planned = facts.filter(pl.col("reason_kind") == ReasonKind.PLANNED.value)
    return int(planned["stopped_us"].sum() / 60e6)


def test_a_reason_of_a_stop_that_goes_on_holds_for_all_of_it_and_not_for_the_next(
    plant: tuple[Queries, Clock],
) -> None:
    queries, clock = plant
    first = entry(stop=RUNNING.isoformat(), seen_end="", reason="cleaning")
    made(queries, first)
    assert planned_minutes(queries) == 2
    tell(queries, 9, (at(40), MachineState.PRODUCING), (at(43), MachineState.STOPPED))
    confirm(queries, 10, at(50))
    clock.now = at(50)
    assert planned_minutes(queries) == 20
    assert reasons(queries, RUNNING) == [("14:20", "cleaning"), ("14:43", None)]
    seen = frozenset({first.identity})
    part = {"stop": RUNNING.isoformat(), "seen_end": at(40).isoformat(), "seen": seen}
    inside = entry(reason="jam", start="14:21", end="14:30", **part)
    made(queries, inside)
    assert planned_minutes(queries) == 11, "the rest keeps its own, to the end of the stop"
    made(queries, entry("undo", withdraws=inside.identity))
    assert planned_minutes(queries) == 20
    again = {it.id for it in registry_of(queries).facts_basis.line_corrections(LINE).in_force}
    made(queries, entry(reason="jam", start="14:35", **part | {"seen": again}))
    assert planned_minutes(queries) == 15, "another reason for the rest"


def test_a_program_says_so_without_an_end_and_twice_for_once(plant: tuple[Queries, Clock]) -> None:
    queries, clock = plant
    draft = Draft("reason", "ho", RUNNING.isoformat(), reason="cleaning", until_stop_ends=True)
    recording = registry_of(queries).record
    document = record(queries, recording, LINE, draft, "c1")
    assert document["until_stop_ends"]
    confirm(queries, 9, at(30))
    clock.now = at(30)
    assert record(queries, recording, LINE, draft, "c1") == document
    assert planned_minutes(queries) == 10
    withdrawn = record(queries, recording, LINE, Draft("withdrawal", "ho", withdraws="c1"), "c2")
    assert withdrawn["until_stop_ends"], "what it changes reaches as far"
    assert planned_minutes(queries) == 0
    for wrong in (
        replace(draft, end=at(25).isoformat()),
        replace(draft, kind="merge", reason=None),
    ):
        with pytest.raises(InputError, match="without an end"):
            record(queries, recording, LINE, wrong, "c3")


def test_what_somebody_else_said_is_replaced_only_by_who_saw_it(queries: Queries) -> None:
    theirs = entry(author="chan")
    made(queries, theirs)
    mine = entry(reason="valve")
    with pytest.raises(ConflictError) as told:
        made(queries, mine)
    assert told.value.kind == "recorded"
    assert [(it.reason, it.author) for it in told.value.now] == [("jam", "chan")]
    assert holding(queries) == [("reason", 240, "jam")]
    made(queries, replace(mine, seen=frozenset({theirs.identity})))
    assert reasons(queries)[0] == ("14:06", "valve")


def test_a_part_gets_another_reason_and_the_rest_keeps_its_own(queries: Queries) -> None:
    whole = entry(comment="first")
    made(queries, whole)
    part = entry(reason="cleaning", start="14:07:30", end="14:09", seen=frozenset({whole.identity}))
    made(queries, part)
    assert holding(queries) == [
        ("reason", 90, "jam"), ("reason", 90, "cleaning"), ("reason", 60, "jam"),
    ]  # fmt: skip
    made(queries, entry("undo", withdraws=part.identity))
    assert holding(queries) == [("reason", 240, "jam")]
    restored = [it for it in registry_of(queries).records.corrections(LINE) if it.reason == "jam"]
    assert {it.comment for it in restored} == {"first"}


@pytest.mark.parametrize(
    "fields",
    [
        {"start": "14:09", "end": "14:07"}, {"start": "14:05"}, {"end": "14:10:30"},
        {"start": "noon"}, {"reason": "gremlins"},
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused_and_changes_nothing(
    queries: Queries, fields: dict[str, str]
) -> None:
    with pytest.raises(InputError):
        made(queries, entry(**fields))
    assert not registry_of(queries).records.corrections(LINE)


def test_a_split_and_a_merge_take_each_other_back(queries: Queries) -> None:
    made(queries, entry("split", moment="14:08"))
    assert [it for it, _ in reasons(queries)] == ["14:06", "14:08", "14:11", "14:20"]
    with pytest.raises(ConflictError, match="not any more as it was"):
        made(queries, entry("split", moment="14:09"))  # of the stop as it was before
    first = {"seen_end": at(8).isoformat()}
    with pytest.raises(ConflictError, match="follows"):
        made(queries, entry("merge", following=SECOND.isoformat(), **first))
    made(queries, entry("merge", following=at(8).isoformat(), **first))
    assert [it for it, _ in reasons(queries)] == ["14:06", "14:11", "14:20"]
    both = entry("merge", following=SECOND.isoformat())
    made(queries, both)
    assert [it for it, _ in reasons(queries)] == ["14:06", "14:20"]
    assert [kind for kind, _, _ in holding(queries)] == ["merge"]
    made(queries, entry("undo", withdraws=both.identity))
    assert [it for it, _ in reasons(queries)] == ["14:06", "14:11", "14:20"]


def test_an_entry_is_recorded_as_one_or_not_at_all(queries: Queries) -> None:
    whole = entry()
    made(queries, whole)
    unknown = entry(reason="gremlins", seen=frozenset({whole.identity}))
    with pytest.raises(InputError, match="no reason"):
        made(queries, unknown)
    assert holding(queries) == [("reason", 240, "jam")], "the earlier one was not withdrawn"


def test_time_whose_figures_were_accepted_is_said_first(queries: Queries) -> None:
    where = "2026-03-24T09:10:00+08:00"
    late = entry(stop=where, seen_end="2026-03-24T09:35:00+08:00")
    window = Window(at(-24 * 60 - 7 * 60), at(-24 * 60 - 60))
    said = {"author": "lee"}
    freeze(queries, registry_of(queries).record, LINE, window.start.isoformat(),
           window.end.isoformat(), **said)  # fmt: skip
    with pytest.raises(ConflictError) as told:
        made(queries, late)
    assert told.value.kind == "accepted"
    answer = made(queries, replace(late, knows_accepted=True))
    assert answer.waits, "an operator's entry of a shift that is over waits"


def test_who_may_not_approve_waits_and_an_undo_takes_it_back(
    plant: tuple[Queries, Clock],
) -> None:
    queries, clock = plant
    clock.now = at(60) + timedelta(minutes=5)
    late = entry()
    assert made(queries, late).waits
    assert reasons(queries)[0] == ("14:06", None)
    made(queries, entry("undo", withdraws=late.identity))
    assert holding(queries) == []


def test_only_an_entry_is_undone(queries: Queries) -> None:
    whole = entry()
    made(queries, whole)
    taken_back = entry("withdraw", withdraws=whole.identity)
    made(queries, taken_back)
    assert holding(queries) == []
    for unknown in (taken_back.identity, str(uuid4())):
        with pytest.raises(InputError, match="no such entry"):
            made(queries, entry("undo", withdraws=unknown))


@pytest.mark.parametrize("identity", ["", "1", "x" * 5000, "; drop table corrections"])
def test_an_id_is_a_uuid(queries: Queries, identity: str) -> None:
    with pytest.raises(InputError, match="no id"):
        made(queries, entry(identity=identity))


def test_what_an_entry_took_besides_is_told_apart(queries: Queries) -> None:
    whole = entry()
    made(queries, whole)
    made(queries, entry(reason="valve", seen=frozenset({whole.identity})))
    records = registry_of(queries).records.corrections(LINE)
    assert [(it.kind, is_first_of_entry(it.id)) for it in records] == [
        (CorrectionKind.REASON, True),
        (CorrectionKind.WITHDRAWAL, False),
        (CorrectionKind.REASON, True),
    ]


def test_recorded_by_correction_twice_under_one_id_it_is_one(queries: Queries) -> None:
    """The HTTP interface, sent again by a program that lost the answer."""
    draft = Draft("quantity", "ho", "2026-03-25T08:00", "2026-03-25T09:00",
                  element="good_count", amount=900)  # fmt: skip
    recording = registry_of(queries).record
    first, again = (record(queries, recording, LINE, draft, "c1") for _ in range(2))
    assert first == again
    assert len(registry_of(queries).records.corrections(LINE)) == 1
    with pytest.raises(InputError, match="another correction"):
        record(queries, recording, LINE, replace(draft, amount=901), "c1")
