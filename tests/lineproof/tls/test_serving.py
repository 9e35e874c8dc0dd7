"""How a node serves: what it refuses, and what it serves with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certificates import make_certificate

from domain.errors import InputError
from lineproof.clock import utc_now
from lineproof.run.settings import load_node_settings
from lineproof.tls.serving import Serving, check_has_account, serving


def _serving(folder: Path, text: str, listen: str, now: datetime | None = None) -> Serving:
    file = folder / "node.yaml"
    file.write_text(text)
    settings = load_node_settings(file)
    return serving(settings, listen, folder / "data", (lambda: now) if now else utc_now)


@pytest.mark.parametrize(
    ("text", "listen", "scheme"),
    [
        ("hosts: []", "127.0.0.1", "http"),
        ("hosts: []", "::1", "http"),
        ("hosts: []", "0.0.0.0", "https"),
        ("hosts: []", "192.0.2.7", "https"),
        ("tls: own", "127.0.0.1", "https"),
        ("tls: off", "127.0.0.1", "http"),
        ("tls: 'off'\ntrusted_proxies: [192.0.2.1]", "0.0.0.0", "http"),
    ],
)
def test_tls_is_of_its_own_beyond_loopback(
    tmp_path: Path, text: str, listen: str, scheme: str
) -> None:
    assert _serving(tmp_path, text, listen).scheme == scheme
    assert (tmp_path / "data" / "tls" / "authority.pem").exists() is (scheme == "https")


def test_without_tls_beyond_loopback_a_proxy_has_to_be_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"tls: off: listening on 0\.0\.0\.0.*trusted_proxies"):
        _serving(tmp_path, "tls: off", "0.0.0.0")


@pytest.mark.parametrize("proxies", ["[proxy.factory]", "['10.0.0.0/8']", "['']"])
def test_a_proxy_is_named_by_its_address(tmp_path: Path, proxies: str) -> None:
    with pytest.raises(InputError, match="is no address"):
        _serving(tmp_path, f"tls: off\ntrusted_proxies: {proxies}", "127.0.0.1")


GIVEN = "tls: {certificate: given.pem, key: given.key.pem}"


def test_a_given_certificate_is_relative_to_the_settings(tmp_path: Path) -> None:
    given = make_certificate(tmp_path, "given")
    found = _serving(tmp_path, GIVEN, "0.0.0.0")
    assert found.files is not None
    assert (found.files.certificate, found.files.key) == (given.certificate, given.key)
    assert not (tmp_path / "data").exists()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"given\.pem: the certificate cannot be read"):
        _serving(tmp_path, GIVEN, "127.0.0.1")


@pytest.mark.parametrize("file", ["given.pem", "given.key.pem"])
def test_what_is_no_certificate_or_key_is_named(tmp_path: Path, file: str) -> None:
    make_certificate(tmp_path, "given")
    (tmp_path / file).write_text("-----BEGIN NOTHING-----")
    with pytest.raises(InputError, match=rf"{file}: this is no"):
        _serving(tmp_path, GIVEN, "127.0.0.1")


def test_a_key_of_another_certificate_is_named(tmp_path: Path) -> None:
    make_certificate(tmp_path, "given")
    make_certificate(tmp_path, "other").key.replace(tmp_path / "given.key.pem")
    with pytest.raises(InputError, match=r"given\.key\.pem: this key does not belong to"):
        _serving(tmp_path, GIVEN, "127.0.0.1")


@pytest.mark.parametrize(("days", "says"), [(40, "ended on"), (-40, "not in force before")])
def test_a_certificate_that_is_not_in_force(tmp_path: Path, days: int, says: str) -> None:
    make_certificate(tmp_path, "given")
    with pytest.raises(InputError, match=rf"given\.pem: this certificate .*{says}"):
        _serving(tmp_path, GIVEN, "127.0.0.1", datetime.now(UTC) + timedelta(days=days))


@pytest.mark.parametrize("listen", ["0.0.0.0", "192.0.2.7", "::"])
def test_beyond_loopback_there_has_to_be_an_account(tmp_path: Path, listen: str) -> None:
    with pytest.raises(InputError, match=f"lineproof user add NAME .*--data {tmp_path}"):
        check_has_account(listen, tmp_path, has_account=False)
    check_has_account(listen, tmp_path, has_account=True)
    check_has_account("127.0.0.1", tmp_path, has_account=False)
