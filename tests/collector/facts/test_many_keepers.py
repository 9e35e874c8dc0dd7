"""Several keepers of one database: facts as one makes them, whoever comes and goes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from living_lines import HOUR, LINES, START, facts_of, keeper_of, tell
from polars.testing import assert_frame_equal
from postgres import PostgresServer, postgres_server

from domain.errors import LineproofError
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.postgresql.store import PostgresStore

Stretch = tuple[str, int, timedelta]  # line, hour, length
HOURS = 14


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


class Keeping(threading.Thread):
    """A process that keeps facts until it `dies`, however much it has done by then."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._store = PostgresStore(url)
        self._dead = threading.Event()
        self.slices = 0
        self.start()

    def run(self) -> None:
        keeper = keeper_of(self._store)
        while not self._dead.is_set():
            try:
                self.slices += keeper.refresh()
            except LineproofError:  # another one has the line, or this one is dead
                self._dead.wait(0.01)

    def die(self) -> None:
        self._store.close()  # in the middle of whatever it does
        self._dead.set()
        self.join()


def test_keepers_that_come_and_go_make_the_facts_that_one_makes(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    url, chance = postgres.empty(), Random(20260302)
    teller = PostgresStore(url)
    keeping = [Keeping(url) for _ in range(2)]
    stretches = []
    for hour in range(HOURS):
        for line in LINES:
            late = chance.choice((0, 0, 0, 5))
            stretches.append((line, START + (48 + hour - late) * HOUR, hour % 10))
            tell(teller, line, stretches[-1][1], HOUR, hour % 10)
        if hour % 3 == 1:
            keeping.append(Keeping(url))
        if hour % 3 == 2:
            keeping.pop(chance.randrange(len(keeping))).die()
    assert len(keeping) > 1
    for it in keeping:
        it.die()
    keeper_of(teller).refresh()  # whatever was left undone
    once = DuckDBStore(tmp_path / "once.duckdb")
    for line, start, seed in stretches:
        tell(once, line, start, HOUR, seed)
    keeper_of(once).refresh()
    for line in LINES:
        assert facts_of(once, line).height > 10
        assert_frame_equal(facts_of(teller, line), facts_of(once, line), check_exact=True)
    assert teller.dirty() == []
    once.close()
    teller.close()


def test_each_does_a_share_and_together_they_do_it_once(postgres: PostgresServer) -> None:
    url = postgres.empty()
    stores = [PostgresStore(url) for _ in range(3)]
    keepers = [keeper_of(it) for it in stores]
    for keeper in keepers + keepers:  # all know of all
        keeper.refresh()
    for line in LINES:
        tell(stores[0], line, START, 5 * HOUR, 0)
    done = [keeper.refresh() for keeper in keepers]
    assert sum(done) == 5 * len(LINES)
    assert max(done) < sum(done)
    assert [keeper.refresh() for keeper in keepers] == [0, 0, 0]
    assert stores[0].dirty() == []
    for it in stores:
        it.close()
