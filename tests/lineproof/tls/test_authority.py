"""The node's own authority: made once, kept; its certificates are renewed when they have to be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command_line import answer, lineproof

from domain.errors import InputError
from lineproof.tls.authority import Issued, issued, names_for
from lineproof.tls.certificates import fingerprint, names_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)
NAMES = names_for(["node.factory", "192.0.2.7", "*"])


def _at(folder: Path, days: float = 0, **options: bool) -> Issued:
    return issued(folder, NAMES, NOW + timedelta(days=days), **options)


def test_it_stands_for_the_settings_hosts_and_loopback(tmp_path: Path) -> None:
    names = set(names_of(_at(tmp_path).certificate))
    assert names == {"node.factory", "192.0.2.7", "localhost", "127.0.0.1", "::1"}


def test_keys_are_their_owners_alone(tmp_path: Path) -> None:
    made = _at(tmp_path)
    for key in (made.files.key, made.authority_file.with_suffix(".key")):
        assert key.stat().st_mode & 0o777 == 0o600


def test_an_authority_lasts_ten_years_and_a_certificate_as_long_as_browsers_take(
    tmp_path: Path,
) -> None:
    made = _at(tmp_path)
    assert made.authority.not_valid_after_utc - NOW > timedelta(days=3650)
    lasts = made.certificate.not_valid_after_utc - made.certificate.not_valid_before_utc
    assert timedelta(days=300) < lasts <= timedelta(days=397)


@pytest.mark.parametrize(("days", "stays"), [(0, True), (360, True), (367, False), (500, False)])
def test_a_certificate_is_renewed_a_month_before_its_end(
    tmp_path: Path, days: float, stays: bool
) -> None:
    first, later = _at(tmp_path), _at(tmp_path, days)
    assert (later.certificate == first.certificate) is stays
    assert later.authority == first.authority


def test_near_its_own_end_the_authority_signs_nothing_that_outlives_it(tmp_path: Path) -> None:
    _at(tmp_path)
    late = _at(tmp_path, 3600)
    assert late.certificate.not_valid_after_utc == late.authority.not_valid_after_utc
    with pytest.raises(InputError, match=r"authority\.pem: this certificate ended on 2036-"):
        _at(tmp_path, 3700)


def test_another_host_makes_another_certificate(tmp_path: Path) -> None:
    first = _at(tmp_path)
    other = issued(tmp_path, names_for(["other"]), NOW)
    assert "other" in names_of(other.certificate)
    assert other.authority == first.authority
    assert issued(tmp_path, None, NOW).certificate == other.certificate


@pytest.mark.parametrize("file", ["node.key", "node.pem"])
def test_a_damaged_certificate_is_made_anew(tmp_path: Path, file: str) -> None:
    first = _at(tmp_path)
    (tmp_path / "tls" / file).write_text("nothing")
    assert _at(tmp_path).certificate != first.certificate


@pytest.mark.parametrize("file", ["authority.key", "authority.pem"])
@pytest.mark.parametrize("damage", ["no PEM", None])
def test_a_damaged_authority_is_never_replaced(
    tmp_path: Path, file: str, damage: str | None
) -> None:
    _at(tmp_path)
    path = tmp_path / "tls" / file
    path.unlink() if damage is None else path.write_text(damage)
    with pytest.raises(InputError, match=file):
        _at(tmp_path)


def test_a_name_that_no_certificate_can_have(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'knoten\.döner' is no name"):
        issued(tmp_path, names_for(["knoten.döner"]), NOW)


def test_the_command_shows_the_authority_and_renews_the_certificate(tmp_path: Path) -> None:
    settings = tmp_path / "node.yaml"
    settings.write_text("hosts: [node.factory]\ndata: x\nport: 8443\n")
    first = answer("tls", "--data", tmp_path / "data", "--config", settings)
    assert "node.factory" in first["node"]["names"]
    again = answer("tls", "--data", tmp_path / "data", "--renew")
    assert (again["fingerprint"], again["node"]["names"]) == (
        first["fingerprint"],
        first["node"]["names"],
    )
    said = lineproof("tls", "--data", tmp_path / "data").output
    kept = issued(tmp_path / "data", None, datetime.now(UTC))
    assert fingerprint(kept.authority) in said
    assert "-----BEGIN CERTIFICATE-----" in said
    assert "PRIVATE" not in said


def test_an_authority_that_was_moved_away_is_made_anew_with_its_certificate(
    tmp_path: Path,
) -> None:
    """As docs/network.md says it of the end of its ten years."""
    before = issued(tmp_path, None, NOW)
    for name in ("authority.pem", "authority.key"):
        (tmp_path / "tls" / name).rename(tmp_path / name)
    after = issued(tmp_path, None, NOW)
    assert after.authority != before.authority
    after.certificate.verify_directly_issued_by(after.authority)
    assert issued(tmp_path, None, NOW).certificate == after.certificate
