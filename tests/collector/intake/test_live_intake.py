"""Live frames at the collector: believed as batches are, shown until their batch comes, kept
nowhere."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sender import Sender, counts

from collector.intake.collector import Collector
from collector.intake.decisions import Outcome
from collector.intake.live_intake import LiveAnswer, LiveIntake, LiveOutcome
from domain.batches import SealedBatch, payload_digest
from domain.live_frames import LIVE_MAGIC, LiveFrame, parse_live_frame, signed_bytes
from store.node.opening import Stores, open_stores
from store.telemetry.unsealed import Unsealed

NOW = datetime(2026, 11, 21, tzinfo=UTC)
NUMBERS = itertools.count(1)
FAR = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))


class Door:
    """A collector with its live intake, and an enrolled agent."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self.sender = Sender(f"agent-{next(NUMBERS)}")
        stores.registry.agents.enrol(self.sender.name, self.sender.public_key, NOW)
        self.restart()

    def restart(self) -> None:
        self.unsealed = Unsealed()
        stores = self.stores
        self.collector = Collector(
            stores.telemetry,
            stores.archive,
            stores.registry.agents,
            lambda: NOW,
            unsealed=self.unsealed,
        )

    @property
    def live(self) -> LiveIntake:
        assert self.collector.live is not None
        return self.collector.live

    def held(self) -> list[float]:
        held = self.unsealed.of_line("filler-1")
        return [] if held is None else held.samples["value"].to_list()


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    with open_stores(tmp_path_factory.mktemp("live") / "node") as opened:
        yield opened


@pytest.fixture
def door(stores: Stores) -> Iterator[Door]:
    made = Door(stores)
    yield made
    made.collector.close()


def kept(stores: Stores) -> tuple[list[str], list[float], int]:
    """In the archive, in the telemetry store, of what facts are to follow."""
    samples = stores.telemetry.history("filler-1", *FAR).samples
    return (
        list(stores.archive.digests()),
        samples["value"].to_list(),
        len(stores.telemetry.dirty()),
    )


def refused(door: Door, data: bytes) -> LiveOutcome | Outcome:
    answer = door.live.receive(data)
    assert door.held() == []
    return answer.outcome


def test_a_frame_is_shown_until_its_batch_comes_and_lasts_nowhere(door: Door) -> None:
    frame = door.sender.tell(0, counts(1))
    lasting = kept(door.stores)
    assert door.live.receive(frame) == LiveAnswer(LiveOutcome.SHOWN, 1)
    assert door.held() == counts(1)["value"].to_list()
    assert kept(door.stores) == lasting
    door.collector.receive(door.sender.seal(counts(1)).to_bytes())
    assert door.held() == []
    assert door.live.receive(frame) == LiveAnswer(LiveOutcome.PAST), "its batch is stored"
    assert door.held() == []


def test_doubles_and_disorder_change_nothing(door: Door) -> None:
    first, second = door.sender.tell(0, counts(1)), door.sender.tell(1, counts(2))
    late = door.live.receive(second)
    assert (late.outcome, late.expected) == (LiveOutcome.GAP, 0)
    assert door.held() == []
    for frame, expected in ((first, 1), (first, 1), (second, 2), (first, 2)):
        assert door.live.receive(frame) == LiveAnswer(LiveOutcome.SHOWN, expected)
    assert door.held() == [*counts(1)["value"], *counts(2)["value"]]


def test_a_collector_that_starts_anew_asks_for_the_first_frame(door: Door) -> None:
    door.collector.receive(door.sender.seal(counts(1)).to_bytes())
    door.live.receive(door.sender.tell(0, counts(2)))
    door.collector.close()
    door.restart()
    answer = door.live.receive(door.sender.tell(1, counts(3)))
    assert (answer.outcome, answer.expected) == (LiveOutcome.GAP, 0)


def test_an_old_frame_sent_by_a_stranger_is_past_also_after_a_restart(door: Door) -> None:
    old = door.sender.tell(0, counts(1))
    door.collector.receive(door.sender.seal(counts(1)).to_bytes())
    door.collector.close()
    door.restart()
    assert refused(door, old) is LiveOutcome.PAST


def test_whoever_has_not_the_key_is_refused(door: Door) -> None:
    strange = door.sender.tell(0, counts(1), key=Ed25519PrivateKey.generate())
    assert refused(door, strange) is Outcome.BAD_SIGNATURE
    assert refused(door, Sender("nobody").tell(0, counts(1))) is Outcome.UNKNOWN_AGENT
    assert refused(door, b"rubbish") is Outcome.MALFORMED
    frame = parse_live_frame(door.sender.tell(0, counts(1)))
    assert refused(door, LiveFrame(1, frame.content).to_bytes()) is Outcome.BAD_SIGNATURE
    changed = SealedBatch(frame.header, frame.content.signature, frame.content.payload + b"x")
    assert refused(door, LiveFrame(0, changed).to_bytes()) is Outcome.BAD_PAYLOAD
    door.stores.registry.agents.revoke(door.sender.name, NOW, by="Ann")
    assert refused(door, door.sender.tell(0, counts(1))) is Outcome.REVOKED_AGENT
    assert door.stores.archive.quarantine.counts() == {
        "bad_payload": 1,
        "bad_signature": 2,
        "malformed": 1,
        "revoked_agent": 1,
        "unknown_agent": 1,
    }


def test_what_was_signed_as_one_is_not_believed_as_the_other(door: Door) -> None:
    batch = door.sender.seal(counts(1))
    as_frame = LiveFrame(0, batch).to_bytes()
    assert as_frame.startswith(LIVE_MAGIC)
    assert refused(door, as_frame) is Outcome.BAD_SIGNATURE
    frame = parse_live_frame(Sender(door.sender.name).tell(0, counts(1)))
    receipt = door.collector.receive(frame.content.to_bytes())
    assert receipt.outcome is Outcome.BAD_SIGNATURE


def test_a_payload_that_holds_no_rows_is_refused(door: Door) -> None:
    payload = b"no frame of any kind"
    header = replace(
        parse_live_frame(door.sender.tell(0, counts(1))).header,
        payload_digest=payload_digest(payload),
        samples_size=len(payload),
    )
    signature = door.sender.key.sign(signed_bytes(0, header))
    data = LiveFrame(0, SealedBatch(header, signature, payload)).to_bytes()
    assert refused(door, data) is Outcome.BAD_PAYLOAD


def test_a_frame_that_follows_another_batch_is_refused(door: Door) -> None:
    other = Sender(door.sender.name)
    other.seal(counts(5))
    door.collector.receive(door.sender.seal(counts(1)).to_bytes())
    assert refused(door, other.tell(0, counts(6))) is LiveOutcome.BROKEN_CHAIN


def test_a_greedy_agent_finds_no_room(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.telemetry.unsealed.ROWS_OF_AGENT_MAX", 25)
    outcomes = [
        door.live.receive(door.sender.tell(sequence, counts(sequence))).outcome
        for sequence in range(3)
    ]
    assert outcomes == [LiveOutcome.SHOWN, LiveOutcome.SHOWN, LiveOutcome.NO_ROOM]
    assert len(door.held()) == 20
