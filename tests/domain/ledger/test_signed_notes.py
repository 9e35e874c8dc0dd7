"""Notes as the specification writes them, as others signed them, and as nobody may change them."""

from __future__ import annotations

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CheckFailedError, InputError
from domain.ledger.signed_notes import (
    ED25519,
    SIGNATURES_MAX,
    NoteSignature,
    SignedNote,
    VerifierKey,
    is_key_name,
    parse_note,
    parse_verifier_key,
    verified_keys,
)
from store.ledger.keys import verify_ed25519

# Key and note that the documentation of Go's golang.org/x/mod/sumdb/note gives as its example.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
TEXT = "example.com/hall-2\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def signer(name: str) -> tuple[VerifierKey, Ed25519PrivateKey]:
    private = Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b"."))
    return VerifierKey(name, ED25519, private.public_key().public_bytes_raw()), private


def line(name: str, text: str = TEXT) -> str:
    key, private = signer(name)
    return str(NoteSignature(name, key.id, private.sign(text.encode())))


def key(name: str) -> VerifierKey:
    return signer(name)[0]


def test_a_note_that_others_signed_is_believed() -> None:
    known = parse_verifier_key(GO_KEY)
    assert str(known) == GO_KEY
    note = parse_note(GO_NOTE)
    assert str(note) == GO_NOTE
    assert verified_keys(note, [known], verify_ed25519) == [known]


def test_a_note_of_several_signatures_is_believed_for_those_that_are_known() -> None:
    note = parse_note(f"{TEXT}\n{line('log')}{line('stranger')}{line('witness')}{line('log')}")
    assert verified_keys(note, [key("log"), key("witness")], verify_ed25519) == [
        key("log"),
        key("witness"),
    ]
    assert verified_keys(note, [key("log")], verify_ed25519) == [key("log")]


def test_a_note_that_nobody_known_signed_is_not_believed() -> None:
    note = parse_note(f"{TEXT}\n{line('stranger')}")
    with pytest.raises(CheckFailedError, match="nobody who is trusted"):
        verified_keys(note, [key("log")], verify_ed25519)
    with pytest.raises(CheckFailedError, match="nobody who is trusted"):
        verified_keys(note, [], verify_ed25519)


def test_one_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    note = parse_note(f"{TEXT}\n{line('log')}{line('witness', 'other')}")
    assert verified_keys(note, [key("log")], verify_ed25519)
    with pytest.raises(CheckFailedError, match="'witness'"):
        verified_keys(note, [key("log"), key("witness")], verify_ed25519)


def test_the_same_name_with_another_key_is_a_stranger() -> None:
    forger = Ed25519PrivateKey.generate()
    forged = VerifierKey("log", ED25519, forger.public_key().public_bytes_raw())
    note = SignedNote(TEXT, (NoteSignature("log", forged.id, forger.sign(TEXT.encode())),))
    with pytest.raises(CheckFailedError, match="nobody who is trusted"):
        verified_keys(note, [key("log")], verify_ed25519)
    as_the_log = SignedNote(
        TEXT, (NoteSignature("log", key("log").id, forger.sign(TEXT.encode())),)
    )
    with pytest.raises(CheckFailedError, match="is not its key's"):
        verified_keys(as_the_log, [key("log")], verify_ed25519)


@given(at=st.integers(0, len(TEXT) - 2), put=st.characters(codec="utf-8"))
def test_a_changed_text_is_not_believed(at: int, put: str) -> None:
    changed = TEXT[:at] + put + TEXT[at + 1 :]
    try:
        note = parse_note(f"{changed}\n{line('log')}")
        if changed != TEXT:
            with pytest.raises(CheckFailedError):
                verified_keys(note, [key("log")], verify_ed25519)
    except InputError:
        assert changed != TEXT


GOOD = line("log")


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}{GOOD}",  # no empty line
        f"{TEXT}\n{GOOD[:-1]}",  # no newline at its end
        f"{TEXT}\n{GOOD}\n",
        f"{TEXT}\n{GOOD} ",
        f"{TEXT}\n{GOOD[:-1]} \n",
        f"{TEXT}\n {GOOD}",
        f"{TEXT}\n{GOOD.replace('— ', '- ')}",
        f"{TEXT}\n{GOOD.replace('— ', '—  ')}",
        f"{TEXT}\n{GOOD.replace('log', 'l+g')}",
        f"{TEXT}\n{GOOD.replace('log', '')}",
        f"{TEXT}\n{GOOD.replace(' log ', ' log  ')}",
        f"{TEXT}\n{GOOD[:-2]}\n",  # its padding is gone
        f"{TEXT}\n— log AAAAAA==\n",  # an id and nothing more
        f"{TEXT}\r\n{GOOD}",
        f"{TEXT}\n{GOOD}".replace("\n", "\r\n"),
        f"a\tb\n\n{GOOD}",
        f"a\0b\n\n{GOOD}",
        f"a\ufffdb\n\n{GOOD}",
        f"{TEXT}\n" + GOOD * (SIGNATURES_MAX + 1),
        "a" * 2_000_000 + f"\n\n{GOOD}",
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(InputError, match="no signed note"):
        parse_note(note)


def test_as_many_signatures_as_the_specification_asks_for() -> None:
    names = [f"witness-{number}" for number in range(16)]
    note = parse_note(f"{TEXT}\n{''.join(map(line, names))}")
    assert len(verified_keys(note, list(map(key, names)), verify_ed25519)) == 16


def test_empty_lines_belong_to_the_text_but_the_last() -> None:
    text = "a\n\nb\n"
    assert parse_note(f"{text}\n{line('log', text)}").text == text


@pytest.mark.parametrize("name", ["", "a b", "a\u00a0b", "a\u3000b", "a+b", "a\nb", "a\u200bb"])
def test_what_is_no_name_of_a_key(name: str) -> None:
    assert not is_key_name(name)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no verifier key"),
        ("log", "no verifier key"),
        (str(key("log"))[:-1], "no verifier key"),
        (f"log+{key('log').id.hex()}+AQ==", "no verifier key"),
        (str(key("log")).replace("log", "lag"), "has the id"),
        (str(key("log")).replace(key("log").id.hex(), key("log").id.hex().upper()), "has the id"),
        (f"log+00000000+{b64encode(bytes([1]) + key('log').key).decode()}", "has the id"),
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        parse_verifier_key(text)
