"""Whose address a request has."""

from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection

from api.http.access.client_address import UNKNOWN, client_address, from_where
from domain.access import Caller


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:0:1:aaaa::1", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:bbbb::2", "2001:db8:0:1::/64"),
        ("evil\n\x1b[2J", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_an_address_is_a_machine_or_a_network(host: str, address: str) -> None:
    assert client_address(HTTPConnection({"type": "http", "client": (host, 1)})) == address


def test_a_socket_without_an_address_is_unknown() -> None:
    assert client_address(HTTPConnection({"type": "http", "client": None})) == UNKNOWN


def test_a_shared_tablet_is_told_beside_its_address() -> None:
    request = HTTPConnection({"type": "http", "client": ("192.0.2.7", 1)})
    assert from_where(request, Caller("chan", device="tablet")) == "tablet at 192.0.2.7"
    for caller in (Caller("chan"), None):
        assert from_where(request, caller) == "192.0.2.7"
