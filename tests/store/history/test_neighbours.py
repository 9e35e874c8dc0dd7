"""Nearest samples: a history that was read says the same as the store, or does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from random import Random

import pytest
from telemetry import at, batch, samples

from store.history.neighbours import Nearest
from store.telemetry.duckdb.store import DuckDBStore

LINE, MACHINE = "filler-1", "filler"
SIGNALS = ("total_count", "product", "good_count")
END = 4000
Times = tuple[DuckDBStore, dict[str, tuple[list[int], list[int]]]]


@pytest.fixture(scope="module")
def times(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Times]:
    """A store, and the seconds of all samples and of the usable ones of each signal."""
    store = DuckDBStore(tmp_path_factory.mktemp("usable") / "t.duckdb")
    chance = Random(5)
    known: dict[str, tuple[list[int], list[int]]] = {}
    rows = []
    for signal in SIGNALS[:2]:
        every = sorted(chance.sample(range(0, END, 10), 60))
        useful = []
        for second in every:
            useless = second > 2500 or chance.random() < 0.5
            row: dict[str, object] = {"time": at(second), "signal": signal}
            if useless and chance.random() < 0.5:
                rows.append(row)  # neither value nor text
            else:
                said = {"value": 1.0} if signal == "total_count" else {"text": "x"}
                rows.append({**row, **said, "quality": 2 if useless else chance.randrange(2)})
            useful += [] if useless else [second]
        known[signal] = (every, useful)
    known[SIGNALS[2]] = ([], [])
    store.append([batch(1, samples(*rows))])
    yield store, known
    store.close()


def around(times: list[int], start: int, end: int) -> tuple[datetime | None, datetime | None]:
    before, after = [it for it in times if it < start], [it for it in times if it > end]
    return (
        at(before[-1]) if before else None,
        at(after[0]) if after else None,
    )


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("window", [None, (0, END), (1000, 1010), (900, 1500), (2400, 3600)])
def test_a_history_says_the_same_as_the_store(
    times: Times,
    signal: str,
    window: tuple[int, int] | None,
) -> None:
    store, known = times
    every, useful = known[signal]
    history = window and store.history(LINE, at(window[0]), at(window[1]))
    near = Nearest(store, LINE, history)
    chance = Random(f"{signal} {window}")
    borders = [0, 1000, 1010, 900, 1500, 2400, 3600, END, *every[::7]]
    for _ in range(60):
        start = chance.choice(borders) + chance.choice([-10, 0, 0, 1, 10])
        end = start + chance.choice([0, 0, 10, 300, 2000])
        assert near.any(MACHINE, signal, at(start), at(end)) == around(every, start, end)
        assert near.usable(MACHINE, signal, at(start), at(end)) == around(useful, start, end)
        # From `start` on: nothing lies between the two.
        assert near.usable(MACHINE, signal, at(start), at(start - 1e-6)) == (
            around(useful, start, start)[0],
            around(useful, start, start - 1)[1],
        )


def test_whether_a_history_has_a_sample(
    times: Times,
) -> None:
    store, known = times
    near = Nearest(store, LINE, store.history(LINE, at(0), at(END)))
    every = known["product"][0]
    assert [second for second in range(0, END, 5) if near.has(MACHINE, "product", at(second))] == (
        every
    )
    assert not near.has(MACHINE, "good_count", at(every[0]))
