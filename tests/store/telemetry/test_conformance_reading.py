"""The rules of store/telemetry/protocol.py on reading telemetry, held against every
implementation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from telemetry import at, batch, samples, spans

from domain.frames import HISTORY
from domain.time import Window
from store.node.ledger_keeper import last_batches
from store.telemetry.protocol import TelemetryStore

LINE = "filler-1"


# samples


def test_the_same_sample_twice_counts_once(store: TelemetryStore) -> None:
    one = samples({"time": at(10), "value": 5.0})
    store.append([batch(1, one), batch(1, one, agent="agent-2")])
    store.append([batch(2, one)])
    assert store.history(LINE, at(0), at(60)).samples["value"].to_list() == [5.0]
    assert store.history(LINE, at(11), at(60)).samples.height == 1
    assert store.latest(LINE).height == 1


def test_from_behind_all_of_an_agents_batches_the_next_agents_first_comes(
    store: TelemetryStore,
) -> None:
    """So the agents are found without reading their batches (store.node.ledger_keeper)."""
    store.append([batch(number, agent=agent) for agent, number in (("a", 1), ("a", 2), ("b.1", 1))])
    store.append([batch(1, agent="綫")])
    assert [(it.agent, it.number) for it in last_batches(store)] == [
        ("a", 2),
        ("b.1", 1),
        ("綫", 1),
    ]


def test_samples_are_counted_without_reading_them(store: TelemetryStore) -> None:
    assert store.sample_count(LINE, at(0), at(60)) == 0
    rows = [{"time": at(second), "value": 5.0} for second in (0, 20, 40, 60)]
    store.append([batch(1, samples(*rows).vstack(samples(*rows[:3], machine="meter")))])
    store.append([batch(2, samples(*rows, line="other"))])
    assert store.sample_count(LINE, at(0), at(60)) == 6
    assert store.sample_count(LINE, at(1), at(61)) == 5
    assert store.sample_count(LINE, at(61), at(90)) == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"value": 1.0, "quality": 0}, {"value": 9.0, "quality": 2}),
        ({"value": 1.0, "quality": 0}, {"value": 1.0, "quality": 1}),
        ({"value": -1.0}, {"value": -0.5}),
        ({"value": None, "text": "z"}, {"value": -5.0, "text": None}),
        ({"text": "B"}, {"text": "a"}),
        ({"text": None}, {"text": ""}),
        ({"value": 1.0, "text": "z"}, {"value": 2.0, "text": "a"}),
    ],
)
def test_what_contradicts_itself_is_kept_whatever_came_first(
    fresh_store: Callable[[], TelemetryStore],
    first: dict[str, object],
    second: dict[str, object],
) -> None:
    expected = samples({"time": at(10), **first}, {"time": at(10), **second})
    for pair in ((first, second), (second, first)):
        store = fresh_store()
        for number, row in enumerate(pair, 1):
            store.append([batch(number, samples({"time": at(10), **row}))])
        for found in (
            store.history(LINE, at(0), at(60)).samples,
            store.history(LINE, at(30), at(60)).samples,
            store.history(LINE, at(0), at(5)).samples,
            store.said(LINE, "filler", "total_count", at(10), at(10, us=1)),
            store.latest(LINE),
        ):
            assert_frame_equal(found, expected.select(HISTORY.names()))


def test_a_series_is_read_alone(store: TelemetryStore) -> None:
    rows = [{"time": at(second), "value": 1.0} for second in (0, 20, 40)]
    store.append([batch(1, samples(*rows).vstack(samples(*rows[1:], machine="meter")))])

    def ask(machine: str, start: float, end: float) -> list[datetime]:
        return store.said(LINE, machine, "total_count", at(start), at(end))["time"].to_list()

    assert ask("filler", 0, 40) == [at(0), at(20)]
    assert ask("meter", 0, 41) == [at(20), at(40)]
    assert ask("meter", 21, 40) == ask("nobody", 0, 40) == []
    assert store.said(LINE, "nobody", "state", at(0), at(1)).schema == HISTORY


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


def test_a_window_may_be_told_in_any_zone(store: TelemetryStore) -> None:
    store.append([batch(1, samples({"time": at(10), "value": 5.0}), spans((at(0), at(60))))])
    zone = ZoneInfo("Asia/Hong_Kong")
    there, here = ((at(0).astimezone(it), at(60).astimezone(it)) for it in (zone, UTC))
    found, expected = store.history(LINE, *there), store.history(LINE, *here)
    assert_frame_equal(found.samples, expected.samples)
    assert_frame_equal(found.spans, expected.spans)
    assert (found.start, found.samples.height, found.spans.height) == (at(0), 1, 1)


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


def test_crowded_neighbours_are_all_there(store: TelemetryStore) -> None:
    crowd = [{"time": t, "value": float(v)} for t in (at(10), at(50)) for v in range(20)]
    store.append([batch(1, samples(*crowd, {"time": at(30), "value": -1.0}))])
    history = store.history(LINE, at(20), at(40)).samples
    every = [float(value) for value in range(20)]
    assert history["value"].to_list() == [*every, -1.0, *every]
    assert store.latest(LINE)["value"].to_list() == every


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
    assert store.latest(LINE).rows() == [
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
    shuffled: Random,
) -> None:
    """thingsboard/thingsboard#4207: rules over states need the order of events."""
    other = list(rows)
    shuffled.shuffle(other)
    straight, mixed = fresh_store(), fresh_store()
    straight.append([batch(1, samples(*rows))])
    first, second = sorted(min(cut, len(other)) for cut in cuts)
    parts = [other[:first], other[first:second], other[second:]]
    for number, part in enumerate(parts, 1):
        mixed.append([batch(number, samples(*part))])
    for start, end in ((at(0), at(121)), (at(35), at(70)), (at(200), at(300))):
        one, two = (store.history(LINE, start, end) for store in (straight, mixed))
        assert_frame_equal(one.samples, two.samples)
        assert one.samples.is_unique().all()
        assert one.samples.equals(one.samples.sort(one.samples.columns))
    assert_frame_equal(straight.latest(LINE), mixed.latest(LINE))
