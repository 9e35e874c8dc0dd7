"""Several keepers share out the lines of one database."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from postgres import PostgresServer
from telemetry import at, batch, facts, samples

from domain.errors import BusyError
from domain.time import Window
from store.telemetry.postgresql.database import database_url
from store.telemetry.postgresql.shares import owner
from store.telemetry.postgresql.store import PostgresStore

LINES = [f"line {number}" for number in range(40)]
HOUR = Window(at(0), at(3600))


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return postgres.empty()


@pytest.fixture
def keepers(url: str) -> Iterator[list[PostgresStore]]:
    opened = [PostgresStore(url) for _ in range(3)]
    yield opened
    for it in opened:
        it.close()


def shared(keepers: list[PostgresStore]) -> list[set[str]]:
    """The lines of each, when all know of all."""
    for it in keepers:
        it.lines_to_keep(LINES)
    return [set(it.lines_to_keep(LINES)) for it in keepers]


def test_when_a_keeper_comes_or_goes_only_its_own_lines_move() -> None:
    before = {line: owner(line, [0, 1, 2]) for line in LINES}
    for line, seat in before.items():
        assert owner(line, [0, 1, 2, 3]) in (seat, 3)
        assert owner(line, [2, 0]) == seat or seat == 1
    assert set(before.values()) == {0, 1, 2}


def test_each_line_has_one_keeper_and_each_keeper_lines(keepers: list[PostgresStore]) -> None:
    parts = shared(keepers)
    assert sorted(line for part in parts for line in part) == sorted(LINES)
    assert all(parts)
    assert shared(keepers) == parts


def test_who_keeps_alone_keeps_all(keepers: list[PostgresStore]) -> None:
    assert set(keepers[0].lines_to_keep(LINES)) == set(LINES)
    keepers[0].changes()  # who only reads takes no seat
    assert set(keepers[0].lines_to_keep(LINES)) == set(LINES)


def test_the_lines_of_a_keeper_that_ends_go_to_the_others(keepers: list[PostgresStore]) -> None:
    before = shared(keepers)
    keepers[1].close()
    after = shared([keepers[0], keepers[2]])
    assert after[0] | after[1] == set(LINES)
    assert after[0] >= before[0]
    assert after[1] >= before[2]


def test_a_keeper_whose_connection_ends_takes_another_seat(
    keepers: list[PostgresStore], url: str, postgres: PostgresServer
) -> None:
    shared(keepers)
    name = database_url(url).database
    postgres.execute(
        f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    time.sleep(1.1)  # a connection that was used just now is taken without asking
    parts = shared(keepers)
    assert sorted(line for part in parts for line in part) == sorted(LINES)


def test_a_line_that_was_elsewhere_meanwhile_has_another_number(
    keepers: list[PostgresStore],
) -> None:
    one, other = keepers[:2]
    first = dict(one.lines_to_keep(LINES))
    assert one.lines_to_keep(LINES) == first
    theirs = set(other.lines_to_keep(LINES))
    assert set(one.lines_to_keep(LINES)) == set(LINES) - theirs
    other.close()
    again = dict(one.lines_to_keep(LINES))
    assert {line for line in LINES if again[line] != first[line]} == theirs


def test_what_was_computed_before_another_took_the_line_is_not_stored(
    keepers: list[PostgresStore],
) -> None:
    one, other = keepers[:2]
    one.lines_to_keep(LINES)
    taken = sorted(other.lines_to_keep(LINES))[0]
    one.append([batch(1, samples({"time": at(1), "value": 1.0}, line=taken))])
    made = facts([(HOUR.start, HOUR.end)], line=taken, flags=2)
    other.replace_facts(taken, "spec", [HOUR], made, 1)
    stale = facts([(HOUR.start, HOUR.end)], line=taken, flags=1)
    with pytest.raises(BusyError, match=f"begun to keep the facts of {taken}"):
        one.replace_facts(taken, "spec", [HOUR], stale, 1)
    assert one.facts(taken, "spec", HOUR.start, HOUR.end)["flags"].to_list() == [2]
    other.replace_facts(taken, "spec", [HOUR], stale, 1)
    assert one.facts(taken, "spec", HOUR.start, HOUR.end)["flags"].to_list() == [1]
