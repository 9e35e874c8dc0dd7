"""The two ways to an InfluxDB server: line protocol in by its client library, InfluxQL out.

InfluxQL over `/query` is the one read interface that 1.x, 2.x and 3.x share; it answers in
CSV. What can go wrong between here and the server becomes a StorageError that says where and
what to do. Every write is idempotent, so one that failed may be sent again.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterable
from typing import NoReturn

import httpx
import polars as pl
import urllib3
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException

from domain.errors import StorageError
from store import work
from store.telemetry.influxdb.line_protocol import from_csv


class InfluxConnection:
    """`bucket`: a bucket's name, or `database/retention-policy`."""

    def __init__(self, url: str, org: str, bucket: str, token: str, timeout_s: float) -> None:
        self._url = url.rstrip("/")
        self._bucket = bucket
        self._client = InfluxDBClient(
            url=self._url, token=token, org=org, timeout=int(timeout_s * 1000)
        )
        self._writer = self._client.write_api(write_options=SYNCHRONOUS)
        database, _, policy = bucket.partition("/")
        self._database = {"db": database} | ({"rp": policy} if policy else {})
        self._http = httpx.Client(
            base_url=self._url,
            timeout=timeout_s,
            headers={"Accept": "application/csv"} | _authorization(token),
            # To load whom to trust takes longer than many queries, and plain HTTP asks nobody.
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if url.startswith("http:") else True,
        )
        self._open = True

    def write(self, pieces: Iterable[bytes]) -> None:
        """Make pieces of line protocol last, in their order. Raises StorageError: then some
        may have lasted."""
        self._check_open()
        for piece in pieces:
            try:
                self._writer.write(
                    bucket=self._bucket,
                    record=piece,
                    write_precision=WritePrecision.NS,  # type: ignore[arg-type]  # a str there
                )
            except ApiException as error:
                self._refused(error.status, str(error.body or error.reason))
            except (urllib3.exceptions.HTTPError, OSError) as error:
                raise self._unreachable(error) from error

    def read(self, statement: str, schema: pl.Schema) -> pl.DataFrame:
        """The rows of one SELECT as columns of that schema; `time_ns` is the points' time."""
        self._check_open()
        parameters = {**self._database, "q": statement, "epoch": "ns"}
        try:
            with work.piece():
                answer = self._http.get("/query", params=parameters)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        if answer.status_code != httpx.codes.OK:
            self._refused(answer.status_code, answer.text)
        if answer.content.startswith(b"error\n"):
            self._refused(httpx.codes.BAD_REQUEST, answer.text.removeprefix("error\n"))
        return from_csv(answer.content, schema)

    def tag_values(self, measurement: str, tag: str) -> list[str]:
        """Every value of the tag in that measurement."""
        rows = self.read(
            f'SHOW TAG VALUES FROM {measurement} WITH KEY = "{tag}"',
            pl.Schema({"value": pl.String()}),
        )
        return rows["value"].to_list()

    def newest_of_lines(self, measurement: str, field: str) -> dict[str, int]:
        """The highest number that serves as time in that measurement, for each line."""
        rows = self.read(
            f"SELECT last({field}) FROM {measurement} GROUP BY line",
            pl.Schema({"tags": pl.String(), "time_ns": pl.Int64()}),
        )
        line = pl.col("tags").str.strip_prefix("line=").str.replace_all(r"\\([,= ])", "$1")
        return dict(rows.select(line, "time_ns").iter_rows())

    def close(self) -> None:
        self._open = False
        self._http.close()
        self._client.close()  # type: ignore[no-untyped-call]  # the library leaves it so

    def _check_open(self) -> None:
        if not self._open:
            raise StorageError("the connection to InfluxDB is closed", where=self._url)

    def _unreachable(self, error: Exception) -> StorageError:
        return StorageError(
            f"the InfluxDB server does not answer ({error})",
            where=self._url,
            todo="Check that it runs and that url is right; nothing was acknowledged, so try "
            "again.",
        )

    def _refused(self, status: int | None, body: str) -> NoReturn:
        reason = _reason(body)
        if status in (401, 403):
            what = "InfluxDB does not accept the token"
            todo = "Give a token that may read and write the bucket."
        elif status == 404:
            what = f"InfluxDB has no bucket '{self._bucket}'"
            todo = "Create it without an expiry of data, or correct bucket and org."
        elif "partial write" in reason:
            what = "InfluxDB took only a part of the points"
            todo = (
                "Give Lineproof a bucket of its own, without an expiry of data; nothing was "
                "acknowledged, so it is sent again."
            )
        else:
            what = f"InfluxDB refused (HTTP status {status})"
            todo = "See the server's log; nothing was acknowledged, so try again."
        raise StorageError(f"{what} ({reason})", where=self._url, todo=todo)


def _authorization(token: str) -> dict[str, str]:
    return {"Authorization": f"Token {token}"} if token else {}


def _reason(body: str) -> str:
    """The message in a JSON answer of 1.x (`error`), 2.x or 3.x (`message`), or its text."""
    try:
        answer = json.loads(body)
        text = str(answer.get("error") or answer.get("message") or body)
    except (ValueError, AttributeError):
        text = body
    return " ".join(text.split())[:300]
