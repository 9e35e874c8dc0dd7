"""What is wrong in an OPC UA `connection` is one sentence before anything is connected."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from device_profiles.model.profile import OpcUaLimits
from domain.errors import InputError
from edge.sources.opcua.settings import opcua_settings, within

URL = "opc.tcp://127.0.0.1:4840"


def opcua_error(**connection: str) -> str:
    with pytest.raises(InputError) as error:
        opcua_settings(connection, "machine 'filler'")
    assert str(error.value).startswith("machine 'filler'")
    return str(error.value)


@pytest.mark.parametrize(
    "url", ["", "http://x:1", "opc.tcp://x", "opc.tcp://:4840", "opc.tcp://x:y"]
)
def test_opcua_url(url: str) -> None:
    assert f"'{url}' is not the address of an OPC UA server" in opcua_error(
        url=url, security="none"
    )


def test_opcua_security_must_be_said() -> None:
    """No default: a silent `none` would be the fall-back that benthos-umh has."""
    assert "the security is not said" in opcua_error(url=URL)
    for unknown in ("None", "Basic256", "Basic256Sha256/Encrypt", "none/Sign"):
        assert f"unknown security '{unknown}'" in opcua_error(url=URL, security=unknown)


def test_opcua_certificates_come_with_their_keys(tmp_path: Path) -> None:
    """Without any the agent's own is used."""
    assert opcua_settings({"url": URL, "security": "Basic256Sha256"}, "").secure
    there = tmp_path / "there.pem"
    there.write_text("")
    for given, missing in (
        ("certificate", "key"),
        ("key", "certificate"),
        ("user_key", "user_certificate"),
        ("user_certificate", "user_key"),
    ):
        why = opcua_error(url=URL, security="Basic256Sha256", **{given: str(there)})
        assert f"'{given}' is there without '{missing}'" in why
    missing = str(tmp_path / "none.pem")
    why = opcua_error(url=URL, security="Basic256Sha256", certificate=missing, key=missing)
    assert f"the file '{missing}' does not exist" in why


def test_opcua_one_way_to_sign_in_and_to_trust(tmp_path: Path) -> None:
    file = tmp_path / "a.pem"
    file.write_text("")
    pair = {"user_certificate": str(file), "user_key": str(file)}
    why = opcua_error(url=URL, security="none", user="chan", password="x", **pair)
    assert "named by a password and by a certificate" in why
    both = {"server_certificate": str(file), "trusted_servers": str(tmp_path)}
    assert "Leave out 'server_certificate'" in opcua_error(url=URL, security="none", **both)
    why = opcua_error(url=URL, security="none", trusted_servers=str(file))
    assert f"the folder '{file}' does not exist" in why
    why = opcua_error(url=URL, security="none", readable_password="yes")
    assert "'yes' is no usable readable_password. Write 'allowed'" in why


def test_opcua_history_may_be_left_unread() -> None:
    assert opcua_settings({"url": URL, "security": "none"}, "test").reads_history
    unread = {"url": URL, "security": "none", "history": "unread"}
    assert not opcua_settings(unread, "test").reads_history
    why = opcua_error(url=URL, security="none", history="no")
    assert "'no' is no usable history. Write 'unread'" in why


def test_opcua_misspelt_key_and_number() -> None:
    assert "unknown setting 'polcy'" in opcua_error(url=URL, security="none", polcy="x")
    assert "'fast' is no usable publishing_interval_ms" in opcua_error(
        url=URL, security="none", publishing_interval_ms="fast"
    )
    assert "'1' is no usable queue_size" in opcua_error(url=URL, security="none", queue_size="1")
    assert "'nan' is no usable" in opcua_error(url=URL, security="none", sampling_interval_ms="nan")


def test_opcua_credentials_do_not_belong_in_the_url() -> None:
    assert "contains a user name" in opcua_error(url="opc.tcp://a:b@x:4840", security="none")


def test_opcua_queue_size_follows_the_intervals() -> None:
    base = {"url": URL, "security": "none", "publishing_interval_ms": "1000"}
    assert opcua_settings(base, "").queue_size == 1000
    assert opcua_settings({**base, "sampling_interval_ms": "50"}, "").queue_size == 200
    assert opcua_settings({**base, "sampling_interval_ms": "5000"}, "").queue_size == 10
    assert opcua_settings({**base, "queue_size": "77"}, "").queue_size == 77


def test_no_more_is_asked_of_a_server_than_its_profile_says_that_it_takes() -> None:
    settings = opcua_settings({"url": URL, "security": "none"}, "")
    limits = OpcUaLimits(
        sampling_interval_ms_min=100, publishing_interval_ms_min=2_000, queue_size_max=20
    )
    least = within(settings, limits)
    intervals = (least.sampling_interval_ms, least.publishing_interval_ms, least.queue_size)
    assert intervals == (100, 2_000, 20)
    slower = replace(
        settings, sampling_interval_ms=500, publishing_interval_ms=5_000, queue_size=10
    )
    assert within(slower, limits) == slower
    assert within(settings, OpcUaLimits()) == settings
