"""A line, and made-up things that come in of it: samples and confirmed stretches in any order.

Hypothesis draws `items`; `store_items` stores them as batches of their own.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import strategies as st

from domain.corrections import LineCorrections
from domain.frames import REJECTIONS, SAMPLES, SPANS
from domain.plant import Break, Calendar, Line, Machine, Plant, Product, Shift, StopReason
from domain.signals import SignalKind, signal_named
from domain.states import MachineMode, MachineState, ReasonKind
from store.telemetry.protocol import BatchContent, BatchRecord, TelemetryStore

START = datetime(2026, 3, 1, 16, tzinfo=UTC)  # midnight in Hong Kong
NUMBERS = itertools.count(1)
LINE = Line(
    id="l",
    name={"en": "Line"},
    machines={"a": Machine("a", "import"), "b": Machine("b", "import")},
    roles={
        "state": "a",
        "total_count": "a",
        "good_count": "b",
        "product": "a",
        "energy": "b",
    },
    calendar=Calendar(
        "two",
        (
            Shift("A", frozenset(range(6)), time(7), time(15), (Break(time(11), time(11, 30)),)),
            Shift("N", frozenset({0, 1, 2}), time(22), time(6)),
        ),
        holidays=frozenset({date(2026, 3, 4)}),
    ),
    ideal_cycle_time_s=1.0,
)
# As a PackML machine does it: the good items follow from all and rejected ones, until the
# machine counts good ones itself.
PACKML = replace(LINE, roles={"state": "a", "total_count": "a", "good_count": "a", "product": "a"})
PLANT = Plant(
    "p",
    ZoneInfo("Asia/Hong_Kong"),
    {"en": "P"},
    "1",
    {"x": Product("x", {"en": "X"}, 0.5), "y": Product("y", {"en": "Y"}, 0.3)},
    {"l": LINE},
    {
        "x": StopReason("x", {"en": "Jam"}, ReasonKind.BREAKDOWN),
        "y": StopReason("y", {"en": "Change"}, ReasonKind.SETUP),
    },
)
PACKML_PLANT = replace(PLANT, lines={"l": PACKML})


@dataclass
class Plants:
    """A registry's answer: here the plants are given, not read."""

    now: Plant = PLANT

    version = 1

    def plants(self) -> list[Plant]:
        return [self.now]

    def line_corrections(self, line: str) -> LineCorrections:
        return LineCorrections()

    def mark_applied(self, line: str, number: int) -> None:
        raise AssertionError("there are no corrections")


Row = tuple[str, str, datetime, float | None, str | None, int]
Stretch = tuple[str, datetime, datetime]
Item = tuple[tuple[Row, ...], tuple[Stretch, ...]]


def store_items(store: TelemetryStore, items: list[Item]) -> None:
    content = content_of(items)
    count = content.samples.height
    if not count and not content.spans.height:
        return
    number = next(NUMBERS)
    record = BatchRecord("t", number, f"{number:064}", count, 0, None, None, START)
    store.append([(record, content)])


def content_of(items: list[Item]) -> BatchContent:
    """What a batch has that brings them."""
    rows = [row for item in items for row in item[0]]
    samples = pl.DataFrame(
        [
            ("l", m, s, at, at, value, text, quality, None)
            for m, s, at, value, text, quality in rows
        ],
        schema=SAMPLES,
        orient="row",
    )
    stretches = [("l", *stretch) for item in items for stretch in item[1]]
    spans = pl.DataFrame(stretches, schema=SPANS, orient="row")
    return BatchContent(samples, spans, REJECTIONS.to_frame())


# Times cluster on full hours, where slices meet.
instants = st.builds(
    lambda hour, second, us: START + timedelta(hours=hour, seconds=second, microseconds=us),
    st.integers(0, 80),
    st.sampled_from([0, 0, 1, 1799, 1800, 3599]),
    st.sampled_from([0, 0, 1]),
)
qualities = st.sampled_from([0, 0, 0, 1, 2])


@st.composite
def rows(draw: st.DrawFn) -> Row:
    signal = draw(
        st.sampled_from(
            ["state"] * 4
            + ["total_count", "good_count", "reject_count"] * 2
            + ["product", "mode", "energy", "speed", "stop_reason"]
        )
    )
    machine = draw(st.sampled_from("ab"))
    at, quality = draw(instants), draw(qualities)
    kind = signal_named(signal).kind
    if kind is SignalKind.STATE:
        name = draw(st.sampled_from(list(MachineState if signal == "state" else MachineMode)))
        return machine, signal, at, float(name.code), name.value, quality
    if kind is SignalKind.TEXT:
        return machine, signal, at, None, draw(st.sampled_from("xyz")), quality
    value = draw(st.sampled_from([0.1, 0.3, 3.0, 7.7, 8.0, 1e3, 1e6 / 3]))
    return machine, signal, at, value, None, quality


@st.composite
def stretches(draw: st.DrawFn) -> Stretch:
    start, length = draw(instants), draw(st.integers(1, 40 * 3600))
    return draw(st.sampled_from("aab")), start, start + timedelta(seconds=length)


items = st.one_of(
    st.tuples(st.lists(rows(), min_size=1, max_size=6).map(tuple), st.just(())),
    st.tuples(st.just(()), st.tuples(stretches())),
)
