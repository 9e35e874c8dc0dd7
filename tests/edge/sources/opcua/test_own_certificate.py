"""The agent's own application certificate (OPC 10000-6, 6.2.2): made once, the same ever after."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from domain.errors import StorageError
from domain.source_faults import Cause
from edge.sources.base import MisconfiguredError
from edge.sources.opcua.own_certificate import OwnCertificate, own_certificate


def read(made: OwnCertificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(made.certificate.read_bytes())


def test_it_is_made_once_and_its_key_is_its_owners_alone(tmp_path: Path) -> None:
    made = own_certificate(tmp_path / "opcua", "filler-agent")
    first = read(made)
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    assert own_certificate(tmp_path / "opcua", "filler-agent") == made
    assert read(made) == first
    names = first.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    (uri,) = names.get_values_for_type(x509.UniformResourceIdentifier)
    assert uri.startswith("urn:")
    assert uri.endswith(":lineproof:filler-agent")
    first.verify_directly_issued_by(first)


def test_it_holds_whatever_the_agents_clock_says(tmp_path: Path) -> None:
    """A controller whose clock was never set makes it; a server with a right one looks at it."""
    made = read(own_certificate(tmp_path, "a"))
    assert made.not_valid_before_utc < datetime(2026, 1, 1, tzinfo=UTC)
    assert made.not_valid_after_utc > datetime(2045, 1, 1, tzinfo=UTC)


def test_a_lost_certificate_is_made_anew_of_the_same_key(tmp_path: Path) -> None:
    made = own_certificate(tmp_path, "a")
    before = read(made)
    made.certificate.unlink()
    assert read(own_certificate(tmp_path, "a")).public_key() == before.public_key()


def test_a_damaged_key_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "own.key.pem").write_text("rubbish")
    with pytest.raises(MisconfiguredError, match="no key of an OPC UA certificate") as error:
        own_certificate(tmp_path, "a")
    assert error.value.cause == Cause.CERTIFICATE_UNREADABLE
    assert (tmp_path / "own.key.pem").read_text() == "rubbish"


def test_a_folder_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="a data folder that it may write to"):
        own_certificate(tmp_path / "file", "a")
