"""Real S3-compatible object stores for tests, each a server on loopback, one for a test process:
moto's, in memory, which takes any key; and rclone's, on a folder, which checks keys and ignores
put-if-absent. Every place that is given out is an empty prefix of one bucket."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from peers import free_port, port_open, require, running

from store.archive.object_client import ObjectPlace

KEY_ID, SECRET, BUCKET = "AKIDEXAMPLE", "a secret that nobody may see", "evidence"
KINDS = ("moto", "rclone")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class ObjectServer:
    """`folder`: where the bucket's objects lie as files, at rclone's alone."""

    endpoint: str
    folder: Path

    def place(self) -> ObjectPlace:
        """An empty one."""
        prefix = f"test/{next(_numbers)}"
        return ObjectPlace(BUCKET, prefix, self.endpoint, "us-east-1", KEY_ID, SECRET)

    def settings(self, place: ObjectPlace) -> str:
        """As they stand in store.yaml."""
        return (
            f"archive_url: {place.url}\narchive_endpoint: {place.endpoint}\n"
            f"archive_key_id: {place.key_id}\narchive_secret: {place.secret}\n"
        )


@contextlib.contextmanager
def object_server(kind: str, scratch: Path) -> Iterator[ObjectServer]:
    """One of KINDS for the length of the block; skips where it is not installed."""
    port = free_port()
    programs, address = Path(sys.executable).parent, f"127.0.0.1:{port}"
    command: list[str | Path]
    (scratch / BUCKET).mkdir(parents=True)
    if kind == "moto":
        command = [require(path=programs / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    else:
        command = [require(path=programs / "rclone"), "serve", "s3", "--addr", address]
        # Files that a test spoils are seen at once; 0 would keep rclone busy with looking.
        command += ["--auth-key", f"{KEY_ID},{SECRET}", "--dir-cache-time", "1ms"]
        command += ["--config", scratch / "none.conf", scratch]
    log = scratch.with_suffix(".log")
    with running(command, ready=lambda: port_open(port), log=log):
        if kind == "moto":
            httpx.put(f"http://{address}/{BUCKET}", verify=False).raise_for_status()
        yield ObjectServer(f"http://{address}", scratch / BUCKET)


def with_secret(place: ObjectPlace, secret: str) -> ObjectPlace:
    """The same place for somebody else."""
    return replace(place, secret=secret)
