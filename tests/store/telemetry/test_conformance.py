"""The rules of store/telemetry/protocol.py on batches, dirty marks and facts, held against every
implementation. Those on reading telemetry: test_conformance_reading.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from telemetry import at, batch, facts, rejections, samples, spans

from domain.errors import StorageError
from domain.frames import FACTS, HISTORY, REJECTIONS
from domain.time import Window
from store.telemetry.frames import REJECTED
from store.telemetry.protocol import BatchContent, BatchRecord, DirtyMark, TelemetryStore

LINE = "filler-1"


# batches


def test_an_appended_batch_is_in_the_ledger_and_in_the_history(store: TelemetryStore) -> None:
    record, content = batch(1, samples({"time": at(10), "value": 5.0}), spans((at(0), at(20))))
    assert store.append([(record, content)]) == [True]
    assert store.last_batch("agent-1") == record
    history = store.history(LINE, at(0), at(60))
    assert (history.line, history.start, history.end) == (LINE, at(0), at(60))
    assert history.samples.schema == HISTORY
    assert history.samples.rows() == [("filler", "total_count", at(10), 5.0, None, 0)]
    assert history.spans.rows() == [("filler", at(0), at(20))]


def test_a_repeated_batch_changes_nothing_and_says_so(store: TelemetryStore) -> None:
    one = batch(
        1,
        samples({"time": at(10), "value": 5.0}),
        spans((at(0), at(20))),
        rejections({"received": at(1), "reason": "no number"}),
    )
    two = batch(2, samples({"time": at(11), "value": 6.0}))
    assert store.append([one, one]) == [True, False]
    marks = store.dirty()
    assert store.append([one, two, one]) == [False, True, False]
    assert store.dirty()[: len(marks)] == marks
    assert {mark.start for mark in store.dirty()[len(marks) :]} == {at(11)}
    assert [record.number for record in store.batches()] == [1, 2]
    assert store.rejection_counts().rows() == [(LINE, "filler", "no number", 1)]
    assert len(store.history(LINE, at(0), at(60)).samples) == 2


def test_a_repeat_with_other_content_changes_nothing(store: TelemetryStore) -> None:
    store.append([batch(1, samples({"time": at(10), "value": 5.0}))])
    assert store.append([batch(1, samples({"time": at(10), "value": 99.0}))]) == [False]
    assert store.history(LINE, at(0), at(60)).samples["value"].to_list() == [5.0]


def test_an_append_of_nothing_is_fine(store: TelemetryStore) -> None:
    assert store.append([]) == []
    assert store.append([batch(1)]) == [True]
    assert store.dirty() == []
    assert store.last_batch("agent-1") == batch(1)[0]


def test_the_ledger_is_paged_by_agent_and_number(store: TelemetryStore) -> None:
    assert store.last_batch("nobody") is None
    # 10 before 9 and an agent's name with a quote: order is by number, not by text.
    store.append([batch(number, agent="b'1") for number in (10, 9)])
    store.append([batch(number, agent="a") for number in range(1, 6)])
    every = [("a", n) for n in range(1, 6)] + [("b'1", 9), ("b'1", 10)]
    paged: list[tuple[str, int]] = []
    while page := store.batches(after=paged[-1] if paged else None, limit=3):
        assert len(page) <= 3
        paged += [(record.agent, record.number) for record in page]
    assert paged == every
    assert [r.number for r in store.batches(agent="b'1")] == [9, 10]
    assert [r.number for r in store.batches(agent="a", after=("a", 3))] == [4, 5]
    last = store.last_batch("b'1")
    assert last is not None
    assert last.number == 10


def test_batches_that_came_late(store: TelemetryStore) -> None:
    def of(number: int, first: float, late_s: float) -> tuple[BatchRecord, BatchContent]:
        told = samples({"time": at(first), "value": 1.0}, {"time": at(first + 60), "value": 2.0})
        record, content = batch(number, told, agent="a'1")
        return replace(record, received=at(first + late_s)), content

    given = [
        of(number, 1000 * number, late_s) for number, late_s in enumerate((61, 90, 91, 500), 1)
    ]
    store.append([*given, batch(5, agent="a'1"), batch(9)])

    def late(start: float, end: float, limit: int = 9) -> list[BatchRecord]:
        return store.late_batches("a'1", at(start), at(end), timedelta(seconds=90), limit)

    assert late(0, 9999) == [given[2][0], given[3][0]]
    assert late(0, 9999, limit=1) == [given[2][0]]
    assert late(3060, 4000) == [given[2][0]], "its last sample is the first of the window"
    assert late(3061, 4000) == []
    assert store.late_batches("nobody", at(0), at(9999), timedelta(0), 9) == []


def test_a_big_batch_number_stays_exact(store: TelemetryStore) -> None:
    number = 2**62 + 1  # a float would round it
    record, content = batch(1)
    big = BatchRecord(
        "agent-1", number, record.digest, number, 7, at(0, us=1), at(9, us=999_999), at(5, us=3)
    )
    store.append([(big, content)])
    assert store.last_batch("agent-1") == big


def test_content_that_does_not_fit_its_schema_is_refused_whole(store: TelemetryStore) -> None:
    record, content = batch(1, samples({"time": at(10), "value": 5.0}))
    wrong = BatchContent(
        content.samples.with_columns(pl.col("quality").cast(pl.Int64)),
        content.spans,
        content.rejections,
    )
    with pytest.raises(TypeError, match="samples"):
        store.append([batch(2), (record, wrong)])
    assert store.batches() == []


def test_rejections_come_newest_first(store: TelemetryStore) -> None:
    store.append(
        [
            batch(
                1,
                rejections=rejections(
                    {"received": at(1), "reason": "no number", "raw": "a,b \"c\"\n\\d='e' 灌"},
                    {"received": at(3), "reason": "unknown state", "time": at(2, us=7)},
                    {"received": at(2), "reason": "no number", "line": "other"},
                ),
            )
        ]
    )
    newest = store.rejections(limit=2)
    assert newest.schema == REJECTIONS
    assert newest["received"].to_list() == [at(3), at(2)]
    assert newest["time"].to_list() == [at(2, us=7), None]
    assert store.rejections(line=LINE)["raw"].to_list() == ["?", "a,b \"c\"\n\\d='e' 灌"]
    assert store.rejection_counts().rows() == [
        (LINE, "filler", "no number", 1),
        (LINE, "filler", "unknown state", 1),
        ("other", "filler", "no number", 1),
    ]


def test_equal_rejections_count_each(store: TelemetryStore) -> None:
    twice = rejections(*[{"received": at(1), "reason": "no number"}] * 2)
    store.append([batch(1, rejections=twice), batch(2, rejections=twice)])
    assert store.rejection_counts()["count"].to_list() == [4]


def test_what_could_not_be_used_in_some_time(store: TelemetryStore) -> None:
    rows = [
        {"received": at(1), "reason": "no number", "raw": "before"},
        {"received": at(2), "reason": "no number", "raw": "first"},
        {"received": at(4), "reason": "no number", "raw": "last"},
        {"received": at(3), "reason": "no number", "address": "b"},
        {"received": at(3), "reason": "no number", "line": "other"},
        {"received": at(5), "reason": "no number", "raw": "behind"},
    ]
    store.append([batch(1, rejections=rejections(*rows))])
    found = store.rejected(at(2), at(5))
    assert found.schema == REJECTED
    assert found.rows() == [
        (LINE, "filler", "a", "no number", 2, at(4), "last"),
        (LINE, "filler", "b", "no number", 1, at(3), "?"),
        ("other", "filler", "a", "no number", 1, at(3), "?"),
    ]
    assert store.rejected(at(2), at(5), line="other")["line"].to_list() == ["other"]
    assert store.rejected(at(6), at(9)).is_empty()


# dirty marks


def places(marks: list[DirtyMark]) -> list[tuple[str, str, str, datetime, datetime]]:
    return sorted((m.line, m.machine, m.signal, m.start, m.end) for m in marks)


def test_a_batch_marks_what_it_touches(store: TelemetryStore) -> None:
    store.append(
        [
            batch(
                1,
                samples(
                    {"time": at(10), "value": 1.0},
                    {"time": at(30, us=1), "value": 2.0},
                    {"time": at(20), "signal": "state", "value": 1.0},
                    {"time": at(20), "value": 1.0, "line": "other"},
                ),
                spans((at(0), at(5)), (at(7), at(9))),
            )
        ]
    )
    assert places(store.dirty(LINE)) == [
        (LINE, "filler", "", at(0), at(9)),
        (LINE, "filler", "state", at(20), at(20)),
        (LINE, "filler", "total_count", at(10), at(30, us=1)),
    ]
    assert places(store.dirty("other")) == [("other", "filler", "total_count", at(20), at(20))]
    assert len(store.dirty()) == 4
    ids = [mark.id for mark in store.dirty()]
    assert ids == sorted(set(ids))


def test_clearing_leaves_later_marks_and_other_lines_alone(store: TelemetryStore) -> None:
    store.append([batch(1, samples({"time": at(10), "value": 1.0}))])
    store.append([batch(2, samples({"time": at(10), "value": 1.0}, line="other"))])
    seen = store.dirty(LINE)
    store.append([batch(3, samples({"time": at(20), "value": 1.0}))])
    store.replace_facts(LINE, "spec", [], FACTS.to_frame(), max(mark.id for mark in seen))
    assert [mark.start for mark in store.dirty(LINE)] == [at(20)]
    assert [mark.start for mark in store.dirty("other")] == [at(10)]
    # An older clearing that comes late brings nothing back.
    store.replace_facts(LINE, "spec", [], FACTS.to_frame(), seen[0].id - 1)
    assert [mark.start for mark in store.dirty(LINE)] == [at(20)]


# facts

HOURS = [(at(3600 * n), at(3600 * (n + 1))) for n in range(4)]


def test_facts_come_back_as_they_were(store: TelemetryStore) -> None:
    made = facts(
        HOURS,
        total_count=0.1,
        energy_kwh=None,
        producing_us=2**53 + 1,
        flags=-(2**62) - 1,
        shift='早班, A="1"\n',
        shift_start=at(-3600, us=5),
        product='a "b" \\',
    )
    store.replace_facts(LINE, "spec", [Window(at(0), at(14400))], made, 0)
    assert_frame_equal(store.facts(LINE, "spec", at(0), at(14400)), made)


def test_only_slices_wholly_inside_are_given(store: TelemetryStore) -> None:
    store.replace_facts(LINE, "spec", [Window(at(0), at(14400))], facts(HOURS), 0)
    assert store.facts(LINE, "spec", at(1), at(10_800))["start"].to_list() == [
        at(3600),
        at(7200),
    ]
    assert store.facts(LINE, "spec", at(3600), at(7199)).is_empty()
    assert store.facts("other", "spec", at(0), at(14400)).is_empty()
    assert store.facts("other", "spec", at(0), at(14400)).schema == FACTS


def test_facts_of_another_specification_are_absent_and_dropped(store: TelemetryStore) -> None:
    window = [Window(at(0), at(14400))]
    store.replace_facts(LINE, "old", window, facts(HOURS, flags=1), 0)
    store.replace_facts("other", "old", window, facts(HOURS, line="other"), 0)
    assert store.facts(LINE, "new", at(0), at(14400)).is_empty()
    store.replace_facts(LINE, "new", [Window(at(0), at(3600))], facts(HOURS[:1], flags=2), 0)
    assert store.facts(LINE, "old", at(0), at(14400)).is_empty()
    assert store.facts(LINE, "new", at(0), at(14400))["flags"].to_list() == [2]
    assert store.facts("other", "old", at(0), at(14400)).height == 4


def test_replaced_slices_lose_every_old_row(store: TelemetryStore) -> None:
    old = pl.concat([facts(HOURS, product="a", flags=1), facts(HOURS, product="b", flags=1)])
    store.replace_facts(LINE, "spec", [Window(at(0), at(14400))], old, 0)
    replaced = [Window(*HOURS[0]), Window(*HOURS[2])]
    store.replace_facts(LINE, "spec", replaced, facts([HOURS[0]], product="c", flags=2), 0)
    rows = store.facts(LINE, "spec", at(0), at(14400)).select("start", "product", "flags").rows()
    assert rows == [
        (HOURS[0][0], "c", 2),
        (HOURS[1][0], "a", 1),
        (HOURS[1][0], "b", 1),
        (HOURS[3][0], "a", 1),
        (HOURS[3][0], "b", 1),
    ]


def test_what_is_null_again_is_null(store: TelemetryStore) -> None:
    """A database that merges the fields of a row must not keep those of an older one."""
    there = {"reason_kind": "breakdown", "order": "A", "total_count": 3.0, "shift": "early"}
    for _ in range(3):
        for columns in (there, dict.fromkeys(there), there, there):
            made = facts(HOURS[:1], **columns)
            store.replace_facts(LINE, "spec", [Window(*HOURS[0])], made, 0)
            assert store.facts(LINE, "spec", *HOURS[0]).select(*there).rows() == [
                tuple(columns.values())
            ]


def test_a_slice_that_shrinks_again_and_again_keeps_nothing_old(store: TelemetryStore) -> None:
    for revision, products in enumerate(("abcd", "abc", "ab", "a", "")):
        made = pl.concat(
            [
                FACTS.to_frame(),
                *(facts(HOURS[:1], product=it, flags=revision) for it in products),
            ]
        )
        store.replace_facts(LINE, "spec", [Window(*HOURS[0])], made, 0)
        found = store.facts(LINE, "spec", *HOURS[0])
        assert found.select("product", "flags").rows() == [(it, revision) for it in products]


def test_the_same_facts_twice_are_there_once(store: TelemetryStore) -> None:
    for _ in range(3):
        store.replace_facts(LINE, "spec", [Window(at(0), at(14400))], facts(HOURS, flags=1), 0)
    assert store.facts(LINE, "spec", at(0), at(14400))["flags"].sum() == 4


def test_a_slice_cut_anew_replaces_the_one_before(store: TelemetryStore) -> None:
    whole, halves = [(at(0), at(3600))], [(at(0), at(1800)), (at(1800), at(3600))]
    store.replace_facts(LINE, "spec", [Window(at(0), at(3600))], facts(whole), 0)
    store.replace_facts(LINE, "spec", [Window(at(0), at(3600))], facts(halves), 0)
    assert store.facts(LINE, "spec", at(0), at(3600))["end"].to_list() == [at(1800), at(3600)]
    store.replace_facts(LINE, "spec", [Window(at(0), at(3600))], facts(whole), 0)
    assert store.facts(LINE, "spec", at(0), at(3600))["end"].to_list() == [at(3600)]


def test_facts_outside_the_replaced_windows_change_nothing(store: TelemetryStore) -> None:
    store.replace_facts(LINE, "spec", [Window(at(0), at(14400))], facts(HOURS, flags=1), 0)
    with pytest.raises(ValueError, match="outside the replaced windows"):
        store.replace_facts(LINE, "spec", [Window(*HOURS[0])], facts(HOURS[:2], flags=2), 0)
    assert store.facts(LINE, "spec", at(0), at(14400))["flags"].to_list() == [1] * 4


# all together


def test_check_passes_on_a_sound_store(store: TelemetryStore) -> None:
    store.check()
    store.check()
    assert store.batches() == []


def test_a_closed_store_says_so(store: TelemetryStore) -> None:
    store.close()
    with pytest.raises(StorageError):
        store.check()
