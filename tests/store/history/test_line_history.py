"""The history for facts reaches as far as an increment, a text or a reason does."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from telemetry import at, batch, samples, spans

from analytics.timeline.history_reach import check_reach
from domain.corrections import Correction, CorrectionKind
from domain.frames import LineHistory
from domain.signals import REACH_MARGIN
from store.history.line_history import line_history
from store.telemetry.protocol import TelemetryStore

BAD = 2
HOUR = 3600.0


def counts(*rows: tuple[float, float, int]):
    return samples(*({"time": at(s), "value": value, "quality": q} for s, value, q in rows))


def test_it_reaches_back_to_the_last_count_and_on_to_the_next(store: TelemetryStore) -> None:
    rows = counts((0, 0, 0), (HOUR, 50, 0), (9 * HOUR, 90, 0), (10 * HOUR, 95, 0))
    store.append([batch(1, rows, spans((at(0), at(10 * HOUR))))])
    history = line_history(store, "filler-1", at(2 * HOUR), at(3 * HOUR))
    assert history.start == at(HOUR)
    assert history.end > at(9 * HOUR)
    # Whether these two are out of line, shows in the samples beyond them.
    assert history.samples["value"].to_list() == [0, 50, 90, 95]


def test_a_bad_count_is_no_neighbour(store: TelemetryStore) -> None:
    rows = [(0, 1, 0), (HOUR, 2, BAD), (2 * HOUR, 5, 0), (3 * HOUR, 50, BAD)]
    rows += [(6 * HOUR, 60, BAD), (9 * HOUR, 90, 0), (10 * HOUR, 95, BAD), (11 * HOUR, 99, 0)]
    store.append([batch(1, counts(*rows))])
    history = line_history(store, "filler-1", at(4 * HOUR), at(5 * HOUR))
    assert history.start == at(2 * HOUR)
    assert history.end > at(9 * HOUR)
    assert {1, 5, 90, 99} <= set(history.samples["value"])


def test_a_product_of_long_ago_does_not_lengthen_the_history(store: TelemetryStore) -> None:
    rows = [{"time": at(0), "signal": "product", "text": "juice"}]
    rows += [{"time": at(0), "signal": "stop_reason", "text": "jam"}]
    store.append([batch(1, samples(*rows))])
    history = line_history(store, "filler-1", at(900 * HOUR), at(901 * HOUR))
    assert history.start > at(899 * HOUR)
    assert "juice" in history.samples["text"].to_list()


def test_a_counter_without_a_pair_does_not_lengthen_the_history(store: TelemetryStore) -> None:
    store.append([batch(1, counts((0, 5, 0)))])
    history = line_history(store, "filler-1", at(2 * HOUR), at(3 * HOUR))
    assert history.start > at(HOUR)


def test_it_has_all_states_since_the_last_reason(store: TelemetryStore) -> None:
    """Production in between ended what the reason was given for."""
    rows = [{"time": at(0), "signal": "stop_reason", "text": "jam"}]
    rows += [
        {"time": at(s * HOUR), "signal": "state", "value": v} for s, v in ((0, 6), (1, 1), (2, 6))
    ]
    store.append([batch(1, samples(*rows))])
    history = line_history(store, "filler-1", at(4 * HOUR), at(5 * HOUR))
    assert history.samples.filter(signal="state")["value"].to_list() == [6, 1, 6]


def test_what_people_counted_is_read_whole(store: TelemetryStore) -> None:
    store.append([batch(1, counts((0, 5, 0), (HOUR, 6, 0), (9 * HOUR, 7, 0)))])
    said = Correction(
        "c1",
        "filler-1",
        CorrectionKind.QUANTITY,
        at(0),
        at(9 * HOUR),
        "operator",
        at(20 * HOUR),
        element="total_count",
        amount=3.0,
    )
    elsewhere = Correction(
        "c2",
        "filler-1",
        CorrectionKind.REASON,
        at(90 * HOUR),
        at(91 * HOUR),
        "operator",
        at(99 * HOUR),
        reason="jam",
    )
    history = line_history(store, "filler-1", at(2 * HOUR), at(3 * HOUR), [said, elsewhere])
    assert history.start <= at(0)
    assert history.end >= at(9 * HOUR)
    assert history.corrections == (said,)


def test_it_reaches_back_to_the_last_reason_of_a_stop_that_went_on(store: TelemetryStore) -> None:
    rows = [{"time": at(s * HOUR), "signal": "state", "value": v} for s, v in ((0, 6), (9, 1))]
    store.append([batch(1, samples(*rows))])

    def reason(number: int, end: float, *, goes_on: bool = True) -> Correction:
        return Correction(
            f"c{number}", "filler-1", CorrectionKind.REASON, at(end - 60), at(end), "operator",
            at(end), reason="jam", until_stop_ends=goes_on,
        )  # fmt: skip

    early, late, closed = reason(1, HOUR), reason(2, 2 * HOUR), reason(3, 4 * HOUR, goes_on=False)
    said = [early, late, closed]
    history = line_history(store, "filler-1", at(7 * HOUR), at(8 * HOUR), said)
    assert history.start <= at(2 * HOUR) - REACH_MARGIN
    assert history.corrections == (late, closed)
    week = line_history(store, "filler-1", at(2 * HOUR + 8 * 24 * HOUR), at(196 * HOUR), said)
    assert week.start > at(9 * HOUR), "it holds seven days at most"


def test_the_last_order_before_it_is_among_its_corrections(store: TelemetryStore) -> None:
    orders = [
        Correction(
            f"c{hour}", "filler-1", CorrectionKind.ORDER, at(hour * HOUR), at(hour * HOUR), "Ann",
            at(99 * HOUR), order=str(hour),
        )
        for hour in (1, 3, 7, 30)
    ]  # fmt: skip
    store.append([batch(1, samples({"time": at(0), "signal": "state", "value": 6}))])
    history = line_history(store, "filler-1", at(6.5 * HOUR), at(8 * HOUR), orders)
    assert [it.order for it in history.corrections] == ["3", "7"]


@pytest.mark.parametrize(
    ("first", "last", "serves"),
    [
        (1.5 * HOUR, 3.5 * HOUR, True),
        (2 * HOUR - 780, 3 * HOUR + 780, True),
        (2 * HOUR - 779, 3.5 * HOUR, False),
        (1.5 * HOUR, 3 * HOUR + 779, False),
        (4 * HOUR, 5 * HOUR, False),
    ],
)
def test_what_was_read_already_serves_where_it_reaches_far_enough(
    store: TelemetryStore, first: float, last: float, serves: bool
) -> None:
    rows = counts(*((minute * 60, minute * 9.0, 0) for minute in range(6 * 60)))
    store.append([batch(1, rows, spans((at(0), at(6 * HOUR))))])
    known = store.history("filler-1", at(first), at(last))
    found = line_history(store, "filler-1", at(2 * HOUR), at(3 * HOUR), known=known)
    anew = line_history(store, "filler-1", at(2 * HOUR), at(3 * HOUR))
    if serves:
        assert found is known
    else:
        assert_frame_equal(found.samples, anew.samples)
        assert (found.start, found.end) == (anew.start, anew.end)


def test_what_was_read_already_is_read_anew_where_a_count_reaches_further(
    store: TelemetryStore,
) -> None:
    rows = counts(*((hour * HOUR, hour * 9.0, 0) for hour in range(12)))
    store.append([batch(1, rows, spans((at(0), at(12 * HOUR))))])
    known = store.history("filler-1", at(4.1 * HOUR), at(5.9 * HOUR))
    found = line_history(store, "filler-1", at(4.5 * HOUR), at(5.5 * HOUR), known=known)
    anew = line_history(store, "filler-1", at(4.5 * HOUR), at(5.5 * HOUR))
    assert found.samples["value"].to_list() == [hour * 9 for hour in range(12)]
    assert_frame_equal(found.samples, anew.samples)


class Arriving:
    """A store in which a batch comes in right after its first history was read."""

    def __init__(self, store: TelemetryStore, samples_to_come: pl.DataFrame) -> None:
        self.store = store
        self.to_come = [samples_to_come]
        self.extent, self.neighbours = store.extent, store.neighbours
        self.said = store.said

    def history(self, line: str, start: datetime, end: datetime) -> LineHistory:
        found = self.store.history(line, start, end)
        while self.to_come:
            self.store.append([batch(2, self.to_come.pop())])
        return found


def test_what_comes_in_between_two_reads_may_reach_further(store: TelemetryStore) -> None:
    """Its history is whole, too: one that is not would be refused."""

    def count(signal: str, hour: float, value: float) -> dict[str, object]:
        return {"time": at(hour * HOUR), "signal": signal, "value": value}

    total = [count("total_count", hour, hour) for hour in (1, 2.5)]
    store.append([batch(1, samples(count("good_count", 0, 0), *total))])
    meanwhile = Arriving(store, samples(count("good_count", 2.5, 2)))
    history = line_history(meanwhile, "filler-1", at(2 * HOUR), at(3 * HOUR))
    assert history.start == at(0)
    check_reach(history, at(2 * HOUR), at(3 * HOUR))


def test_that_a_counter_was_ever_heard_is_known_behind_what_cannot_be_used(
    store: TelemetryStore,
) -> None:
    """Else the same hour would have no count, or one, depending on how much is read."""
    store.append([batch(1, counts((0, 5, 0), (HOUR, 6, BAD), (1.5 * HOUR, 7, BAD)))])
    history = line_history(store, "filler-1", at(9 * HOUR), at(10 * HOUR))
    assert history.start > at(8 * HOUR), "it is not read as a whole"
    assert {5, 7} <= set(history.samples["value"])
