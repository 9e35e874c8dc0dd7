"""The file that says with what reports are signed; what cannot be meant so is said, and no secret
with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from report_certificates import PASSPHRASE, issued, office, root, says_signed
from stamping import stamping_authority

from domain.errors import InputError
from store.node.report_signing_settings import ReportSigning, read_report_signing

PEM = "certificate: report.pem\nkey: report-key.pem\n"
P12 = "certificate: report.p12\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    says_signed(tmp_path, office())
    put(tmp_path, "report.p12", office().p12(), 0o644)
    put(tmp_path, "secret", f"{PASSPHRASE}\n".encode())
    return tmp_path


def put(folder: Path, name: str, data: bytes, mode: int = 0o600) -> None:
    (folder / name).write_bytes(data)
    (folder / name).chmod(mode)


def read(folder: Path, text: str | None = None) -> ReportSigning:
    path = folder / "report-signing.yaml"
    if text is not None:
        path.write_text(text)
    found = read_report_signing(path, folder / "timestamps.yaml", datetime.now(UTC))
    assert found is not None
    return found


def test_without_the_file_nothing_is_signed(tmp_path: Path) -> None:
    path = tmp_path / "report-signing.yaml"
    assert read_report_signing(path, tmp_path / "timestamps.yaml", datetime.now(UTC)) is None


def test_two_files_of_pem(folder: Path) -> None:
    found = read(folder)
    assert found.certificate == office().certificate
    assert found.chain == (root().certificate,)
    assert found.authority is None
    assert "BEGIN" not in repr(found)


def test_a_key_with_a_passphrase(folder: Path) -> None:
    put(folder, "report-key.pem", office().key_pem(PASSPHRASE), 0o644)
    assert read(folder, f"{PEM}passphrase_file: secret\n").certificate == office().certificate


def test_pkcs12_with_its_passphrase_in_a_file_or_a_variable(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_WORD", PASSPHRASE)
    for how in ("passphrase_file: secret", "passphrase_env: REPORT_WORD"):
        found = read(folder, f"{P12}{how}\n")
        assert (found.certificate, found.chain) == (office().certificate, (root().certificate,))


def test_an_authority_is_one_of_those_that_stamp(folder: Path) -> None:
    authority = stamping_authority(folder / "tsa")
    (folder / "timestamps.yaml").write_text(
        f"authorities:\n  - {{name: first, address: 'http://t.example/', roots: {authority.root}}}"
    )
    found = read(folder, f"{PEM}time_stamp: first\n").authority
    assert found is not None
    assert found.name == "first"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must be"),
        ("\x00", "not valid YAML"),
        ("certificat: a\n", "Did you mean 'certificate'"),
        (f"{P12}passphrase_file: secret\npassphrase_env: X\n", "two ways: give one"),
        (f"{P12}passphrase_file: none\n", "there is no such file"),
        (f"{P12}passphrase_file: wrong\n", "PKCS#12 file that the passphrase opens"),
        (f"{P12}passphrase_file: open\n", "others on this machine may read this secret"),
        (f"{P12}passphrase_env: NOBODY_SET_IT\n", "no environment variable 'NOBODY_SET_IT'"),
        (P12, "others on this machine may read this secret"),
        ("certificate: secret\n", "PKCS#12 file that the passphrase opens"),
        ("certificate: none.p12\n", "there is no such file"),
        ("certificate: .\n", "there is no such file"),
        ("certificate: secret\nkey: report-key.pem\n", "no file of certificates"),
        ("certificate: report.pem\nkey: secret\n", "no key that can be read"),
        (f"{PEM}passphrase_file: secret\n", "no key that can be read"),
        (f"{PEM}time_stamp: first\n", "no authority 'first' in timestamps.yaml"),
    ],
)
def test_what_cannot_be_meant_so_is_said(folder: Path, text: str, says: str) -> None:
    put(folder, "wrong", b"another")
    put(folder, "open", PASSPHRASE.encode(), 0o640)
    with pytest.raises(InputError, match=says) as refused:
        read(folder, text)
    assert str(folder) in refused.value.where
    assert PASSPHRASE not in str(refused.value)
    assert "another" not in str(refused.value)


def an_ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        (lambda: office(of="rsa1024"), "neither RSA of 2048 bits"),
        (lambda: office(of="ed25519"), "neither RSA of 2048 bits"),
        (lambda: issued("late", an_ec_key(), from_day=-9, to_day=-1), "valid from .* not now"),
        (lambda: issued("soon", an_ec_key(), from_day=1), "valid from .* not now"),
        (lambda: issued("letters", an_ec_key(), may_sign=False), "not for signatures"),
    ],
)
def test_what_cannot_sign_is_refused(folder: Path, pair: Callable[[], Any], says: str) -> None:
    says_signed(folder, pair())
    with pytest.raises(InputError, match=says) as refused:
        read(folder)
    assert refused.value.todo


def test_a_key_of_another_certificate_is_refused(folder: Path) -> None:
    put(folder, "report-key.pem", issued("another", an_ec_key()).key_pem())
    with pytest.raises(InputError, match="not the one of the certificate"):
        read(folder)
