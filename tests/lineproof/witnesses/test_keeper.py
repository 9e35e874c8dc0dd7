"""Witnesses are asked when there is something that others will rest on; what they said lasts, what
they did not say is told, and nothing else notices."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from foreign_witness import ForeignWitness, foreign_witness
from odd_server import odd_server, response
from peers import PATIENCE_S, free_port
from small_ledger import begun, copied, head, newest, row

from domain.ledger.cosignatures import cosigners
from domain.ledger.leaves import DossierLeaf, Leaf
from domain.ledger.signed_notes import COSIGNATURE, VerifierKey, parse_note, parse_verifier_key
from lineproof.witnesses.keeper import WitnessKeeper
from lineproof.witnesses.outsiders import outsiders_of
from store.ledger.keys import verify_ed25519
from store.ledger.ledger import Ledger
from store.ledger.witness_file import Standing
from store.node.data_folder import DataFolder
from store.node.witness_settings import own_policy
from store.work import NoLongerWantedError, Work, working

KEY = VerifierKey("witness.example", COSIGNATURE, bytes(32))
NOW = datetime(2026, 11, 29, tzinfo=UTC)  # of leaves; a foreign witness has the machine's clock


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = begun(tmp_path)
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    with DataFolder(tmp_path) as opened:
        yield opened


@pytest.fixture
def foreign(tmp_path: Path, ledger: Ledger, folder: DataFolder) -> Iterator[ForeignWitness]:
    with foreign_witness(tmp_path / "w", ledger) as witness:
        folder.witnesses.write_text(f"{witness.policy_lines()}quorum w\n")
        yield witness


def standing_of(ledger: Ledger, folder: DataFolder, name: str = "w") -> Standing:
    witnesses, _, _ = outsiders_of(folder, ledger)
    (outsider,) = (it for it in witnesses if it.witness.name == name)
    found = ledger.others.standing(outsider.standing_name)
    assert found is not None
    return found


def test_what_it_said_lasts_and_goes_out(
    ledger: Ledger, folder: DataFolder, foreign: ForeignWitness, clock: Clock
) -> None:
    WitnessKeeper(ledger, folder, clock).refresh()
    ledger.close()
    again = Ledger(ledger.folder)
    policy = own_policy(again, folder.witnesses)
    for note in (
        parse_note(again.checkpoint_note()),
        again.proof(1).note,
        again.proof(1, policy).note,
        parse_note(again.witnessed_note(policy) or ""),
    ):
        seen = cosigners(note, [parse_verifier_key(foreign.key)], verify_ed25519)
        assert [key.name for key, _ in seen] == [foreign.name]
    assert list(again.faults()) == []
    stands = standing_of(again, folder)
    assert (stands.size, stands.says, stands.failures) == (3, "", 0)
    again.close()


def test_a_proof_leads_to_the_newest_that_was_witnessed(
    ledger: Ledger, folder: DataFolder, foreign: ForeignWitness, clock: Clock
) -> None:
    WitnessKeeper(ledger, folder, clock).refresh()
    ledger.append([row(4)])
    policy = own_policy(ledger, folder.witnesses)
    assert len(parse_note(ledger.checkpoint_note()).signatures) == 1
    sizes = [ledger.proof(index, policy).note.text.split("\n")[1] for index in (0, 2, 3)]
    assert sizes == ["3", "3", "4"]


@pytest.mark.parametrize(
    ("more", "minutes", "is_asked"),
    [
        ([], 600, False),
        ([row(4)], 0, False),
        ([row(4)], 59, False),
        ([row(4)], 60, True),
        ([row(4)], -60, True),
        ([row(4), row(5, "milestone_steps")], 0, True),
        ([row(4, "frozen")], 0, True),
        ([row(4), head(1), row(5)], 0, True),
        ([DossierLeaf(NOW, 3, "0" * 64)], 0, True),
    ],
)
def test_it_is_asked_each_hour_and_when_others_will_rest_on_it(
    ledger: Ledger,
    folder: DataFolder,
    foreign: ForeignWitness,
    clock: Clock,
    more: list[Leaf],
    minutes: int,
    is_asked: bool,
) -> None:
    keeper = WitnessKeeper(ledger, folder, clock)
    keeper.refresh()
    if more:
        ledger.append(more)
    clock.now += timedelta(minutes=minutes)
    keeper.refresh()
    assert foreign.status()["size"] == 3 + (len(more) if is_asked else 0)


def test_one_that_fails_is_asked_later_and_later(
    ledger: Ledger, folder: DataFolder, clock: Clock
) -> None:
    with odd_server(lambda *_: response(503)) as server:
        folder.witnesses.write_text(f"witness w {KEY} {server.address}\nquorum w\n")
        keeper, asked_after_s = WitnessKeeper(ledger, folder, clock), []
        begun_at = clock.now
        for second in range(0, 15_000, 30):
            clock.now, before = begun_at + timedelta(seconds=second), len(server.asked)
            keeper.refresh()
            if len(server.asked) > before:
                asked_after_s.append(second)
    waits = [later - sooner for sooner, later in pairwise(asked_after_s)]
    assert waits[:7] == [30, 60, 120, 240, 480, 960, 1920]
    assert set(waits[7:]) == {3600}
    assert standing_of(ledger, folder).failures == len(asked_after_s)


def test_one_that_fails_keeps_no_other_waiting(
    ledger: Ledger, folder: DataFolder, foreign: ForeignWitness, clock: Clock
) -> None:
    folder.witnesses.write_text(
        f"witness dead {KEY} http://127.0.0.1:{free_port()}\n{foreign.policy_lines()}quorum w\n"
    )
    WitnessKeeper(ledger, folder, clock).refresh()
    assert standing_of(ledger, folder).size == 3
    assert "cannot be reached" in standing_of(ledger, folder, "dead").says


def test_a_fork_is_said_each_time_until_it_is_gone(
    ledger: Ledger, folder: DataFolder, foreign: ForeignWitness, clock: Clock, tmp_path: Path
) -> None:
    """The folder was copied, and both go on: the witness has seen the other one."""
    WitnessKeeper(ledger, folder, clock).refresh()
    forked = copied(ledger, tmp_path / "forked")
    ledger.append([head(1), head(2)])
    WitnessKeeper(ledger, folder, clock).refresh()
    forked.append([head(3), head(4)])
    keeper = WitnessKeeper(forked, folder, clock)
    for failures in (1, 2):
        keeper.refresh()
        stands = standing_of(forked, folder)
        assert stands.is_grave
        assert (stands.failures, stands.size) == (failures, 3)
        assert "forked" in stands.says
        clock.now += timedelta(hours=1)
    assert len(newest(forked)[0].signatures) == 1
    assert foreign.status()["evidence"]
    forked.close()


def test_what_was_said_of_another_past_is_in_no_note(
    ledger: Ledger, folder: DataFolder, foreign: ForeignWitness, clock: Clock, tmp_path: Path
) -> None:
    forked = copied(ledger, tmp_path / "forked")
    ledger.append([head(1)])
    WitnessKeeper(ledger, folder, clock).refresh()
    forked.append([head(2)])
    ledger.close()
    (forked.folder / "witnesses.sqlite").write_bytes(ledger.others.path.read_bytes())
    assert forked.checkpoint().size == 4
    assert len(newest(forked)[0].signatures) == 1
    assert forked.witnessed_note(own_policy(forked, folder.witnesses)) is None
    forked.close()


def test_a_line_that_was_changed_on_disk_is_in_no_note(
    ledger: Ledger, folder: DataFolder, foreign: ForeignWitness, clock: Clock
) -> None:
    WitnessKeeper(ledger, folder, clock).refresh()
    ledger.close()
    with closing(sqlite3.connect(ledger.others.path)) as other, other:
        other.execute("DROP TRIGGER cosignatures_no_UPDATE")
        line = other.execute("SELECT line FROM cosignatures").fetchone()[0]
        changed = f"{line[:-9]}{'AAAA' if line[-9:-5] != 'AAAA' else 'BBBB'}{line[-5:]}"
        other.execute("UPDATE cosignatures SET line = ?", (changed,))
    assert len(newest(ledger)[0].signatures) == 1


def test_asking_ends_when_the_node_stops(ledger: Ledger, folder: DataFolder, clock: Clock) -> None:
    begun_asking, over = threading.Event(), threading.Event()

    def hang(*_: object) -> None:
        begun_asking.set()
        over.wait(PATIENCE_S)

    work = Work()
    with odd_server(hang) as server:
        folder.witnesses.write_text(f"witness w {KEY} {server.address}\nquorum w\n")
        stopper = threading.Thread(target=lambda: (begun_asking.wait(PATIENCE_S), work.end()))
        stopper.start()
        begun_at = time.monotonic()
        with working(work), pytest.raises(NoLongerWantedError):
            WitnessKeeper(ledger, folder, clock).refresh()
        assert time.monotonic() - begun_at < 10
        over.set()
        stopper.join()


def test_settings_that_cannot_be_used_stop_nothing(
    ledger: Ledger, folder: DataFolder, clock: Clock
) -> None:
    keeper = WitnessKeeper(ledger, folder, clock)
    keeper.refresh()
    folder.witnesses.write_text("witness\n")
    folder.timestamps.write_text("every: week\n")
    keeper.refresh()
    assert ledger.others.exists is False
