"""Real peers for tests: servers from Debian and npm, started on loopback.

Rule: a peer that is missing skips the test with the reason and the mend; in CI
(`CI=true`) it fails instead, because there `tests/setup-peers` must have run.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
NODE_PEERS = ROOT / "tests" / "peers"
PYTHON_PEERS = ROOT / "tests" / ".peers" / "python"
NEWER_PYTHONS = ("python3.12", "python3.13", "python3.14", "python3.15")
SHARED_DATA = ROOT.parent / "shared" / "data"
# So long a test waits for anything before it fails: far more than a quiet machine needs, so that
# a busy one does not fail it.
PATIENCE_S = 120.0
PORTS_FROM, PORTS = 12_000, 20_000
WORKERS = 16  # more test processes at a time than any machine here runs

_given: set[int] = set()


def require(*, program: str = "", path: Path | None = None) -> Path:
    """Where the peer is; skips (in CI: fails) when it is not on this machine."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") if program else None
    if found:
        return Path(found)
    if path is not None and path.exists():
        return path
    reason = f"{program or path} is not installed: run tests/setup-peers"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def require_python_peer(program: str) -> Path:
    """A program of the Python packages that need a newer Python than we do. Without one on this
    machine they cannot be there, so the test skips also in CI."""
    path = PYTHON_PEERS / "bin" / program
    if not path.exists() and not any(map(shutil.which, NEWER_PYTHONS)) and not _of_pyenv():
        pytest.skip(f"'{program}' needs Python 3.12, which is not on this machine")
    return require(path=path)


def _of_pyenv() -> list[Path]:
    return list(Path.home().glob(".pyenv/versions/3.1[2-9].*/bin/python3"))


def require_shared_data(name: str) -> Path:
    """A file or folder of the reference data beside the checkout; skips where it is absent."""
    path = SHARED_DATA / name
    if not path.exists():
        pytest.skip(f"the reference data '{name}' are not on this machine")
    return path


def free_port() -> int:
    """A port that nobody listens on, below those that outgoing connections are given.

    Each test process has ports of its own and gives none of them twice: a test may have one that
    its server does not listen on yet.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    while True:
        port = PORTS_FROM + secrets.randbelow(PORTS // WORKERS) * WORKERS + worker
        if port in _given:
            continue
        _given.add(port)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def port_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def local_get(url: str, **options: Any) -> httpx.Response:
    """`httpx.get` from a server on this machine: without certificates, which takes it 40 ms of
    computing to load each time."""
    return httpx.get(url, timeout=PATIENCE_S, verify=False, **options)


def wait_until(condition: Callable[[], bool], what: str, *, timeout_s: float = PATIENCE_S) -> None:
    """Poll until the condition holds; fails the test with `what` when it never does."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {timeout_s:.0f} s in vain: {what}")
        time.sleep(0.05)


def answered(log: Path, begin: str) -> Any:
    """The JSON line of a peer's output that begins so; waits for it."""

    def lines() -> list[str]:
        written = log.read_text()
        whole = written[: written.rfind("\n") + 1].splitlines()
        return [it for it in whole if it.startswith(begin)]

    wait_until(lambda: bool(lines()), f"{begin} in {log}")
    return json.loads(lines()[0])


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    *,
    ready: Callable[[], bool],
    log: Path,
    cwd: Path | None = None,
    stdin: int | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A peer process for the length of the block, its output in `log`; `stdin` as for `Popen`."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdin=stdin, stdout=output, stderr=output, cwd=cwd)
    try:
        wait_until(
            lambda: ready() or process.poll() is not None, f"{command[0]} to start (see {log})"
        )
        if process.poll() is not None:
            pytest.fail(f"{command[0]} ended at once: {log.read_text()[-2000:]}")
        yield process
    finally:
        process.terminate()
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
