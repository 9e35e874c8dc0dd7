"""What only many processes on one database can get wrong. Each store here has connections of its
own, as one in another process has."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from postgres import PostgresServer
from telemetry import at, batch, facts, samples, spans

from domain.time import Window
from store.telemetry.postgresql.store import PostgresStore
from store.telemetry.protocol import BatchContent, BatchRecord

LINES = ("filler-1", "press-2", "綫 3")
AGENTS = ("a", "b", "c'")
BATCHES = 12  # of each agent
MANY = 4
Stores = list[PostgresStore]


@pytest.fixture
def stores(postgres: PostgresServer) -> Iterator[Stores]:
    url = postgres.empty()
    with ThreadPoolExecutor(MANY) as pool:  # all of them find no tables, and one makes them
        opened = list(pool.map(PostgresStore, [url] * MANY))
    yield opened
    for it in opened:
        it.close()


def told(agent: str, number: int) -> tuple[BatchRecord, BatchContent]:
    """Of every line, some of it said by each of the agents."""
    parts = samples({"time": at(number), "value": float(number), "signal": agent}, line=LINES[0])
    for line in LINES[1:]:
        rows = {"time": at(number), "value": float(number), "signal": agent}
        parts = parts.vstack(samples(rows, line=line))
    return batch(number, parts, spans((at(0), at(number)), line=LINES[1]), agent=agent)


def at_once(stores: Stores, work: Callable[[int, PostgresStore], None]) -> None:
    with ThreadPoolExecutor(len(stores)) as pool:
        list(pool.map(work, range(len(stores)), stores))


def test_batches_that_reach_every_collector_are_stored_once(stores: Stores) -> None:
    every = [told(agent, number) for agent in AGENTS for number in range(1, BATCHES + 1)]
    fresh: list[tuple[str, int]] = []

    def collect(seed: int, store: PostgresStore) -> None:
        own = random.Random(seed).sample(every, len(every))
        for begin in range(0, len(own), 5):
            group = own[begin : begin + 5]
            stored = store.append(group)
            fresh.extend(
                (it.agent, it.number) for (it, _), new in zip(group, stored, strict=True) if new
            )

    at_once(stores, collect)
    assert sorted(fresh) == sorted((it.agent, it.number) for it, _ in every)
    reader = stores[0]
    assert sorted(reader.batches(limit=1000), key=lambda it: (it.agent, it.number)) == sorted(
        (it for it, _ in every), key=lambda it: (it.agent, it.number)
    )
    for line in LINES:
        assert reader.sample_count(line, at(0), at(999)) == len(every)
        assert reader.history(line, at(0), at(999)).samples.height == len(every)
    marks = [mark.id for mark in reader.dirty()]
    assert marks == list(range(1, len(marks) + 1)), "each is given once"


def test_who_sees_a_mark_sees_every_mark_before_it(stores: Stores) -> None:
    """Or a keeper would clear a mark that it has never seen."""
    *writers, reader = stores
    done = threading.Event()
    gaps: list[list[int]] = []

    def watch() -> None:
        while not done.is_set():
            seen = [mark.id for mark in reader.dirty()]
            if seen != list(range(1, len(seen) + 1)):
                gaps.append(seen)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        at_once(
            writers,
            lambda which, store: [
                store.append([told(AGENTS[which], n)]) for n in range(1, BATCHES + 1)
            ] and None,
        )  # fmt: skip
    finally:
        done.set()
        watching.join()
    assert gaps == []
    assert len(reader.dirty()) == len(writers) * BATCHES * 4


def test_of_two_keepers_of_a_line_one_wins_whole(stores: Stores) -> None:
    windows = [Window(at(3600 * hour), at(3600 * (hour + 1))) for hour in range(6)]
    hours = [(it.start, it.end) for it in windows]
    stores[0].append([told("a", 1)])

    def keep(which: int, store: PostgresStore) -> None:
        made = facts(hours, line=LINES[0], flags=which)
        for _ in range(6):
            store.replace_facts(LINES[0], f"spec {which % 2}", windows, made, which)

    at_once(stores, keep)
    found = [stores[0].facts(LINES[0], f"spec {spec}", at(0), at(99999)) for spec in (0, 1)]
    kept = [it for it in found if it.height]
    assert len(kept) == 1
    assert kept[0].height == len(windows)
    assert kept[0]["flags"].n_unique() == 1
    assert stores[1].dirty(LINES[0]) == []
    assert stores[1].changes()[LINES[0]].facts == 6 * MANY


def test_what_one_process_stores_the_others_tell_at_once(stores: Stores) -> None:
    one, other = stores[:2]
    before = other.changes()
    one.append([told("a", 1)])
    changed = other.changes()
    assert changed != before
    assert [mark.signal for mark in other.marks_since(LINES[0], 0) or []] == ["a"]
    window = Window(at(0), at(3600))
    number = changed[LINES[0]].facts
    made = facts([(at(0), at(3600))], line=LINES[0])
    one.replace_facts(LINES[0], "spec", [window], made, 0)
    assert other.facts_replaced_since(LINES[0], number) is None, "the first of a specification"
    number = other.changes()[LINES[0]].facts
    one.replace_facts(LINES[0], "spec", [window], made, 0)
    assert other.facts_replaced_since(LINES[0], number) == [window]
    for _ in range(130):
        one.replace_facts(LINES[0], "spec", [window], made, 0)
    assert other.facts_replaced_since(LINES[0], number) is None, "not known any more"
