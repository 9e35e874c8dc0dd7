"""The history for facts reaches as far as an increment or a text does."""

from __future__ import annotations

from telemetry import at, batch, samples, spans

from store.protocol import TelemetryStore
from store.reading import line_history

BAD = 2


def counts(*rows: tuple[float, float, int]):
    return samples(*({"time": at(s), "value": value, "quality": q} for s, value, q in rows))


def test_it_reaches_back_to_the_last_count_and_on_to_the_next(store: TelemetryStore) -> None:
    store.append([batch(1, counts((0, 0, 0), (100, 50, 0), (900, 90, 0)), spans((at(0), at(900))))])
    history = line_history(store, "filler-1", at(200), at(300))
    assert (history.start, history.end) == (at(100), at(900))


def test_a_bad_count_is_no_neighbour(store: TelemetryStore) -> None:
    store.append([batch(1, counts((0, 5, 0), (100, 50, BAD), (400, 60, BAD), (900, 90, 0)))])
    history = line_history(store, "filler-1", at(200), at(300))
    assert (history.start, history.end) == (at(0), at(900))


def test_a_text_holds_across_a_bad_sample(store: TelemetryStore) -> None:
    rows = [
        {"time": at(0), "signal": "product", "text": "juice"},
        {"time": at(100), "signal": "product", "text": "?", "quality": BAD},
    ]
    store.append([batch(1, samples(*rows))])
    history = line_history(store, "filler-1", at(200), at(300))
    assert "juice" in history.samples["text"].to_list()


def test_a_counter_without_a_pair_does_not_lengthen_the_history(store: TelemetryStore) -> None:
    store.append([batch(1, counts((0, 5, 0)))])
    history = line_history(store, "filler-1", at(200), at(300))
    assert (history.start, history.end) == (at(200), at(300))
