"""A shift is handed over with its figures; what changes later stands beside what was signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from stopped_line import FIRST, LINE, at, stopped_line, take_back
from web_plant import NOW, Clock, registry_of, store_of

from api.documents.corrections import Reader
from api.documents.handovers import handover_json
from api.queries.handovers import shift_at, shift_figures, shifts_of_day
from api.queries.lines import Queries
from api.records.corrections import Draft, record
from api.records.handovers import Signer, asked_shift, sign_handover, write_note
from domain.errors import InputError
from domain.handovers import Handover
from domain.plant import Confidential
from domain.time import Window
from store.registry.line_work.handovers import Handovers, figures_digest

ZONE = ZoneInfo("Asia/Hong_Kong")
WONG, CHAN = Signer("wong", "tablet-1"), Signer("chan")
DURING = at(10).isoformat()


@pytest.fixture
def plant(tmp_path: Any) -> Iterator[tuple[Queries, Clock]]:
    clock = Clock()
    found = stopped_line(tmp_path, clock)
    clock.now = at(22)
    take_back(found)
    yield found, clock
    store_of(found).close()
    registry_of(found).close()


def handovers_of(queries: Queries) -> Handovers:
    return registry_of(queries).handovers


def document(queries: Queries, found: Handover, *withheld: Confidential) -> dict[str, Any]:
    reader = Reader(frozenset(withheld), lambda name: f"code of {name}")
    return handover_json(found, shift_figures(queries, found.shift), ZONE, reader)


def signed(queries: Queries, side: str, by: Signer, notes_seen: int = 1) -> Handover:
    return sign_handover(queries, handovers_of(queries), LINE, DURING, side, notes_seen, by)


def test_a_shift_tells_what_was_made_what_stood_and_what_is_open(
    plant: tuple[Queries, Clock],
) -> None:
    queries, _ = plant
    figures = shift_figures(queries, shift_at(queries, handovers_of(queries), LINE, at(22)))
    assert (figures["shift"], figures["until"]) == ("A", at(22).astimezone(ZONE).isoformat())
    assert figures["made"]["oee_low"] <= figures["made"]["oee"] <= figures["made"]["oee_high"]
    assert figures["target"]["source"] == "milestone"
    assert figures["target"]["good_count_now"] < figures["target"]["good_count"]
    first, second, *_ = figures["stops"]["longest"]
    assert (first["duration_s"], first["reason"], first["asks"]) == (
        1500.0, "Jam at the infeed", True,
    )  # fmt: skip
    assert second["start"] == FIRST.astimezone(ZONE).isoformat()
    assert (figures["reasons"]["missing"], figures["reasons"]["asking"]) == (3, 4)
    assert {it["machine"]: it["unknown_s"] for it in figures["machines"]}["filler"] == 0.0
    assert figures["open"]["stopped_since"] == at(20).astimezone(ZONE).isoformat()


def test_both_sign_and_what_changes_later_stands_beside_it(plant: tuple[Queries, Clock]) -> None:
    queries, clock = plant
    handovers = handovers_of(queries)
    write_note(queries, handovers, LINE, DURING, " the belt slips ", WONG)
    with pytest.raises(InputError, match="1 note is there now; shown to who signs: 0"):
        signed(queries, "leaving", WONG, notes_seen=0)
    first = signed(queries, "leaving", WONG)
    assert document(queries, first)["changed"] is False
    clock.now = NOW + timedelta(hours=2)  # an hour after its end, of which nothing came in
    found = signed(queries, "taking_over", CHAN)
    assert found.is_kept
    shown = document(queries, found)
    assert (shown["is_kept"], shown["changed"]) == (True, False)
    assert [(it["side"], it["author"], it["device"]) for it in shown["signatures"]] == [
        ("leaving", "wong", "tablet-1"), ("taking_over", "chan", None),
    ]  # fmt: skip
    assert [it["text"] for it in shown["notes"]] == ["the belt slips"]
    with pytest.raises(InputError, match="kept as it was signed"):
        write_note(queries, handovers, LINE, DURING, "one more", CHAN)
    given = Draft("reason", "ho", FIRST.isoformat(), at(10).isoformat(), reason="jam")
    record(queries, registry_of(queries).record, LINE, given, "later")
    later = document(queries, asked(queries))
    assert later["changed"] is True
    was, now = later["signatures"][-1]["figures"], later["figures"]
    assert (was["reasons"]["missing"], now["reasons"]["missing"]) == (3, 2)
    assert later["signatures"][-1]["digest"] == figures_digest(was) != later["digest"]


def asked(queries: Queries) -> Handover:
    handovers = handovers_of(queries)
    return handovers.of_shift(asked_shift(queries, handovers, LINE, DURING))


def test_what_is_confidential_is_in_no_figure_that_was_signed(
    plant: tuple[Queries, Clock],
) -> None:
    queries, _ = plant
    write_note(queries, handovers_of(queries), LINE, DURING, "NOTE", WONG)
    found = signed(queries, "leaving", WONG)
    shown = document(queries, found, Confidential.REASONS)
    assert not {"NOTE", "wong", "Jam at the infeed"} & set(_texts(shown))
    assert shown["withheld"] == ["reasons"]
    named = document(queries, found, Confidential.NAMES)
    assert named["signatures"][0]["author"] == named["notes"][0]["author"] == "code of wong"


def _texts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    return [text for it in value for text in _texts(it)] if isinstance(value, list) else [value]


def test_shifts_of_a_day_and_one_that_is_not_in_the_calendar_any_more(
    plant: tuple[Queries, Clock],
) -> None:
    queries, _ = plant
    handovers = handovers_of(queries)
    yesterday = shifts_of_day(queries, handovers, LINE, date(2026, 3, 24))
    assert [it.name for it in yesterday] == ["A", "B"]
    today = shifts_of_day(queries, handovers, LINE, date(2026, 3, 25))
    assert [it.name for it in today] == ["A"]  # the next one has not begun
    early = Window(today[0].window.start - timedelta(hours=2), today[0].window.start)
    gone = type(today[0])(LINE, "early", early)
    new = write_note(queries, handovers, LINE, DURING, "seen", WONG).notes[0]
    handovers.write(gone, new, lambda _handover: None)
    assert shifts_of_day(queries, handovers, LINE, date(2026, 3, 25)) == [gone, *today]
    assert shift_at(queries, handovers, LINE, early.start) == gone
    assert shift_at(queries, handovers, LINE, early.start + timedelta(minutes=1)) == yesterday[-1]
    with pytest.raises(InputError, match="has not come yet"):
        asked_shift(queries, handovers, LINE, at(23).isoformat())
