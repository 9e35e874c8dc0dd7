"""Every rule of store/protocol.py, held against every implementation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from telemetry import at, batch, facts, rejections, samples, spans

from domain.errors import StorageError
from domain.frames import FACTS, HISTORY, REJECTIONS
from domain.time import Window
from store.protocol import BatchContent, BatchRecord, DirtyMark, TelemetryStore

LINE = "filler-1"


def values(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    """machine, signal, time, value, text, quality of every row."""
    return frame.rows()


# batches


def test_an_appended_batch_is_in_the_ledger_and_in_the_history(store: TelemetryStore) -> None:
    record, content = batch(1, samples({"time": at(10), "value": 5.0}), spans((at(0), at(20))))
    assert store.append([(record, content)]) == [True]
    assert store.last_batch("agent-1") == record
    history = store.history(LINE, at(0), at(60))
    assert (history.line, history.start, history.end) == (LINE, at(0), at(60))
    assert history.samples.schema == HISTORY
    assert values(history.samples) == [("filler", "total_count", at(10), 5.0, None, 0)]
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


# samples


def test_the_same_sample_twice_counts_once(store: TelemetryStore) -> None:
    one = samples({"time": at(10), "value": 5.0})
    store.append([batch(1, one), batch(1, one, agent="agent-2")])
    store.append([batch(2, one)])
    assert store.history(LINE, at(0), at(60)).samples["value"].to_list() == [5.0]
    assert store.history(LINE, at(11), at(60)).samples.height == 1
    assert store.latest(LINE).height == 1


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"value": 9.0, "quality": 2}, {"value": 1.0, "quality": 0}),
        ({"value": 9.0, "quality": 2}, {"value": 1.0, "quality": 1}),
        ({"value": 1.0}, {"value": 9.0}),
        ({"value": -1.0}, {"value": -0.5}),
        ({"value": None, "text": "z"}, {"value": -5.0, "text": None}),
        ({"text": "a"}, {"text": "b"}),
        ({"text": "B"}, {"text": "a"}),
        ({"text": None}, {"text": ""}),
        ({"value": 1.0, "text": "z"}, {"value": 2.0, "text": "a"}),
    ],
)
def test_contradictions_are_settled_by_content(
    fresh_store: Callable[[], TelemetryStore],
    worse: dict[str, object],
    better: dict[str, object],
) -> None:
    for pair in ((worse, better), (better, worse)):
        store = fresh_store()
        for number, row in enumerate(pair, 1):
            store.append([batch(number, samples({"time": at(10), **row}))])
        kept = store.history(LINE, at(0), at(60)).samples
        assert kept.height == 1
        expected = samples({"time": at(10), **better}).select(HISTORY.names())
        assert_frame_equal(kept, expected)
        assert_frame_equal(store.latest(LINE), expected)


def test_texts_and_names_come_back_as_they_were(store: TelemetryStore) -> None:
    texts = [
        "plain",
        "灌裝線 一號 🏭",
        "quotes \" and ' and `",
        "commas, equals=signs, spaces  ",
        "line\nbreak\r\nand\ttab",
        "back\\slash \\n \\",
        "trailing\\",
        "",
        " ",
        "null",
        "1.5",
        "true",
        "%s {x} $1",
    ]
    rows = [{"time": at(i), "signal": "stop_reason", "text": text} for i, text in enumerate(texts)]
    names = {"line": "灌裝 1, a=b", "machine": 'm "x"\\ y'}
    store.append([batch(1, samples(*rows, **names))])
    history = store.history(names["line"], at(0), at(60))
    assert history.samples["text"].to_list() == texts
    assert history.samples["machine"].unique().to_list() == [names["machine"]]
    assert store.latest(names["line"])["text"].to_list() == texts[-1:]


def test_values_and_times_are_exact(store: TelemetryStore) -> None:
    numbers = [0.1, 1e-300, -1.7976931348623157e308, 2.0**53, 123456789.123456789, 5e-324, None]
    rows = [{"time": at(0, us=i), "value": value} for i, value in enumerate(numbers)]
    far = [
        {"time": datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), "value": 1.0},
        {"time": datetime(2069, 1, 1, 0, 0, 0, 1, tzinfo=UTC), "value": 2.0},
    ]
    store.append([batch(1, samples(*rows, *far))])
    history = store.history(LINE, at(0), at(1)).samples
    assert history["time"].to_list() == [
        far[0]["time"],
        *(row["time"] for row in rows),
        far[1]["time"],
    ]
    assert history["value"].to_list()[1:-1] == numbers


def test_what_is_no_number_is_kept_as_null(store: TelemetryStore) -> None:
    odd = [float("nan"), float("inf"), float("-inf")]
    store.append([batch(1, samples(*({"time": at(i), "value": v} for i, v in enumerate(odd))))])
    assert store.history(LINE, at(0), at(9)).samples["value"].to_list() == [None] * 3


def test_the_window_is_half_open_to_the_microsecond(store: TelemetryStore) -> None:
    times = [at(9, us=999_999), at(10), at(19, us=999_999), at(20), at(20, us=1)]
    store.append([batch(1, samples(*({"time": t, "value": 1.0} for t in times)))])
    history = store.history(LINE, at(10), at(20)).samples
    assert history["time"].to_list() == times[:4]


def test_each_signal_has_its_own_neighbours(store: TelemetryStore) -> None:
    a_month_ago = at(-30 * 86_400)
    store.append(
        [
            batch(
                1,
                samples(
                    {"time": a_month_ago - timedelta(days=1), "signal": "product", "text": "old"},
                    {"time": a_month_ago, "signal": "product", "text": "juice"},
                    *({"time": at(s), "value": float(s)} for s in range(0, 100, 10)),
                ),
            ),
            batch(2, samples({"time": at(35), "value": 1.0}, machine="meter")),
            batch(3, samples({"time": at(500), "signal": "state", "value": 1.0})),
        ]
    )
    history = store.history(LINE, at(35), at(55)).samples
    assert history.select("machine", "signal", "time").rows() == [
        ("filler", "product", a_month_ago),
        ("filler", "state", at(500)),
        ("filler", "total_count", at(30)),
        ("filler", "total_count", at(40)),
        ("filler", "total_count", at(50)),
        ("filler", "total_count", at(60)),
        ("meter", "total_count", at(35)),
    ]
    assert store.history("no such line", at(0), at(1)).samples.is_empty()


def test_crowded_neighbours_are_settled_like_all_others(store: TelemetryStore) -> None:
    crowd = [{"time": t, "value": float(v)} for t in (at(10), at(50)) for v in range(20)]
    store.append([batch(1, samples(*crowd, {"time": at(30), "value": -1.0}))])
    history = store.history(LINE, at(20), at(40)).samples
    assert history.select("time", "value").rows() == [
        (at(10), 19.0),
        (at(30), -1.0),
        (at(50), 19.0),
    ]
    assert store.latest(LINE)["value"].to_list() == [19.0]


def test_a_year_is_read_whole(store: TelemetryStore) -> None:
    times = [at(43_200 * n) for n in range(730)]
    store.append([batch(1, samples(*({"time": t, "value": 1.0} for t in times)))])
    assert store.history(LINE, at(0), at(366 * 86_400)).samples["time"].to_list() == times
    a_century = (at(-50 * 365 * 86_400), at(50 * 365 * 86_400))
    assert store.history(LINE, *a_century).samples["time"].to_list() == times


def test_neighbours_name_the_nearest_times(store: TelemetryStore) -> None:
    store.append([batch(1, samples(*({"time": at(s), "value": 1.0} for s in (0, 10, 20, 30))))])
    store.append([batch(2, samples({"time": at(15), "value": 1.0}, machine="meter"))])

    def ask(start: datetime, end: datetime) -> tuple[datetime | None, datetime | None]:
        return store.neighbours(LINE, "filler", "total_count", start, end)

    assert ask(at(10), at(20)) == (at(0), at(30))
    assert ask(at(10, us=1), at(19, us=999_999)) == (at(10), at(20))
    assert ask(at(0), at(30)) == (None, None)
    assert ask(at(-5), at(-5)) == (None, at(0))
    assert ask(at(40), at(50)) == (at(30), None)
    assert store.neighbours(LINE, "filler", "energy", at(0), at(1)) == (None, None)


def test_the_latest_is_by_source_time_not_by_arrival(store: TelemetryStore) -> None:
    """thingsboard/thingsboard#1769, #3119: "latest" was the last one received."""
    store.append([batch(1, samples({"time": at(50), "value": 50.0}))])
    store.append([batch(2, samples({"time": at(20), "value": 20.0}))])
    store.append([batch(3, samples({"time": at(5), "signal": "state", "value": 1.0}))])
    assert values(store.latest(LINE)) == [
        ("filler", "state", at(5), 1.0, None, 0),
        ("filler", "total_count", at(50), 50.0, None, 0),
    ]
    assert store.latest("no such line").schema == HISTORY


# spans


def test_spans_that_touch_or_overlap_are_one(store: TelemetryStore) -> None:
    store.append(
        [
            batch(1, spans=spans((at(0), at(10)), (at(10), at(20)))),
            batch(2, spans=spans((at(21), at(30)), (at(25), at(26)))),
            batch(3, spans=spans((at(5), at(12)), machine="meter")),
            batch(4, spans=spans((at(100), at(110)))),
        ]
    )
    assert store.history(LINE, at(5), at(40)).spans.rows() == [
        ("filler", at(0), at(20)),
        ("filler", at(21), at(30)),
        ("meter", at(5), at(12)),
    ]
    assert store.last_span_end(LINE) == {"filler": at(110), "meter": at(12)}
    assert store.last_span_end("no such line") == {}


def test_a_long_span_reaches_into_every_window_inside(store: TelemetryStore) -> None:
    store.append([batch(1, spans=spans((at(0), at(400 * 86_400, us=1))))])
    history = store.history(LINE, at(200 * 86_400), at(201 * 86_400))
    assert history.spans.rows() == [("filler", at(0), at(400 * 86_400, us=1))]


def test_the_extent_reaches_over_samples_and_spans(store: TelemetryStore) -> None:
    assert store.extent(LINE) is None
    store.append([batch(1, samples({"time": at(10, us=1), "value": 1.0}))])
    assert store.extent(LINE) == Window(at(10, us=1), at(10, us=2))
    store.append(
        [
            batch(
                2,
                spans=spans(
                    (
                        at(5),
                        at(20),
                    )
                ),
            )
        ]
    )
    store.append([batch(3, samples({"time": at(30), "value": 1.0}, machine="meter"))])
    assert store.extent(LINE) == Window(at(5), at(30))


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


_rows = st.fixed_dictionaries(
    {
        "time": st.integers(0, 12).map(lambda s: at(s * 10)),
        "signal": st.sampled_from(["state", "total_count"]),
        "machine": st.sampled_from(["filler", "meter"]),
        "value": st.sampled_from([None, 0.0, -0.0, 1.0, 2.5]),
        "text": st.sampled_from([None, "", "a", "b,c"]),
        "quality": st.integers(0, 2),
    }
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(_rows, min_size=1, max_size=30),
    cuts=st.tuples(st.integers(0, 30), st.integers(0, 30)),
    shuffled=st.randoms(use_true_random=False),
)
def test_reading_never_depends_on_the_order_of_arrival(
    fresh_store: Callable[[], TelemetryStore],
    rows: list[dict[str, object]],
    cuts: tuple[int, int],
    shuffled: object,
) -> None:
    """thingsboard/thingsboard#4207: rules over states need the order of events."""
    other = list(rows)
    shuffled.shuffle(other)  # type: ignore[attr-defined]
    straight, mixed = fresh_store(), fresh_store()
    straight.append([batch(1, samples(*rows))])
    first, second = sorted(min(cut, len(other)) for cut in cuts)
    parts = [other[:first], other[first:second], other[second:]]
    for number, part in enumerate(parts, 1):
        mixed.append([batch(number, samples(*part))])
    for start, end in ((at(0), at(121)), (at(35), at(70)), (at(200), at(300))):
        one, two = (store.history(LINE, start, end) for store in (straight, mixed))
        assert_frame_equal(one.samples, two.samples)
        keys = ["machine", "signal", "time"]
        assert one.samples.select(keys).is_unique().all()
        assert one.samples.select(keys).equals(one.samples.select(keys).sort(keys))
    assert_frame_equal(straight.latest(LINE), mixed.latest(LINE))


def test_a_closed_store_says_so(store: TelemetryStore) -> None:
    store.close()
    with pytest.raises(StorageError):
        store.check()
