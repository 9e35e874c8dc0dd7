"""Whether a port speaks TLS or plain MQTT, of servers that are neither.

Real brokers of both kinds: test_json_source.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from peers import free_port

from edge.sources.mqtt.encryption import client_refused, speaks_plain_mqtt, speaks_tls
from edge.sources.mqtt.settings import mqtt_settings


@pytest.fixture(params=[b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20", b"\x15\x03\x03\x00\x02"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """Of a server that answers everybody so, and ends the connection."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                client.recv(100)
                client.sendall(request.param)

    thread = threading.Thread(target=serve)
    thread.start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_what_is_neither_is_taken_for_neither(port: int) -> None:
    settings = mqtt_settings({"url": f"mqtts://127.0.0.1:{port}"}, "c")
    assert not speaks_tls("127.0.0.1", port)
    assert not speaks_plain_mqtt("127.0.0.1", port)
    assert client_refused(settings) == ""


def test_where_nobody_listens_nothing_is_spoken() -> None:
    assert not speaks_tls("127.0.0.1", free_port())
    assert not speaks_plain_mqtt("127.0.0.1", free_port())
    assert not speaks_tls("no.such.host.invalid", 1)
