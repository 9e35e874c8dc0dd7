"""A node with TLS as a process: real handshakes on loopback, its own agents included."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from certificates import make_certificate
from command_line import start
from peers import PATIENCE_S, free_port, wait_until

from edge.collector_trust import pinned
from lineproof.tls.authority import issued

PLANT = """\
plant: secured
timezone: Asia/Hong_Kong
company: {name: {en: Secured}, business_registration: "1"}
lines:
  line-1:
    name: {en: Line 1}
    ideal_cycle_time_s: 1
    machines:
      press: {profile: import}
      meter:
        profile: shelly/pro3em-mqtt
        connection: {url: "mqtt://127.0.0.1:1", topic: t}
    roles: {state: press, energy: meter}
"""


@contextlib.contextmanager
def _up(folder: Path, settings: str, authority: Path) -> Iterator[httpx.Client]:
    """A node; the client trusts that authority alone."""
    (folder / "plant.yaml").write_text(PLANT)
    (folder / "node.yaml").write_text(settings)
    port = free_port()
    words = ("--plant", folder / "plant.yaml", "--config", folder / "node.yaml")
    log = folder / "node.log"
    process = start("up", *words, "--data", folder / "data", "--port", str(port), output=log)
    trusts = pinned(authority.read_text())
    trusts.check_hostname = "own" in settings
    try:
        with httpx.Client(
            timeout=PATIENCE_S, base_url=f"https://127.0.0.1:{port}", verify=trusts, trust_env=False
        ) as client:
            wait_until(lambda: _is_ready(client), f"the node to be ready (see {log})")
            yield client
    finally:
        process.terminate()
        assert process.wait(timeout=PATIENCE_S) == 0, log.read_text()[-3000:]


def _is_ready(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return client.get("/api/v1/health/ready").is_success
    return False


@pytest.mark.parametrize("kind", ["own", "given"])
def test_a_node_with_tls_takes_its_own_agents_batches(tmp_path: Path, kind: str) -> None:
    if kind == "own":
        authority = issued(tmp_path / "data", None, datetime.now(UTC)).authority_file
        settings = "tls: own\nhosts: [node.factory]\n"
    else:
        authority = make_certificate(tmp_path, "given").certificate
        settings = "tls: {certificate: given.pem, key: given.key.pem}\nhosts: [node.factory]\n"
    with _up(tmp_path, settings, authority) as client:
        wait_until(lambda: bool(client.get("/api/v1/batches").json()), "a batch of its agent")
        assert "line-1 / meter" in client.get("/agents").text
        told = 'lineproof_agent_machine_alive{agent="line-1.mqtt-json",line="line-1",'
        assert told in client.get("/metrics").text
        floor = client.get("/floor", headers={"host": "node.factory"})
        assert floor.headers["strict-transport-security"].startswith("max-age=")
        assert "strict-transport-security" not in client.get("/floor").headers
        stranger = make_certificate(tmp_path, "stranger").certificate
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(
                f"{client.base_url}/floor",
                verify=ssl.create_default_context(cafile=stranger),
                trust_env=False,
            )
