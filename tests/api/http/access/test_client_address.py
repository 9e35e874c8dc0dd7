"""Whose address a request has."""

from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection

from api.http.access.client_address import UNKNOWN, client_address


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
