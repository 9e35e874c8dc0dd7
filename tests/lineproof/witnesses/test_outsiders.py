"""A time stamp authority is asked for a submission and once a day, and believed by its root alone.
(Witnesses that cosign: test_cosigning, test_keeper.)"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from odd_server import OddServer, Say, odd_server, response
from small_ledger import begun, head, row
from stamping import Stamping, serving_stamps, stamping_authority

from domain.ledger.leaves import DossierLeaf, Leaf
from domain.ledger.signed_notes import parse_note
from lineproof.witnesses.keeper import WitnessKeeper
from lineproof.witnesses.outsiders import outsiders_of
from lineproof.witnesses.time_stamps import verified_stamp
from store.ledger.ledger import Ledger
from store.ledger.witness_file import Standing
from store.node.data_folder import DataFolder
from store.node.time_stamp_settings import read_certificates

NOW = datetime(2026, 11, 29, tzinfo=UTC)  # of leaves; authorities have the machine's clock


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Stamping:
    return stamping_authority(tmp_path_factory.mktemp("tsa") / "one")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = begun(tmp_path)
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path, authority: Stamping) -> Iterator[DataFolder]:
    (tmp_path / "root.pem").write_bytes(authority.root.read_bytes())
    with DataFolder(tmp_path) as opened:
        yield opened


def name(folder: DataFolder, server: OddServer) -> None:
    folder.timestamps.write_text(
        f"authorities:\n  - {{name: tsa, address: '{server.address}', roots: root.pem}}\n"
    )


def standing_of(folder: DataFolder, ledger: Ledger) -> Standing:
    ((outsider,), troubles) = outsiders_of(folder, ledger)[1:]
    assert troubles == []
    found = ledger.others.standing(outsider.standing_name)
    assert found is not None
    return found


def later(by: timedelta = timedelta()) -> Callable[[], datetime]:
    """The machine's clock, set forward."""
    return lambda: datetime.now(UTC) + by


def test_a_stamp_is_kept_as_it_came(
    ledger: Ledger, folder: DataFolder, authority: Stamping
) -> None:
    with serving_stamps(authority) as server:
        name(folder, server)
        WitnessKeeper(ledger, folder, later()).refresh()
        WitnessKeeper(ledger, folder, later(timedelta(days=9))).refresh()
        assert len(server.asked) == 1
    text = parse_note(ledger.checkpoint_note()).text
    ((who, token),) = ledger.others.stamps(text)
    assert who == "tsa"
    assert verified_stamp(token, text, read_certificates(authority.root)).is_rooted
    assert (standing_of(folder, ledger).says, standing_of(folder, ledger).size) == ("", 3)


@pytest.mark.parametrize(
    ("more", "hours", "is_asked"),
    [
        ([row(4)], 23, False),
        ([head(1), row(4)], 23, False),
        ([row(4)], 24, True),
        ([row(4, "milestone_steps")], 0, True),
        ([row(4, "frozen")], 0, True),
        ([DossierLeaf(NOW, 3, "0" * 64)], 0, True),
    ],
)
def test_it_is_asked_once_a_day_and_for_what_others_will_rest_on(
    ledger: Ledger,
    folder: DataFolder,
    authority: Stamping,
    more: list[Leaf],
    hours: int,
    is_asked: bool,
) -> None:
    with serving_stamps(authority) as server:
        name(folder, server)
        WitnessKeeper(ledger, folder, later()).refresh()
        ledger.append(more)
        WitnessKeeper(ledger, folder, later(timedelta(hours=hours))).refresh()
        assert len(server.asked) == (2 if is_asked else 1)


@pytest.mark.parametrize(
    ("say", "says"),
    [
        (lambda *_: response(503), "answers with status 503"),
        (lambda *_: response(200, b"<html>"), "this is no time stamp"),
        (lambda *_: response(200, b"\x30\x05\x30\x03\x02\x01\x02"), "grants no stamp (status 2)"),
    ],
)
def test_what_is_no_stamp_is_not_kept(
    ledger: Ledger, folder: DataFolder, say: Say, says: str
) -> None:
    with odd_server(say) as server:
        name(folder, server)
        WitnessKeeper(ledger, folder, later()).refresh()
    assert says in standing_of(folder, ledger).says
    assert ledger.others.stamps(parse_note(ledger.checkpoint_note()).text) == []


def test_one_under_another_root_or_of_another_question_is_not_kept(
    ledger: Ledger, folder: DataFolder, authority: Stamping, tmp_path: Path
) -> None:
    another = stamping_authority(tmp_path / "another")
    with serving_stamps(another) as server:
        name(folder, server)
        WitnessKeeper(ledger, folder, later()).refresh()
        assert "not signed by an authority under" in standing_of(folder, ledger).says
        (asked,) = server.asked
    old = authority.reply(asked)  # of this checkpoint, but asked by somebody else
    with odd_server(lambda *_: response(200, old)) as server:
        name(folder, server)
        WitnessKeeper(ledger, folder, later()).refresh()
        assert "Nonce mismatch" in standing_of(folder, ledger).says
    assert ledger.others.stamps(parse_note(ledger.checkpoint_note()).text) == []
