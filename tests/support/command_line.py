"""The program from outside: its command line, and a node that runs as a process of its own.

Knows nothing of the program's modules; what a user sees is all there is.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import forked_command
import httpx
import pytest
from forked_process import ForkedProcess
from peers import PATIENCE_S, ROOT, free_port, local_get, wait_until


@dataclass(frozen=True)
class Outcome:
    """What a command left: exit status, standard output, standard error."""

    status: int
    output: str
    errors: str

    @property
    def json(self) -> Any:
        return json.loads(self.output)


def run(
    *arguments: str | Path,
    environment: Mapping[str, str] | None = None,
    folder: Path = ROOT,
) -> Outcome:
    """`lineproof` with these arguments in a process of its own, whatever comes of it."""
    with tempfile.TemporaryDirectory() as said:
        output, errors = Path(said, "output"), Path(said, "errors")
        process = start(
            *arguments, output=output, errors=errors, environment=environment, folder=folder
        )
        try:
            status = process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            pytest.fail(f"{arguments} does not end: {errors.read_text()[-2000:]}")
        return Outcome(status, output.read_text(), errors.read_text())


def start(
    *arguments: str | Path,
    output: Path,
    errors: Path | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path = ROOT,
) -> ForkedProcess:
    """`lineproof` with these arguments, running; what it prints is added to the files."""
    words = [str(argument) for argument in arguments]
    return ForkedProcess(
        forked_command.lineproof,
        *words,
        output=output,
        errors=errors,
        environment=environment,
        folder=folder,
    )


def lineproof(*arguments: str | Path) -> Outcome:
    """`lineproof` with these arguments; fails the test when it does not leave with 0."""
    outcome = run(*arguments)
    assert outcome.status == 0, f"{arguments} left with {outcome.status}: {outcome.errors}"
    return outcome


def answer(*arguments: str | Path) -> Any:
    """The JSON document that the command prints."""
    return lineproof(*arguments, "--json").json


def refused(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> str:
    """The one sentence with which a command refuses wrong usage or input: exit status 2,
    nothing on standard output, no trace."""
    outcome = run(*arguments, environment=environment)
    assert outcome.status == 2, f"{outcome.status}: {outcome.output}{outcome.errors}"
    assert outcome.output == ""
    lines = [line for line in outcome.errors.splitlines() if line.strip()]
    assert len(lines) == 1, outcome.errors
    assert "Traceback" not in outcome.errors
    return lines[0]


@dataclass(frozen=True)
class Node:
    """A running node: its address, and its log for whoever must look why."""

    url: str
    log: Path
    process: ForkedProcess

    def get(self, path: str, **query: str) -> Any:
        """The JSON of `GET /api/v1/{path}`."""
        response = local_get(f"{self.url}/api/v1/{path}", params=query)
        assert response.is_success, response.text
        return response.json()

    def rows(self, path: str, **query: str) -> list[Any]:
        """All rows of a list that is paged by cursor: each page links to the next one."""
        found: list[Any] = []
        address: str | None = f"{self.url}/api/v1/{path}?{urlencode(query)}"
        while address is not None:
            response = local_get(address)
            assert response.is_success, response.text
            found += response.json()
            following = response.links.get("next", {}).get("url")
            address = following and urljoin(address, following)
        return found


@contextlib.contextmanager
def node(
    data: Path, plant: Path, *grants: Path, stop_s: float = PATIENCE_S, settings: str = ""
) -> Iterator[Node]:
    """`lineproof up` on a free port for the length of the block; it must stop by SIGTERM with 0.
    It seals as soon as anything is new: what is asked for here is mostly what is sealed.
    `settings`: more lines for its settings' file."""
    port = free_port()
    config = data.with_name(f"{data.name}.settings.yaml")
    config.write_text(f"seal_after_s: 0\n{settings}")
    log = data.with_name(f"{data.name}.log")
    given = [word for grant in grants for word in ("--grant", grant)]
    files = ("--plant", plant, "--data", data, "--config", config)
    process = start("up", *files, *given, "--port", str(port), output=log)
    running = Node(f"http://127.0.0.1:{port}", log, process)
    try:
        wait_until(
            lambda: _is_ready(running) or process.poll() is not None,
            f"the node to be ready (see {log})",
        )
        if process.poll() is not None:
            pytest.fail(f"the node ended at once: {log.read_text()[-2000:]}")
        yield running
        assert process.poll() is None, f"the node ended by itself: {log.read_text()[-2000:]}"
    finally:
        process.terminate()
        try:
            status = process.wait(timeout=stop_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            pytest.fail(f"the node does not stop (see {log})")
    assert status == 0, log.read_text()[-2000:]


def _is_ready(running: Node) -> bool:
    try:
        return local_get(f"{running.url}/api/v1/health/ready").is_success
    except httpx.HTTPError:
        return False
