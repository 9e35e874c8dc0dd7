"""A witness is believed by its signature alone, and each of its refusals is told as what it means.

Against a witness of another author, and against small servers that say what none should."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from foreign_witness import ForeignWitness, foreign_witness
from odd_server import Say, odd_server, response
from small_ledger import begun, copied, head, newest, row

from domain.ledger.checkpoints import parse_checkpoint
from domain.ledger.cosignatures import Cosignature, cosigned_text, cosigners
from domain.ledger.signed_notes import (
    COSIGNATURE,
    NoteSignature,
    VerifierKey,
    parse_note,
    parse_verifier_key,
)
from lineproof.witnesses.cosigning import clock_difference, cosigned
from lineproof.witnesses.posting import NoAnswerError, client_for
from store.ledger.keys import verify_ed25519
from store.ledger.ledger import Ledger
from store.node.witness_settings import Witness

PRIVATE = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
KEY = VerifierKey("witness.example", COSIGNATURE, PRIVATE.public_key().public_bytes_raw())
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)


def ask(ledger: Ledger, witness: Witness, known: int = 0) -> Cosignature:
    async def asked() -> Cosignature:
        async with client_for([witness.address]) as client:
            return await cosigned(client, witness, newest(ledger)[0], known, ledger.growth)

    return asyncio.run(asked())


def refused(ledger: Ledger, witness: Witness, known: int = 0) -> NoAnswerError:
    with pytest.raises(NoAnswerError) as said:
        ask(ledger, witness, known)
    assert said.value.todo
    return said.value


def of(foreign: ForeignWitness) -> Witness:
    return Witness("w", parse_verifier_key(foreign.key), foreign.address)


def signed(
    body: bytes, *, by: Ed25519PrivateKey = PRIVATE, name: str = KEY.name, key: VerifierKey = KEY
) -> str:
    """The line of a witness that believes everything."""
    text = parse_note(body.decode().partition("\n\n")[2]).text
    now = int(time.time())
    signature = now.to_bytes(8, "big") + by.sign(cosigned_text(now, text).encode())
    return str(NoteSignature(name, key.id, signature))


def test_a_foreign_witness_cosigns_as_the_ledger_grows(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    with foreign_witness(tmp_path / "w", ledger) as foreign:
        witness = of(foreign)
        for known, more in ((0, []), (3, [head(1)]), (4, [row(number) for number in range(4, 80)])):
            if more:
                ledger.append(more)
            note, checkpoint = newest(ledger)
            said = ask(ledger, witness, known)
            ledger.cosign(checkpoint.size, said)
            kept = parse_note(ledger.checkpoint_note())
            assert kept.text == note.text
            assert list(cosigners(kept, [witness.key], verify_ed25519)) == [
                (witness.key, said.time)
            ]
            assert foreign.status()["size"] == checkpoint.size
            assert clock_difference(said.time, datetime.now(UTC)) == ""


@pytest.mark.parametrize("known", [0, 1, 3, 99])
def test_whatever_we_thought_it_saw_it_says_what_it_did(tmp_path: Path, known: int) -> None:
    ledger = begun(tmp_path)
    with foreign_witness(tmp_path / "w", ledger) as foreign:
        ask(ledger, of(foreign))
        ledger.append([row(4), row(5)])
        for _ in range(2):  # also of what it saw already, but we were killed before we kept it
            ask(ledger, of(foreign), known)
        assert foreign.status()["size"] == 5


def test_a_ledger_that_was_rolled_back_is_grave(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    before = copied(ledger, tmp_path / "before")
    with foreign_witness(tmp_path / "w", ledger) as foreign:
        ledger.append([row(4), row(5)])
        ask(ledger, of(foreign))
        said = refused(before, of(foreign), known=3)
    assert said.is_grave
    assert "saw 5 leaves of this ledger, which has 3: the ledger was rolled back" in said.what


@pytest.mark.parametrize("more", [1, 2, 3])
def test_a_ledger_that_was_forked_for_two_viewers_is_grave(tmp_path: Path, more: int) -> None:
    """The same key signs two pasts: the witness has seen one of them."""
    ledger = begun(tmp_path)
    forked = copied(ledger, tmp_path / "forked")
    with foreign_witness(tmp_path / "w", ledger) as foreign:
        ask(ledger, of(foreign))
        ledger.append([row(4), row(5)])
        forked.append([head(number) for number in range(1, more + 1)])
        ask(ledger, of(foreign), known=3)
        said = refused(forked, of(foreign), known=3)
        assert foreign.status()["evidence"] >= (1 if more >= 2 else 0)
    assert said.is_grave
    wanted = "rolled back" if more == 1 else "not how this ledger begins: the ledger was forked"
    assert wanted in said.what


def test_one_that_does_not_know_the_ledger_or_its_key(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    strange = begun(tmp_path / "strange")
    with foreign_witness(tmp_path / "w", ledger) as foreign:
        assert "does not know this ledger" in refused(strange, of(foreign)).what
    with odd_server(lambda *_: response(403)) as server:
        said = refused(ledger, Witness("w", KEY, server.address))
        assert "another key of this ledger" in said.what
        assert not said.is_grave


def _wrong(make: Callable[[bytes], str]) -> Say:
    return lambda body, _: response(200, make(body).encode())


@pytest.mark.parametrize(
    ("say", "what"),
    [
        (_wrong(lambda _: "ok"), "its answer is no cosignature: 'ok'"),
        (_wrong(lambda _: ""), "its answer is no cosignature"),
        (lambda *_: response(200, b"\xe2\x80\x94 \xff\n"), "its answer is no cosignature"),
        (_wrong(lambda body: signed(body, by=OTHER)), "its signature is wrong"),
        (_wrong(lambda body: signed(body)[:-9] + "!\n"), "no cosignature"),
        (_wrong(lambda body: signed(body, name="other.example")), "signs by another key (other"),
        (lambda *_: response(400), "could not read"),
        (lambda *_: response(429), "less often"),
        (lambda *_: response(503), "answers with status 503"),
        (lambda *_: response(204), "answers with status 204"),
        (lambda *_: response(409, b"2\n"), "does not say how many leaves"),
        (lambda *_: response(409, b"two", "text/x.tlog.size"), "does not say how many leaves"),
        (lambda *_: response(409, b"0\n", "text/x.tlog.size"), "it contradicts itself"),
    ],
)  # fmt: skip
def test_what_is_no_cosignature_is_not_believed(tmp_path: Path, say: Say, what: str) -> None:
    ledger = begun(tmp_path)
    with odd_server(say) as server:
        said = refused(ledger, Witness("w", KEY, server.address))
    assert what in said.what
    assert not said.is_grave


def test_one_that_never_agrees_is_left(tmp_path: Path) -> None:
    sizes = iter(range(1, 100))

    def say(_body: bytes, _to: object) -> bytes:
        return response(409, f"{next(sizes)}\n".encode(), "text/x.tlog.size")

    ledger = begun(tmp_path, *map(row, range(1, 50)))
    with odd_server(say) as server:
        assert "another size each time" in refused(ledger, Witness("w", KEY, server.address)).what
        assert len(server.asked) == 3


def test_signatures_of_others_beside_its_own_are_passed_over(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    say = _wrong(lambda body: signed(body, by=OTHER, name="x.example") + signed(body))
    with odd_server(say) as server:
        said = ask(ledger, Witness("w", KEY, server.address))
        assert said.line.name == KEY.name
        (body,) = server.asked
    assert parse_checkpoint(parse_note(body.decode().partition("\n\n")[2]).text).size == 3


def test_a_clock_that_is_far_off_is_told() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    for seconds, says in (
        (0, ""), (299, ""), (-299, ""), (3600, "ahead of"), (-86400, "behind"), (1 << 63, "ahead"),
    ):  # fmt: skip
        time_of_it = int(now.timestamp()) + seconds
        said = clock_difference(time_of_it, now)
        assert says in said
        assert bool(said) == bool(says)
