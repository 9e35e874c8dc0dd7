"""Quarantine: what strangers may leave there is bounded in bytes; the oldest stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from collector.intake.decisions import AUTHENTICATED, Outcome
from store.archive.quarantine import STRANGERS, Quarantine

MIB = 1 << 20


def test_strangers_are_all_who_did_not_prove_who_they_are() -> None:
    assert {it.value for it in set(Outcome) - AUTHENTICATED} == STRANGERS


def test_the_oldest_stay_and_the_newest_find_no_room(tmp_path: Path) -> None:
    kept = Quarantine(tmp_path, MIB)
    bodies = [bytes([number]) * 60_000 for number in range(30)]
    done = [kept.keep_of_stranger(body, "malformed") for body in bodies]
    assert done == [True] * 17 + [False] * 13
    assert sorted(it.path.read_bytes() for it in kept.listed(100)) == bodies[:17]
    assert kept.strangers_bytes() == 17 * 60_000
    assert kept.keep_of_stranger(bodies[0], "malformed"), "it is there already"


def test_all_reasons_of_strangers_share_the_room_and_a_restart_changes_nothing(
    tmp_path: Path,
) -> None:
    for number, reason in enumerate(sorted(STRANGERS) * 10):
        Quarantine(tmp_path, MIB).keep_of_stranger(bytes([number]) * 60_000, reason)
    assert Quarantine(tmp_path, MIB).strangers_bytes() == 17 * 60_000


def test_many_small_ones_take_no_less_than_the_disk_gives_them(tmp_path: Path) -> None:
    kept = Quarantine(tmp_path, MIB)
    assert sum(kept.keep_of_stranger(b"%d" % it, "malformed") for it in range(300)) == 256


def test_a_few_large_ones_do_not_fill_it(tmp_path: Path) -> None:
    kept = Quarantine(tmp_path, MIB)
    assert not kept.keep_of_stranger(b"x" * (MIB // 16 + 1), "malformed")
    assert kept.keep_of_stranger(b"x" * (MIB // 16), "malformed")


def test_what_agents_signed_is_kept_whatever_strangers_did(tmp_path: Path) -> None:
    kept = Quarantine(tmp_path, 0)
    kept.keep(b"x" * MIB, "conflict")
    assert not kept.keep_of_stranger(b"y", "malformed")
    assert kept.counts() == {"conflict": 1}


def test_removing_files_makes_room_from_the_next_start_on(tmp_path: Path) -> None:
    kept = Quarantine(tmp_path, MIB)
    for number in range(20):
        kept.keep_of_stranger(bytes([number]) * 60_000, "malformed")
    for item in kept.listed(10):
        item.path.unlink()
    assert Quarantine(tmp_path, MIB).keep_of_stranger(b"new", "malformed")


@pytest.mark.parametrize("threads", [8])
def test_many_at_once_do_not_pass_the_limit(tmp_path: Path, threads: int) -> None:
    kept = Quarantine(tmp_path, MIB)
    bodies = [bytes([number]) * 60_000 for number in range(60)]
    with ThreadPoolExecutor(threads) as pool:
        done = list(pool.map(lambda body: kept.keep_of_stranger(body, "malformed"), bodies))
    assert sum(done) == 17
    assert kept.strangers_bytes() <= MIB
