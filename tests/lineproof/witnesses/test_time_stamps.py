"""A time stamp is believed of one text, by one authority; anything else is told as what it is.

The stamps are those of `openssl ts`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from stamping import Stamping, stamping_authority

from domain.errors import CheckFailedError
from lineproof.witnesses.time_stamps import stamp_request, verified_stamp
from store.node.time_stamp_settings import read_certificates

TEXT = "lineproof/x/1\n2\nbylOwyp5UUZHKaFbZIa08HdcE2A8Ok+lJ2DcX486tIQ=\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Stamping:
    return stamping_authority(tmp_path_factory.mktemp("tsa") / "one")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Stamping:
    """One that says of itself that it is the first, by keys of its own."""
    return stamping_authority(tmp_path_factory.mktemp("tsa") / "other")


@pytest.fixture(scope="module")
def answer(authority: Stamping) -> bytes:
    return authority.reply(stamp_request(TEXT).as_bytes())


def roots_of(authority: Stamping) -> list[x509.Certificate]:
    return read_certificates(authority.root)


def refused(answer: bytes, text: str, roots: list[x509.Certificate]) -> str:
    with pytest.raises(CheckFailedError) as said:
        verified_stamp(answer, text, roots)
    assert said.value.todo
    return said.value.what


def test_it_says_when_and_who(authority: Stamping, answer: bytes) -> None:
    stamp = verified_stamp(answer, TEXT, roots_of(authority))
    assert stamp.is_rooted
    assert stamp.authority == "Test TSA"
    assert abs(stamp.time - datetime.now(UTC)) < timedelta(minutes=10)


def test_openssl_says_the_same(authority: Stamping, answer: bytes, tmp_path: Path) -> None:
    token, text, another = tmp_path / "a.tsr", tmp_path / "text", tmp_path / "another"
    token.write_bytes(answer)
    text.write_text(TEXT)
    another.write_text(TEXT + "x")
    assert authority.accepts(token, text)
    assert not authority.accepts(token, another)


def test_one_of_another_text_is_none(authority: Stamping, answer: bytes) -> None:
    for roots in ([], roots_of(authority)):
        assert "not of this checkpoint" in refused(answer, TEXT + "x", roots)


def test_an_authority_with_another_key_is_another_one(
    authority: Stamping, other: Stamping, answer: bytes
) -> None:
    said = refused(answer, TEXT, roots_of(other))
    assert "not signed by an authority under the given roots" in said
    assert verified_stamp(answer, TEXT, [*roots_of(other), *roots_of(authority)]).is_rooted


def test_a_root_of_another_name_is_another_one(answer: bytes, tmp_path: Path) -> None:
    strange = stamping_authority(tmp_path / "strange", "Another TSA")
    assert "(unable to get local issuer certificate)" in refused(answer, TEXT, roots_of(strange))


def test_without_a_root_nobody_vouches_for_it(answer: bytes) -> None:
    stamp = verified_stamp(answer, TEXT, [])
    assert (stamp.is_rooted, stamp.authority) == (False, "Test TSA")


def test_the_number_that_was_asked_with_must_come_back(authority: Stamping, answer: bytes) -> None:
    with pytest.raises(CheckFailedError, match="Nonce mismatch"):
        verified_stamp(answer, TEXT, roots_of(authority), nonce=7)
    asked = stamp_request(TEXT)
    again = authority.reply(asked.as_bytes())
    assert verified_stamp(again, TEXT, roots_of(authority), asked.nonce).is_rooted


def test_a_changed_byte_says_no_other_time(authority: Stamping, answer: bytes) -> None:
    """What the signature does not cover may change; what the stamp says cannot."""
    told, taken = verified_stamp(answer, TEXT, roots_of(authority)), 0
    for place in range(len(answer)):
        changed = bytearray(answer)
        changed[place] ^= 1
        try:
            assert verified_stamp(bytes(changed), TEXT, roots_of(authority)) == told
            taken += 1
        except CheckFailedError:
            pass
    assert taken < len(answer) / 20


@pytest.mark.parametrize("end", [0, 1, 7, 100])
def test_what_is_cut_off_is_none(answer: bytes, end: int) -> None:
    assert "this is no time stamp" in refused(answer[:end], TEXT, [])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<html>", "this is no time stamp"),
        (b"0" * 70_000, "longer than 64 KiB"),
        (b"\x30\x03\x02\x01\x02", "no time stamp|grants no stamp"),
        (b"\x30\x05\x30\x03\x02\x01\x02", r"grants no stamp \(status 2\)"),
        (b"\x30\x05\x30\x03\x02\x01\x00", "this is no time stamp"),
    ],
)
def test_what_is_none_is_told(data: bytes, says: str) -> None:
    with pytest.raises(CheckFailedError, match=says):
        verified_stamp(data, TEXT, [])
