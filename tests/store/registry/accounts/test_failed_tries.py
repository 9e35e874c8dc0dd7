"""Failed tries: when the next has to wait, what is forgotten, and how much is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from domain.errors import TooManyTriesError
from store.registry.accounts import failed_tries
from store.registry.accounts.failed_tries import FORGET, WAIT_MAX, Counted, FailedTries, Try
from store.registry.database import RegistryDatabase
from store.registry.tables import failed_tries as table

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
CHAN, DESK = Try(Counted.NAME, "chan"), Try(Counted.ADDRESS, "192.0.2.7")


@pytest.fixture
def database(tmp_path: Path) -> RegistryDatabase:
    return RegistryDatabase(tmp_path / "registry.sqlite")


def wait_s(tries: FailedTries, it: Try, now: datetime = NOW) -> int:
    try:
        tries.check([it], now)
    except TooManyTriesError as error:
        return error.retry_after_s
    return 0


def fail(tries: FailedTries, it: Try, times: int, now: datetime = NOW) -> None:
    for _ in range(times):
        tries.failed([it], now)


@pytest.mark.parametrize(("it", "allowed"), [(CHAN, 5), (DESK, 30)])
def test_the_last_of_those_allowed_begins_a_wait_and_each_further_one_doubles_it(
    database: RegistryDatabase, it: Try, allowed: int
) -> None:
    tries = FailedTries(database)
    fail(tries, it, allowed - 1)
    assert wait_s(tries, it) == 0
    waits = []
    for _ in range(8):
        fail(tries, it, 1)
        waits.append(wait_s(tries, it))
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    assert wait_s(tries, it, NOW + timedelta(seconds=899.5)) == 1
    assert wait_s(tries, it, NOW + WAIT_MAX) == 0


def test_a_name_and_an_address_are_counted_each_for_itself(database: RegistryDatabase) -> None:
    tries = FailedTries(database)
    fail(tries, CHAN, 5)
    assert [wait_s(tries, it) for it in (CHAN, DESK, Try(Counted.NAME, "lee"))] == [30, 0, 0]
    assert wait_s(tries, Try(Counted.ADDRESS, "chan")) == 0


def test_another_process_and_a_later_start_know_it_too(
    database: RegistryDatabase, tmp_path: Path
) -> None:
    fail(FailedTries(database), CHAN, 5)
    database.close()
    assert wait_s(FailedTries(RegistryDatabase(tmp_path / "registry.sqlite")), CHAN) == 30


def test_a_success_clears_the_name_alone(database: RegistryDatabase) -> None:
    tries = FailedTries(database)
    fail(tries, CHAN, 5)
    fail(tries, DESK, 30)
    tries.succeeded(Try(Counted.NAME, "chan"))
    assert [wait_s(tries, it) for it in (CHAN, DESK)] == [0, 30]


def test_what_is_long_over_is_forgotten_and_its_row_ends(database: RegistryDatabase) -> None:
    tries = FailedTries(database)
    fail(tries, CHAN, 4)
    later = NOW + FORGET
    fail(tries, DESK, 1, later)
    with database.reading() as connection:
        assert connection.execute(select(table.c.kind)).scalars().all() == [Counted.ADDRESS]
    fail(tries, CHAN, 4, later)
    assert wait_s(tries, CHAN, later) == 0


def test_no_more_is_kept_than_fits_and_whoever_waits_is_kept(
    database: RegistryDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failed_tries, "ROWS_MAX", 200)
    tries = FailedTries(database)
    fail(tries, CHAN, 6)
    for number in range(5):
        names = [Try(Counted.NAME, f"{number}-{it}" * 50) for it in range(100)]
        tries.failed(names, NOW + timedelta(seconds=number))
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() <= 200
        assert all(len(it) == 64 for it in connection.execute(select(table.c.subject)).scalars())
    assert wait_s(tries, CHAN) == 60


def test_nothing_that_was_typed_is_kept(database: RegistryDatabase, tmp_path: Path) -> None:
    FailedTries(database).failed([Try(Counted.NAME, "my-pass-word \ud800")], NOW)
    database.close()
    assert all(b"my-pass-word" not in it.read_bytes() for it in tmp_path.iterdir())
