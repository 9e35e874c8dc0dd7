"""Servers that are not there, refuse, or take a part."""

from __future__ import annotations

import pytest
from influx import InfluxServer
from peers import free_port
from telemetry import at, batch, rejections, samples, spans

from domain.errors import StorageError
from domain.time import micros
from store.telemetry.influxdb.client import InfluxConnection
from store.telemetry.influxdb.store import InfluxStore

CONTENT = (
    samples({"time": at(10), "value": 5.0}, {"time": at(11), "value": 6.0}),
    spans((at(0), at(20))),
    rejections({"received": at(1), "reason": "no number"}),
)


def opened(server: InfluxServer, bucket: str, *, token: str | None = None) -> InfluxStore:
    return InfluxStore(
        server.url, server.org, bucket, server.token if token is None else token, timeout_s=20
    )


def test_a_server_that_is_not_there_is_named(influx: InfluxServer) -> None:
    port = free_port()
    with pytest.raises(StorageError, match=rf"127\.0\.0\.1:{port}: .*does not answer.*Check"):
        InfluxStore(f"http://127.0.0.1:{port}", "o", "b", "t", timeout_s=2)


def test_a_wrong_token_is_said(influx: InfluxServer) -> None:
    with pytest.raises(StorageError, match=r"does not accept the token .*unauthorized"):
        opened(influx, influx.new_bucket(), token="wrong")


def test_an_unknown_bucket_is_said(influx: InfluxServer) -> None:
    with pytest.raises(StorageError, match=r"no bucket 'nowhere/autogen' .*Create it"):
        opened(influx, "nowhere/autogen")


def test_points_that_the_server_drops_are_no_success(influx: InfluxServer) -> None:
    """A bucket that another program has written: its `quality` is a text."""
    bucket = influx.new_bucket()
    store = opened(influx, bucket)
    connection = InfluxConnection(influx.url, influx.org, bucket, influx.token, 20)
    time_ns = micros(at(10)) * 1000
    connection.write([f'samples,line=x quality="good" {time_ns}'.encode()])
    connection.close()
    with pytest.raises(StorageError, match=r"took only a part .*a bucket of its own"):
        store.append([batch(1, *CONTENT)])
    assert store.batches() == []
    store.close()
