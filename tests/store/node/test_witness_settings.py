"""The file that names a ledger's witnesses is read as C2SP tlog-policy, and must name addresses."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_ledger import begun

from domain.errors import InputError, NotFoundError
from domain.ledger.policies import TrustPolicy, parse_policy
from domain.ledger.signed_notes import COSIGNATURE, ED25519, VerifierKey
from store.ledger.ledger import Ledger
from store.node.witness_settings import (
    own_policy,
    read_witness_policy,
    shown_checkpoint,
    witnesses_of,
)

ONE = VerifierKey("w1.example", COSIGNATURE, bytes([1] * 32))
TWO = VerifierKey("w2.example", COSIGNATURE, bytes([2] * 32))
GOOD = f"""# ours
witness a {ONE} https://w1.example/
witness b {TWO} http://10.0.0.7:8080/witness
group both all a b
quorum both
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "witnesses.policy"


def test_without_a_file_nobody_is_asked(path: Path) -> None:
    assert read_witness_policy(path) == TrustPolicy(())
    assert witnesses_of(read_witness_policy(path)) == []


def test_witnesses_have_names_keys_and_addresses(path: Path) -> None:
    path.write_text(GOOD)
    found = [(it.name, it.key, it.address) for it in witnesses_of(read_witness_policy(path))]
    assert found == [
        ("a", ONE, "https://w1.example"),
        ("b", TWO, "http://10.0.0.7:8080/witness"),
    ]


def test_what_officers_get_names_the_ledger_and_no_address(path: Path, tmp_path: Path) -> None:
    path.write_text(GOOD)
    ledger = begun(tmp_path)
    told = str(own_policy(ledger, path))
    assert "http" not in told
    assert parse_policy(told).logs == (ledger.verifier_key(),)
    assert parse_policy(told).is_quorum([ONE, TWO])
    assert not parse_policy(told).is_quorum([ONE])
    with pytest.raises(NotFoundError, match="cosigned by as many witnesses"):
        shown_checkpoint(ledger, path, witnessed=True)
    assert shown_checkpoint(ledger, path) == ledger.checkpoint_note()
    with pytest.raises(NotFoundError, match="no leaf yet"):
        own_policy(Ledger(tmp_path / "none"), path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("witness a b\n", "no verifier key"),
        ("witness a\n", "not how a line is written"),
        (f"witness a {ONE} https://w1.example\n", "no line 'quorum"),
        (f"witness a {ONE}\nquorum a\n", "witness 'a' has no address"),
        (f"witness a {ONE} w1.example\nquorum a\n", "'w1.example' is no address"),
        (f"witness a {ONE} ftp://w1.example\nquorum a\n", "no address"),
        (f"witness a {ONE} file:///etc/passwd\nquorum a\n", "no address"),
        (f"witness a {ONE} https://\nquorum a\n", "no address"),
        (f"witness a {ONE} https://x:99999\nquorum a\n", "no address"),
        (f"witness a {ONE} https://[::1\nquorum a\n", "no address"),
        (f"witness a {ONE} https://x/?a=b\nquorum a\n", "no address"),
        (f"witness a {ONE} https://me:secret@x\nquorum a\n", "no address"),
        (f"log {VerifierKey('l', ED25519, bytes(32))}\nquorum none\n", "'log' has no place here"),
        (f"witness a {VerifierKey('w', 6, bytes(1312))} https://x\nquorum a\n", "type 0x06"),
        ("\udcff", "no text in UTF-8"),
    ],
)
def test_what_cannot_be_meant_so_is_said(path: Path, text: str, says: str) -> None:
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=says) as refused:
        read_witness_policy(path)
    assert str(path) in refused.value.where
    assert refused.value.todo
