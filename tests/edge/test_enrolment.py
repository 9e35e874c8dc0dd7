"""Agents enrol at a real collector with TLS, as a process, and send to it as processes."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from certificates import make_certificate
from command_line import lineproof, refused, start
from peers import PATIENCE_S, free_port, wait_until
from scripted_collector import Say, scripted_collector

from edge.collector_trust import PINNED_FILE, pinned

EDGE = """\
name: {name}
data: {name}-data
collector: {url}
machines:
  - {{line: line-1, machine: meter, profile: shelly/pro3em-mqtt,
      connection: {{url: "mqtt://127.0.0.1:1", topic: t}}}}
"""


@dataclass
class RunningCollector:
    url: str
    data: Path
    client: httpx.Client

    def code(self, name: str) -> str:
        answer = self.client.post(f"/api/v1/agents/{name}/code")
        assert answer.is_success, answer.text
        return str(answer.json()["code"])

    def agent(self, name: str) -> dict[str, Any]:
        agents = self.client.get("/api/v1/agents").json()
        return next((it for it in agents if it["agent"] == name), {})

    def batches(self, name: str) -> int:
        said = self.client.get("/api/v1/health/findings").json()["findings"]
        found = [it["detail"] for it in said if it["subject"] == f"agent {name}"]
        return int(found[0].split()[0]) if found and found[0].endswith("batches") else 0


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    folder = tmp_path_factory.mktemp("collector")
    port = free_port()
    config = folder / "collector.yaml"
    config.write_text(f"data: data\nport: {port}\ntls: own\n")
    lineproof("tls", "--data", folder / "data")
    authority = (folder / "data" / "tls" / "authority.pem").read_text()
    url = f"https://127.0.0.1:{port}"
    process = start("collector", "--config", config, output=folder / "log")
    with httpx.Client(
        base_url=url, verify=pinned(authority), trust_env=False, timeout=PATIENCE_S
    ) as client:
        try:
            wait_until(lambda: _is_ready(client), f"the collector (see {folder / 'log'})")
            yield RunningCollector(url, folder / "data", client)
        finally:
            process.terminate()
            assert process.wait(timeout=PATIENCE_S) == 0


def _is_ready(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return client.get("/api/v1/health/ready").is_success
    return False


@pytest.fixture
def config(tmp_path: Path, collector: RunningCollector) -> Callable[[str], Path]:
    """The file of an agent of that name."""

    def written(name: str, url: str = collector.url) -> Path:
        path = tmp_path / f"{name}.yaml"
        path.write_text(EDGE.format(name=name, url=url))
        return path

    return written


@contextlib.contextmanager
def _running(config: Path) -> Iterator[Path]:
    """The agent as a process; gives its log."""
    log = config.with_suffix(".log")
    process = start("edge", "--config", config, output=log)
    try:
        yield log
    finally:
        process.terminate()
        assert process.wait(timeout=PATIENCE_S) == 0, log.read_text()[-2000:]


def test_an_agent_enrols_rotates_its_key_and_is_revoked(
    collector: RunningCollector, config: Callable[[str], Path]
) -> None:
    file = config("hall-1")
    said = lineproof(
        "edge", "enrol", "--config", file, "--url", collector.url,
        "--code", collector.code("hall-1"),
    ).output  # fmt: skip
    assert "hall-1 is enrolled" in said
    kept = file.parent / "hall-1-data" / PINNED_FILE
    assert kept.read_text() == (collector.data / "tls" / "authority.pem").read_text()
    with _running(file):
        wait_until(lambda: collector.batches("hall-1") > 0, "a batch")
    first = collector.batches("hall-1")

    assert "old key is believed" in lineproof("edge", "rotate", "--config", file).output
    keys = collector.agent("hall-1")["keys"]
    assert [it["in_force"] for it in keys] == [True, True]
    assert keys[0]["until"]
    with _running(file):
        wait_until(lambda: collector.batches("hall-1") > first, "a batch of the new key")

    assert collector.client.post("/api/v1/agents/hall-1/revocation").json()["changed"] is True
    with _running(file) as log:
        wait_until(lambda: "This agent was revoked" in log.read_text(), "the refusal")
    assert _held(file.parent / "hall-1-data") > 0  # nothing is lost
    assert collector.agent("hall-1")["revoked_at"]
    assert "was revoked" in refused("edge", "rotate", "--config", file)


def _held(data: Path) -> int:
    with contextlib.closing(sqlite3.connect(data / "spool.sqlite")) as spool:
        return int(spool.execute("select count(*) from sealed").fetchone()[0])


def test_a_code_works_once(collector: RunningCollector, config: Callable[[str], Path]) -> None:
    code = collector.code("hall-2")
    asked = ("edge", "enrol", "--url", collector.url, "--code", code)
    assert "for agent 'hall-2', not 'hall-3'" in refused(*asked, "--config", config("hall-3"))
    lineproof(*asked, "--config", config("hall-2"))
    said = refused(*asked, "--data", config("hall-2").parent / "other")
    assert "this code was used before" in said
    assert "lineproof agent code" in said


@pytest.mark.parametrize("code", ["nonsense", ""])
def test_a_code_that_is_none(
    collector: RunningCollector, config: Callable[[str], Path], code: str
) -> None:
    known = collector.code("hall-4").partition(".")[2]
    said = refused(
        "edge", "enrol", "--config", config("hall-4"), "--url", collector.url,
        "--code", f"{code}.{known}",
    )  # fmt: skip
    assert "there is no such code" in said


def test_somebody_in_between_gets_no_code(
    collector: RunningCollector, config: Callable[[str], Path], tmp_path: Path
) -> None:
    """It has a certificate of its own, and may even show the true authority."""
    code = collector.code("hall-5")
    true = (collector.data / "tls" / "authority.pem").read_text()
    other = make_certificate(tmp_path, "other")
    for shown in (other.certificate.read_text(), true):
        with scripted_collector(Say(200, {"authority": shown}), secured=other) as between:
            said = refused(
                "edge", "enrol", "--config", config("hall-5"), "--url", between.url, "--code", code
            )
            assert between.url in said
            assert {it["method"] for it in between.requests} == {"GET"}
        assert "sent to it" in said
    assert not (tmp_path / "hall-5-data" / PINNED_FILE).exists()


@pytest.mark.parametrize("url", ["http://node.example", "ftp://127.0.0.1", "nonsense", "https://"])
def test_a_code_does_not_travel_in_the_open(config: Callable[[str], Path], url: str) -> None:
    said = refused("edge", "enrol", "--config", config("hall-6"), "--url", url, "--code", "c")
    assert "a code cannot be sent" in said


def test_codes_and_revocations_of_a_node_that_is_not_running(tmp_path: Path) -> None:
    data = tmp_path / "data"
    lineproof("tls", "--data", data)
    assert "no agent 'hall-1'" in refused("agent", "revoke", "hall-1", "--data", _made(data))
    code = lineproof("agent", "code", "hall-1", "--data", data).output
    secret, _, fingerprint = code.partition(".")
    assert len(secret) > 40
    assert fingerprint.strip() in lineproof("tls", "--data", data).output
    assert lineproof("agent", "list", "--data", data, "--json").json == []


def _made(data: Path) -> Path:
    plant = data.parent / "plant.yaml"
    plant.write_text(
        'plant: p\ntimezone: Asia/Hong_Kong\ncompany: {name: {en: P}, business_registration: "1"}\n'
        "lines: {line-1: {name: {en: L}, ideal_cycle_time_s: 1, machines: {m: {profile: import}}, "
        "roles: {state: m}}}\n"
    )
    lineproof("apply", "-f", plant, "--data", data)
    return data
