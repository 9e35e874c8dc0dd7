"""A store that is made anew beside the one in force."""

from __future__ import annotations

import pytest
from postgres import PostgresServer
from telemetry import at, batch, samples

from domain.errors import BusyError
from store.telemetry.postgresql.anew import PostgresAnew
from store.telemetry.postgresql.database import database_url
from store.telemetry.postgresql.store import PostgresStore

LINE = "filler-1"


def values(store: PostgresStore) -> list[float]:
    return store.history(LINE, at(0), at(60)).samples["value"].to_list()


def test_it_takes_the_old_ones_place_and_open_stores_see_it(postgres: PostgresServer) -> None:
    url = postgres.empty()
    old = PostgresStore(url)
    old.append([batch(1, samples({"time": at(10), "value": 5.0}))])
    anew = PostgresAnew(url)
    anew.append([batch(1, samples({"time": at(10), "value": 6.0}))])
    assert (values(old), values(anew)) == ([5.0], [6.0])
    anew.put_in_force()
    anew.close()
    assert values(old) == [6.0]
    old.close()
    again = PostgresStore(url)
    assert values(again) == [6.0]
    again.close()


def test_batches_that_came_meanwhile_are_not_lost(postgres: PostgresServer) -> None:
    url = postgres.empty()
    old, anew = PostgresStore(url), PostgresAnew(url)
    old.append([batch(1, samples({"time": at(10), "value": 5.0}))])
    with pytest.raises(BusyError, match="batches came in while"):
        anew.put_in_force()
    assert values(old) == [5.0]
    anew.close()
    old.close()


def test_what_a_crash_left_is_cleared_away(postgres: PostgresServer) -> None:
    url = postgres.empty()
    left = PostgresAnew(url)
    left.append([batch(1, samples({"time": at(10), "value": 7.0}))])
    left.close()
    anew = PostgresAnew(url)
    assert values(anew) == []
    anew.put_in_force()
    anew.close()


def test_tables_that_cannot_be_opened_are_replaced(postgres: PostgresServer) -> None:
    url = postgres.empty()
    PostgresStore(url).close()
    postgres.execute("UPDATE telemetry.version SET number = 99", str(database_url(url).database))
    anew = PostgresAnew(url)
    anew.put_in_force()
    anew.close()
    PostgresStore(url).close()
