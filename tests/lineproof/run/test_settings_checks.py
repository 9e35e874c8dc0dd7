"""`doctor --config`: what is wrong in a settings file, before anything is started with it."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certificates import make_certificate
from command_line import run

from lineproof.run.settings_checks import ENDS_SOON, examine_settings
from lineproof.tls.certificates import read_certificate
from lineproof.upkeep.findings import Finding

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)


def examined(
    folder: Path, text: str, now: datetime = NOW, port: int | None = None
) -> list[Finding]:
    file = folder / "settings.yaml"
    file.write_text(text)
    return examine_settings(file, now, port=port)


def problems(found: list[Finding]) -> list[str]:
    return [it.detail for it in found if it.status == "problem"]


def test_good_settings_of_each_part(tmp_path: Path) -> None:
    for text, what in (
        ("store: duckdb\n", "a node"),
        (f"data: {tmp_path}\nlisten: 127.0.0.1\nport: 8443\n", "a collector or API"),
    ):
        first, *_ = examined(tmp_path, text)
        assert (first.status, first.detail.endswith(f"the settings of {what}")) == ("ok", True)


def test_all_that_is_wrong_is_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    wrong = problems(examined(tmp_path, "store: duckbd\nhost: [a]\n"))
    assert [("line 1" in it, "line 2" in it) for it in wrong] == [(True, False), (False, True)]


def test_what_is_no_yaml_and_what_is_not_there(tmp_path: Path) -> None:
    assert len(problems(examined(tmp_path, "a: [b\n"))) == 1
    assert len(problems(examine_settings(tmp_path / "gone.yaml", NOW))) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hosts: ['https://node.factory']\n", "'https://node.factory' is no name"),
        ("hosts: ['node.factory:8443']\n", "'node.factory:8443' is no name"),
        ("tls: {certificate: /gone/a.pem, key: /gone/a.key}\n", "cannot be read"),
        ("registry: 'mysql://u@h/n'\n", "field 'registry': this is not the URL"),
        (
            "store: influxdb\ninfluxdb: {url: 'tcp://h:8086', bucket: b}\n",
            "field 'influxdb.url': this is no address",
        ),
        ("archive: {url: 'S3://Bucket'}\n", "no place of an archive"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, says: str) -> None:
    (problem,) = problems(examined(tmp_path, text))
    assert says in problem


def test_no_secret_is_told(tmp_path: Path) -> None:
    text = "registry: [geheim]\nstore: influxdb\ninfluxdb: {url: h, bucket: b, token: [geheim]}\n"
    found = examined(tmp_path, text) + examined(tmp_path, "registry: 'mysql://u:geheim@h/n'\n")
    assert len(problems(found)) >= 3
    assert "geheim" not in repr(found)


def test_an_archive_without_its_key(tmp_path: Path) -> None:
    place = "archive: {url: 's3://batches', key_id: k"
    assert [it.status for it in examined(tmp_path, f"{place}}}\n")] == ["ok", "warning"]
    assert [it.status for it in examined(tmp_path, f"{place}, secret: s}}\n")] == ["ok"]


def test_a_certificate_that_ends_soon_and_a_key_for_everybody(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, "served")
    made.key.chmod(0o600)
    ends = read_certificate(made.certificate).not_valid_after_utc
    text = f"tls: {{certificate: {made.certificate}, key: {made.key}}}\n"
    first, certificate = examined(tmp_path, text, ends - ENDS_SOON - timedelta(days=1))
    assert (first.status, certificate.status) == ("ok", "ok")
    _, certificate = examined(tmp_path, text, ends - ENDS_SOON + timedelta(days=1))
    assert (certificate.status, f"{ends:%Y-%m-%d}" in certificate.detail) == ("warning", True)
    made.key.chmod(0o644)
    key = examined(tmp_path, text, ends - ENDS_SOON - timedelta(days=1))[-1]
    assert (key.status, f"chmod 600 {made.key}" in key.todo) == ("warning", True)


def test_a_port_that_is_taken_may_be_this_one(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert examined(tmp_path, "store: duckdb\n", port=port)[-1].status == "warning"
    assert examined(tmp_path, "store: duckdb\n", port=port)[-1].status == "ok"


def test_the_command_leaves_with_1_and_tells_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "node.yaml"
    file.write_text("hosts: ['http://a']\n")
    monkeypatch.setenv("LINEPROOF_STORE__KNID", "duckdb")
    outcome = run("doctor", "--config", file, "--json")
    assert (outcome.status, outcome.json["ok"]) == (1, False)
    assert {it["subject"] for it in outcome.json["findings"]} == {"settings", "environment"}
    file.write_text("hosts: [node.factory]\n")
    assert run("doctor", "--config", file, "--json").status == 0
    assert run("doctor").status == 2
