"""What store/telemetry/protocol.py says of several lines at once, held against every
implementation: the same as line by line."""

from __future__ import annotations

from datetime import datetime
from random import Random

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from telemetry import at, batch, facts, samples, spans

from domain.time import Window
from store.telemetry.protocol import LineFacts, TelemetryStore

LINES = ["filler-1", "capper", "line with nothing", "Ümlaut, 'quoted'"]
HOURS = [(at(3600 * n), at(3600 * (n + 1))) for n in range(4)]


def store_at_random(store: TelemetryStore) -> None:
    """Three lines with two machines; series that begin late, end early, or contradict
    themselves."""
    chance = Random(3)
    for number in range(1, 13):
        line, machine = chance.choice([*LINES[:2], LINES[3]]), chance.choice("ab")
        rows = [
            {
                "time": at(chance.randrange(20_000)),
                "signal": chance.choice(["state", "total_count", "speed"]),
                "value": float(chance.randrange(9)),
            }
            for _ in range(chance.randrange(1, 25))
        ]
        start = chance.randrange(20_000)
        store.append(
            [
                batch(
                    number,
                    samples(*rows, line=line, machine=machine),
                    spans((at(start), at(start + 900)), line=line, machine=machine),
                )
            ]
        )


@pytest.mark.parametrize("window", [(0, 3600), (7000, 7001), (5000, 90_000), (-900, 0)])
def test_histories_of_several_lines_are_those_of_each(
    store: TelemetryStore, window: tuple[int, int]
) -> None:
    store_at_random(store)
    start, end = at(window[0]), at(window[1])
    together = store.histories(LINES, start, end)
    assert [it.line for it in together] == LINES
    for history in together:
        alone = store.history(history.line, start, end)
        assert (history.start, history.end) == (start, end)
        assert_frame_equal(history.samples, alone.samples)
        assert_frame_equal(history.spans, alone.spans)
    for history in store.histories(LINES, start, end, neighbours=False):
        alone = store.history(history.line, start, end)
        inside = [pl.col("time").is_between(start, end, closed="left")]
        assert_frame_equal(history.samples.filter(inside), alone.samples.filter(inside))
        assert_frame_equal(history.spans, alone.spans)
    assert store.histories([], start, end) == []


def test_marks_of_some_lines(store: TelemetryStore) -> None:
    store_at_random(store)
    every = store.dirty()
    assert store.dirty(*LINES[:3]) == [mark for mark in every if mark.line in LINES[:3]]
    assert store.dirty(LINES[2]) == []


def test_facts_of_several_lines_are_replaced_together(store: TelemetryStore) -> None:
    store_at_random(store)
    first, second, _, third = LINES
    whole = Window(HOURS[0][0], HOURS[3][1])
    for line in (first, second, third):
        store.replace_facts(line, "old", [whole], facts(HOURS, line=line, flags=1), 0)
    last = {line: max(mark.id for mark in store.dirty(line)) for line in (first, second)}
    inside = Window(*HOURS[1])
    made = [
        LineFacts(first, "old", [inside], facts(HOURS[1:2], line=first, flags=2), last[first]),
        LineFacts(second, "new", [whole], facts(HOURS[:1], line=second, flags=3), last[second]),
        LineFacts(third, "old", [], facts([], line=third), 0),
    ]
    marks = store.dirty(third)
    store.replace_facts_of_lines(made)
    assert store.facts(first, "old", *HOURS[0])["flags"].to_list() == [1]
    found = store.facts(first, "old", whole.start, whole.end)
    assert found.select("start", "flags").rows() == [
        (start, 2 if start == inside.start else 1) for start, _ in HOURS
    ]
    assert store.facts(second, "old", whole.start, whole.end).is_empty()
    assert store.facts(second, "new", whole.start, whole.end)["flags"].to_list() == [3]
    assert store.facts(third, "old", whole.start, whole.end)["flags"].to_list() == [1] * 4
    assert store.dirty() == marks
    store.replace_facts_of_lines([])
    assert store.dirty() == marks


def test_a_row_of_another_line_changes_nothing(store: TelemetryStore) -> None:
    first, second = LINES[:2]
    stray = LineFacts(first, "spec", [Window(*HOURS[0])], facts(HOURS[:1], line=second), 0)
    with pytest.raises(ValueError, match="outside the replaced windows"):
        store.replace_facts_of_lines([stray])
    assert store.facts(second, "spec", *HOURS[0]).is_empty()


def test_marks_since_an_earlier_answer_are_told_cleared_or_not(store: TelemetryStore) -> None:
    line = LINES[0]
    store.append([batch(1, samples({"time": at(0)}, line=line))])
    first = store.changes()[line]
    mark = max(first.samples, first.spans)
    assert store.marks_since(line, mark) == []
    store.append(
        [batch(2, samples({"time": at(60)}, line=line), spans((at(0), at(90)), line=line))]
    )
    store.replace_facts(line, "spec", [], facts([], line=line), store.dirty(line)[-1].id)
    assert store.dirty(line) == []
    found = store.marks_since(line, mark)
    assert found is not None
    assert sorted((it.signal, it.start, it.end) for it in found) == [
        ("", at(0), at(90)),
        ("total_count", at(60), at(60)),
    ]
    assert store.marks_since(LINES[1], 0) == []


def test_facts_of_lines_are_those_of_each(store: TelemetryStore) -> None:
    """Each under its own specification; of a line without any there are none."""
    for line, hours, spec in ((LINES[0], HOURS, "a"), (LINES[1], HOURS[1:3], "b")):
        windows = [Window(*hours[0]), Window(*hours[-1])]
        made = facts([hours[0], hours[-1]], line=line)
        store.replace_facts_of_lines([LineFacts(line, spec, windows, made, 0)])
    specs = {LINES[0]: "a", LINES[1]: "b", LINES[3]: "a"}
    start, end = HOURS[0][0], HOURS[2][1]
    found = store.facts_of_lines(specs, start, end)
    assert set(found) == set(specs)
    assert [found[line].height for line in specs] == [1, 2, 0]
    for line, spec in specs.items():
        assert_frame_equal(found[line], store.facts(line, spec, start, end), check_exact=True)
    assert store.facts_of_lines({LINES[0]: "b"}, start, end)[LINES[0]].is_empty()
    assert store.facts_of_lines({}, start, end) == {}


def test_what_changed_of_a_line_is_told_by_numbers(store: TelemetryStore) -> None:
    """Another one after each batch and each replacement of facts, for that line alone."""
    assert store.changes() == {}
    for number, line in enumerate(LINES[:2] + LINES[3:], start=1):
        store.append([batch(number, samples({"time": at(0)}, line=line))])
    first = store.changes()
    assert set(first) == {*LINES[:2], LINES[3]}
    assert store.changes() == first
    store.append([batch(9, spans=spans((at(0), at(900)), line=LINES[3]))])
    second = store.changes()
    assert [line for line in second if second[line] != first[line]] == [LINES[3]]
    assert second[LINES[3]].facts == first[LINES[3]].facts
    made = facts([HOURS[0]], line=LINES[0])
    clear = max(mark.id for mark in store.dirty(LINES[0]))
    store.replace_facts(LINES[0], "spec", [Window(*HOURS[0])], made, clear)
    third = store.changes()
    assert third[LINES[0]].facts > second[LINES[0]].facts
    store.replace_facts(LINES[0], "spec", [], facts([], line=LINES[0]), clear)
    assert store.changes() == third, "to clear marks changes no fact"


def test_where_facts_were_replaced_is_told_or_it_is_told_that_nobody_knows(
    store: TelemetryStore,
) -> None:
    line, other = LINES[:2]

    def replace(line: str, spec: str, *hours: tuple[datetime, datetime]) -> None:
        windows = [Window(*it) for it in hours]
        store.replace_facts(line, spec, windows, facts(hours, line=line), 0)

    store.append([batch(1, samples({"time": at(0)}, line=line))])
    assert store.facts_replaced_since(line, 0) == []
    replace(line, "old", *HOURS)
    assert store.facts_replaced_since(line, 0) is None, "facts of another specification are gone"
    number = store.changes()[line].facts
    replace(line, "old")
    replace(other, "old", HOURS[0])
    assert store.facts_replaced_since(line, number) == []
    replace(line, "old", HOURS[1])
    replace(line, "old", HOURS[2], HOURS[3])
    found = store.facts_replaced_since(line, number)
    assert found in (None, [Window(*it) for it in HOURS[1:]])
    number = store.changes()[line].facts
    assert store.facts_replaced_since(line, number) == []
    replace(line, "new")
    assert store.facts_replaced_since(line, number) is None


def test_how_far_lines_reach_is_told_of_all_at_once(store: TelemetryStore) -> None:
    line, other, silent = (*LINES[:2], "has no data")
    store.append([batch(1, samples({"time": at(5)}, {"time": at(70)}, line=line))])
    store.append([batch(2, spans=spans((at(0), at(60)), line=line, machine="meter"))])
    store.append([batch(3, samples({"time": at(9)}, line=other))])
    store.append([batch(4, spans=spans((at(0), at(30)), line=line, machine="meter"))])
    reaches = store.reaches([line, other, silent])
    assert {name: (it.extent, dict(it.heard)) for name, it in reaches.items()} == {
        name: (store.extent(name), store.last_span_end(name)) for name in (line, other)
    }
    assert reaches[line].extent == Window(at(0), at(70))
    assert dict(reaches[line].heard) == {"meter": at(60)}
    assert store.reaches([]) == {}


def test_who_keeps_the_facts_alone_keeps_all_lines(store: TelemetryStore) -> None:
    kept = store.lines_to_keep([*LINES, "new"])
    assert set(kept) == {*LINES, "new"}
    assert store.lines_to_keep([*LINES, "new"]) == kept
    assert set(store.lines_to_keep(["new"])) == {"new"}
