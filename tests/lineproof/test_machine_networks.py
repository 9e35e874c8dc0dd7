"""Where a node may look for machines: what somebody types in does not lead anywhere else."""

from __future__ import annotations

import pytest

from domain.errors import InputError, NotAllowedError
from lineproof.machine_networks import network, pinned

HALL = [network("10.1.0.0/16"), network("fd00::/8")]
HERE = [network("127.0.0.0/8"), network("::1/128")]


@pytest.mark.parametrize(
    ("url", "connected_to"),
    [
        ("opc.tcp://10.1.2.3:4840", "opc.tcp://10.1.2.3:4840"),
        ("opc.tcp://10.1.2.3", "opc.tcp://10.1.2.3:4840"),
        ("opc.tcp://10.1.2.3:4840/press", "opc.tcp://10.1.2.3:4840/press"),
        ("mqtt://10.1.2.3", "mqtt://10.1.2.3:1883"),
        ("mqtts://10.1.2.3:8883", "mqtts://10.1.2.3:8883"),
        ("opc.tcp://[fd00::7]:4840", "opc.tcp://[fd00::7]:4840"),
        ("opc.tcp://[::ffff:10.1.2.3]:4840", "opc.tcp://10.1.2.3:4840"),
        ("opc.tcp://0x0a010203:4840", "opc.tcp://10.1.2.3:4840"),
    ],
)
def test_inside_of_the_networks(url: str, connected_to: str) -> None:
    assert pinned(url, HALL) == connected_to


@pytest.mark.parametrize(
    "url",
    [
        "opc.tcp://127.0.0.1:4840",
        "opc.tcp://localhost:4840",
        "mqtt://169.254.169.254:80",
        "opc.tcp://[::1]:4840",
        "opc.tcp://[::ffff:127.0.0.1]:4840",
        "opc.tcp://0:4840",
        "opc.tcp://2130706433:4840",
        "opc.tcp://10.2.0.1:4840",
        "mqtts://localhost",
    ],
)
def test_outside_of_the_networks(url: str) -> None:
    with pytest.raises(NotAllowedError, match=r"may not look at .*10\.1\.0\.0/16"):
        pinned(url, HALL)


def test_without_networks_nowhere() -> None:
    with pytest.raises(NotAllowedError, match="no network"):
        pinned("opc.tcp://10.1.2.3:4840", [])


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://10.1.2.3/",
        "file:///etc/passwd",
        "opc.tcp:10.1.2.3",
        "opc.tcp://",
        "opc.tcp://10.1.2.3:99999",
        "opc.tcp://10.1.2.3:4840?x=1",
        "opc.tcp://10.1.2.3:4840#x",
        "opc.tcp://10.1.2.3:4840 x",
        "opc.tcp://10.1.2.3\r\nHost: x",
        "opc.tcp://" + "a" * 400,
        "opc.tcp://[10.1.2.3",
    ],
)
def test_what_is_no_address_of_a_machine(url: str) -> None:
    with pytest.raises(InputError, match="no address of a machine"):
        pinned(url, HALL)


def test_credentials_in_the_address_are_refused_and_not_said_again() -> None:
    with pytest.raises(InputError, match="user name or password") as refused:
        pinned("opc.tcp://ann:secret@10.1.2.3:4840", HALL)
    assert "secret" not in str(refused.value)


def test_a_name_is_looked_up_once() -> None:
    """What is connected to is the address that was allowed; only TLS proves a name itself."""
    assert pinned("opc.tcp://localhost:4840", HERE) in (
        "opc.tcp://127.0.0.1:4840",
        "opc.tcp://[::1]:4840",
    )
    assert pinned("mqtts://localhost:8883", HERE) == "mqtts://localhost:8883"
    with pytest.raises(InputError, match="nobody knows the name"):
        pinned("opc.tcp://no-such-host.invalid:4840", HERE)


def test_what_is_no_network() -> None:
    with pytest.raises(ValueError, match="as in 10"):
        network("10.0.0.1/8")
